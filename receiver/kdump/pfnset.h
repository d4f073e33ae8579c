/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of pfns as ascending ranges: RAM, vital pages, the pages that came in a window. */
#ifndef KF_PFNSET_H
#define KF_PFNSET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/status.h"
#include "proto/message.h"

/*
 * Ranges are [first, end) of pfns, ascending, disjoint and never touching: what touches is merged. A
 * set that is not changed any more may be read by several threads.
 */
struct kf_pfnset {
	struct kf_range *ranges;	/* owned */
	size_t count, room;
	size_t cap;			/* of ranges: memory that a peer can make us spend */
	uint64_t pages;			/* sum of all ranges */
};

void kf_pfnset_init(struct kf_pfnset *s, size_t cap);
void kf_pfnset_deinit(struct kf_pfnset *s);

/* Appends. KF_INVALID if it begins before the last range ends, KF_REFUSED if it is over the cap. */
enum kf_status kf_pfnset_add(struct kf_pfnset *s, struct kf_range range, struct kf_error *err) kf_must_check;

/* Index of the first range that ends beyond PFN, or count. */
size_t kf_pfnset_find(const struct kf_pfnset *s, uint64_t pfn);

/* Whether all (any) of the pages of RANGE are in the set. */
bool kf_pfnset_covers(const struct kf_pfnset *s, struct kf_range range);
bool kf_pfnset_meets(const struct kf_pfnset *s, struct kf_range range);

/* How many pages of RANGE are in the set. */
uint64_t kf_pfnset_count(const struct kf_pfnset *s, struct kf_range range);

#endif
