// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of pfns as ascending ranges; see rangeset.h.
#include "sender/vmcore/rangeset.h"

#include <stdlib.h>

#include "common/bitmap.h"

static int by_first(const void *a, const void *b)
{
	const struct kf_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

void kf_range_set_normalise(struct kf_range_set *set)
{
	size_t kept = 0;

	if (set->count)		/* without any, there may be no array */
		qsort(set->ranges, set->count, sizeof(*set->ranges), by_first);
	for (size_t i = 0; i < set->count; i++) {
		struct kf_range r = set->ranges[i];

		if (r.first >= r.end)
			continue;
		if (kept && r.first <= set->ranges[kept - 1].end) {
			if (r.end > set->ranges[kept - 1].end)
				set->ranges[kept - 1].end = r.end;
		} else {
			set->ranges[kept++] = r;
		}
	}
	set->count = kept;
}

void kf_range_set_clip(struct kf_range_set *set, uint64_t end)
{
	while (set->count && set->ranges[set->count - 1].first >= end)
		set->count--;
	if (set->count && set->ranges[set->count - 1].end > end)
		set->ranges[set->count - 1].end = end;
}

const struct kf_range *kf_range_at_or_after(const struct kf_range_set *set, uint64_t pfn)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->ranges[mid].end <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->count ? &set->ranges[low] : NULL;
}

/* The part of R inside [first, end). */
static struct kf_range clipped(const struct kf_range *r, uint64_t first, uint64_t end)
{
	return (struct kf_range){ r->first > first ? r->first : first, r->end < end ? r->end : end };
}

uint64_t kf_range_set_pages(const struct kf_range_set *set, uint64_t first, uint64_t end)
{
	const struct kf_range *last = set->ranges + set->count;
	uint64_t pages = 0;

	for (const struct kf_range *r = kf_range_at_or_after(set, first); r && r < last && r->first < end; r++) {
		struct kf_range c = clipped(r, first, end);

		pages += c.end - c.first;
	}
	return pages;
}

void kf_range_set_fill(const struct kf_range_set *set, uint64_t *map, uint64_t first, uint64_t end)
{
	const struct kf_range *last = set->ranges + set->count;

	for (const struct kf_range *r = kf_range_at_or_after(set, first); r && r < last && r->first < end; r++) {
		struct kf_range c = clipped(r, first, end);

		kf_bitmap_set(map, c.first - first, c.end - first);
	}
}
