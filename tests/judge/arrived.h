// Which pages came: ranges of pfns from a text, `first end` a line, ascending, end exclusive.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_ARRIVED_H
#define JUDGE_ARRIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arrived {
	struct arrived_range {
		uint64_t first, end;
	} *ranges;
	size_t count, at;
};

// False, with a line on standard error: it cannot be read. Without a path every page came.
bool arrived_read(struct arrived *a, const char *path);

// To be asked in ascending order.
bool arrived_has(struct arrived *a, uint64_t pfn);

void arrived_deinit(struct arrived *a);

#endif
