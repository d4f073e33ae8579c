// The table of differences that are known and right: each must appear exactly as it is listed.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_EXPECTED_H
#define JUDGE_EXPECTED_H

#include <stdbool.h>

#include "difference.h"
#include "elfcore.h"

// Takes the differences that the table at path lists for this kernel and level out of d and prints a line for each.
// A rule's pfns are identified from the vmcore, not by their number alone. What is listed and does not appear with
// exactly its count becomes a difference itself. False after a line on stderr if the table cannot be understood.
bool expected_take(const char *path, const char *kernel, int level, const struct elfcore *vmcore, uint32_t page_size,
		   struct differences *d);

#endif
