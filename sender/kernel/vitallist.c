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

/* Whether all of [first, end) is known to be in the list. */
static bool contains(const struct kf_vital_list *l, uint64_t first, uint64_t end)
{
	struct kf_range_set sorted = { l->pages.ranges, l->sorted };
	const struct kf_range *r = kf_range_at_or_after(&sorted, first);

	return r && r->first <= first && end <= r->end;
}

/* How many of PAGES more the limit allows. Those noted twice count only until the list is sorted. */
static uint64_t allowed(struct kf_vital_list *l, uint64_t pages)
{
	if (pages <= l->limit - l->upper)
		return pages;
	kf_vital_list_settle(l);
	l->full = l->limit - l->upper <= l->limit / NEARLY;
	return pages < l->limit - l->upper ? pages : l->limit - l->upper;
}

bool kf_vital_note(struct kf_vital_list *l, uint64_t first, uint64_t end)
{
	struct kf_range *last;
	uint64_t pages;

	if (l->full)
		return false;
	if (first >= end || contains(l, first, end))
		return true;
	pages = allowed(l, end - first);
	last = l->pages.count > l->sorted ? &l->pages.ranges[l->pages.count - 1] : NULL;
	if (last && last->end == first) {
		last->end = first + pages;
	} else {
		if (l->pages.count == l->room && !make_room(l)) {
			l->full = true;
			return false;
		}
		l->pages.ranges[l->pages.count++] = (struct kf_range){ first, first + pages };
	}
	l->upper += pages;
	return !l->full;
}

void kf_vital_list_deinit(struct kf_vital_list *l)
{
	free(l->pages.ranges);
	*l = (struct kf_vital_list){ 0 };
}
