/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test begins with: cmocka and what it wants included before it, and checks that name a table's row. */
#ifndef UNIT_H
#define UNIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/status.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* NAME is the row of the table, a text that tells its story. */
#define CHECK(name, condition) \
	do { \
		if (!(condition)) \
			fail_msg("%s: not so: %s", name, #condition); \
	} while (0)

#define CHECK_EQ(name, got, wanted) \
	do { \
		uint64_t got_ = (uint64_t)(got), wanted_ = (uint64_t)(wanted); \
		if (got_ != wanted_) \
			fail_msg("%s: %s is 0x%" PRIx64 " (%" PRId64 "), wanted 0x%" PRIx64 " (%" PRId64 ")", name, #got, got_, \
				 (int64_t)got_, wanted_, (int64_t)wanted_); \
	} while (0)

#define CHECK_TEXT(name, got, wanted) \
	do { \
		if (strcmp(got, wanted) != 0) \
			fail_msg("%s: %s is '%s', wanted '%s'", name, #got, got, wanted); \
	} while (0)

#define CHECK_OK(name, status, err) \
	do { \
		if (status) \
			fail_msg("%s: failed with %s", name, (err)->text); \
	} while (0)

/* The refusal must have this status and say PART somewhere in its text. */
#define CHECK_REFUSED(name, status_, wanted, err, part) \
	do { \
		enum kf_status got_ = (status_); \
		if (got_ == KF_OK) \
			fail_msg("%s: was accepted", name); \
		if (got_ != (wanted) || (err)->status != got_ || !strstr((err)->text, part)) \
			fail_msg("%s: status %d, wanted %d; text '%s', wanted '%s' in it", name, (int)got_, (int)(wanted), \
				 (err)->text, part); \
	} while (0)

/* Numbers without a pattern that are the same in every run. */
static inline uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) ^ (*seed << 31);
}

#endif
