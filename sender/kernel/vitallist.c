// SPDX-License-Identifier: GPL-2.0-or-later
// The list of vital pages; see vitallist.h.
#include "sender/kernel/vitallist.h"

#include <stdlib.h>

/* A list that lacks less than one part in this of its limit is full: it would be sorted too often for too few pages. */
#define NEARLY 16u

uint64_t kf_vital_list_settle(struct kf_vital_list *l)
{
	kf_range_set_normalise(&l->pages);
	l->sorted = l->pages.count;
	l->upper = kf_range_set_pages(&l->pages, 0, UINT64_MAX);
	return l->upper;
}

void kf_vital_list_limit(struct kf_vital_list *l, uint64_t limit)
{
	kf_vital_list_settle(l);
	l->limit = limit;
	l->full = l->upper >= limit;
}

static bool make_room(struct kf_vital_list *l)
{
	size_t room = l->room ? 2 * l->room : 1024;
	struct kf_range *ranges;

	kf_vital_list_settle(l);
	if (l->pages.count < l->room / 2)
		return true;
	if (room > KF_VITAL_RANGES_MAX)
		return false;
	ranges = realloc(l->pages.ranges, room * sizeof(*ranges));
	if (!ranges)
		return false;
	l->pages.ranges = ranges;
	l->room = room;
	return true;
}

/* Where the pages from FIRST on end that are known to be in the list; FIRST if it is not. */
static uint64_t known_up_to(const struct kf_vital_list *l, uint64_t first)
{
	struct kf_range_set sorted = { l->pages.ranges, l->sorted };
	const struct kf_range *r = kf_range_at_or_after(&sorted, first);

	return r && r->first <= first ? r->end : first;
}

/* Pages noted twice count only until the list is sorted: then it may turn out not to be full. */
static void see_whether_full(struct kf_vital_list *l)
{
	kf_vital_list_settle(l);
	l->full = l->limit - l->upper <= l->limit / NEARLY;
}

bool kf_vital_note(struct kf_vital_list *l, uint64_t first, uint64_t end)
{
	struct kf_range *last;
	uint64_t pages;

	if (l->full)
		return false;
	first = known_up_to(l, first);
	if (first >= end)
		return true;
	if (end - first > l->limit - l->upper)
		see_whether_full(l);
	if (l->full)
		return false;
	/* Sorting may have moved it: what is cut off must be cut from what is new. */
	first = known_up_to(l, first);
	if (first >= end)
		return true;
	pages = end - first < l->limit - l->upper ? end - first : l->limit - l->upper;
	last = l->pages.count > l->sorted ? &l->pages.ranges[l->pages.count - 1] : NULL;
	if (last && last->end == first) {
		last->end = first + pages;
	} else {
		if ((l->pages.count == l->room && !make_room(l)) || !l->pages.ranges) {
			l->full = true;
			return false;
		}
		l->pages.ranges[l->pages.count++] = (struct kf_range){ first, first + pages };
	}
	l->upper += pages;
	if (l->upper == l->limit)
		see_whether_full(l);
	return !l->full;
}

void kf_vital_list_deinit(struct kf_vital_list *l)
{
	free(l->pages.ranges);
	*l = (struct kf_vital_list){ 0 };
}
