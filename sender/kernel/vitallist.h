/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of vital pages: pfn ranges from many sources, each page once, never more than a cap. */
#ifndef KF_VITALLIST_H
#define KF_VITALLIST_H

#include <stdbool.h>

#include "sender/vmcore/rangeset.h"

/* What the list may take: 16 bytes each. */
#define KF_VITAL_RANGES_MAX (1u << 17)

struct kf_vital_list {
	struct kf_range_set pages;	/* the first SORTED ranges are sorted and apart; owned */
	size_t room, sorted;
	uint64_t upper;			/* pages in the list, those noted twice behind SORTED counted twice */
	uint64_t limit;			/* pages that may be in the list now */
	bool full;			/* LIMIT, or the room, was reached: nothing more is taken */
};

/* Lets the list grow to LIMIT pages. */
void kf_vital_list_limit(struct kf_vital_list *l, uint64_t limit);

/* Notes pfns [first, end), in any order, any number of times. False when nothing more is taken: walkers then end. */
bool kf_vital_note(struct kf_vital_list *l, uint64_t first, uint64_t end);

/* Sorts the list, and gives the number of pages in it. */
uint64_t kf_vital_list_settle(struct kf_vital_list *l);

void kf_vital_list_deinit(struct kf_vital_list *l);

#endif
