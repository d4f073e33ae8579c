// What two dumps differ in: a list of pfns for each kind, and texts for what belongs to no page.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_DIFFERENCE_H
#define JUDGE_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// "A" is the dump that is judged, "B" the one that it is compared with.
enum difference_kind {
	DIFF_BITMAP1_A,    // RAM only according to A
	DIFF_BITMAP1_B,
	DIFF_BITMAP2_A,    // dumped only by A
	DIFF_BITMAP2_B,
	DIFF_BYTES,        // both have the page, with different bytes
	DIFF_UNREADABLE_A, // the bit is set, libkdumpfile does not give the page
	DIFF_UNREADABLE_B,
	DIFF_PHANTOM_A,    // the bit is clear, libkdumpfile gives a page
	DIFF_PHANTOM_B,
	DIFF_DESCRIPTOR_A, // the page descriptor breaks the format
	DIFF_DESCRIPTOR_B,
	DIFF_NEVER_CAME,   // A gives a page that nobody sent it
	DIFF_KINDS
};

struct differences {
	struct {
		uint64_t *pfn; // ascending
		size_t count, room;
	} of[DIFF_KINDS];
	size_t texts; // printed at once, only counted
};

void difference_add(struct differences *d, enum difference_kind kind, uint64_t pfn);

// Prints one line about something that is no page (a header field, an attribute) and counts it.
__attribute__((format(printf, 2, 3))) void difference_text(struct differences *d, const char *format, ...);

// Takes the i-th pfn of a kind out of the list.
void difference_remove(struct differences *d, enum difference_kind kind, size_t i);

// Prints count and first pfns of each kind that is not empty; true if nothing is left at all.
bool differences_report(const struct differences *d);

// Kind by the name that the report and expected-differences use ("bitmap2-B"); DIFF_KINDS if there is none.
enum difference_kind difference_kind(const char *name);

void differences_deinit(struct differences *d);

#endif
