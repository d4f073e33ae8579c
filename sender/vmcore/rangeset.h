/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of pfns as ascending ranges. */
#ifndef KF_RANGESET_H
#define KF_RANGESET_H

#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

/* Ascending, disjoint, not adjacent ranges of pfns. */
struct kf_range_set {
	struct kf_range *ranges;
	size_t count;
};

/* Sorts SET and merges what overlaps or touches; empty ranges go. */
void kf_range_set_normalise(struct kf_range_set *set);

/* Cuts everything at and beyond pfn END off. */
void kf_range_set_clip(struct kf_range_set *set, uint64_t end);

/* The first range of SET that ends after PFN, or NULL. */
const struct kf_range *kf_range_at_or_after(const struct kf_range_set *set, uint64_t pfn);

/* Number of pfns of SET in [first, end). */
uint64_t kf_range_set_pages(const struct kf_range_set *set, uint64_t first, uint64_t end);

/* Sets the bits of SET's pfns in [first, end); bit 0 of MAP is pfn FIRST. */
void kf_range_set_fill(const struct kf_range_set *set, uint64_t *map, uint64_t first, uint64_t end);

#endif
