/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader of journals with its own copy of the format, to judge what the receiver wrote. */
#ifndef RECV_JOURNALREADER_H
#define RECV_JOURNALREADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/recv/plan.h"

struct journal_page {
	bool there;
	uint64_t offset;	/* of its bytes in the dump file */
	uint32_t size, flags;	/* as in a descriptor; 0 bytes: the zero page */
};

struct journal_view {
	bool intro;		/* SESSION, DUMP, RAM and INTRO are there */
	bool vital;		/* the vital window is */
	uint64_t pfn;		/* windows are there up to it */
	uint64_t zero_page;
	size_t used;		/* bytes up to the end of the last whole record */
	struct journal_page pages[PLAN_PFNS];	/* of closed windows */
};

/* NULL, or what is wrong: a record that is cut or damaged only ends the journal. */
const char *journal_view(struct journal_view *v, const uint8_t *bytes, size_t len);

#endif
