// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of pfns as ascending ranges; see pfnset.h.
#include "receiver/kdump/pfnset.h"

#include <inttypes.h>
#include <stdlib.h>

void kf_pfnset_init(struct kf_pfnset *s, size_t cap)
{
	*s = (struct kf_pfnset){ .cap = cap };
}

void kf_pfnset_deinit(struct kf_pfnset *s)
{
	free(s->ranges);
	kf_pfnset_init(s, s->cap);
}

static enum kf_status make_room(struct kf_pfnset *s, struct kf_error *err)
{
	size_t room = s->room ? 2 * s->room : 64;
	struct kf_range *ranges;

	if (s->count >= s->cap)
		return kf_fail(err, KF_REFUSED, "more than %zu ranges of pages", s->cap);
	if (s->ranges && s->count < s->room)
		return KF_OK;
	ranges = realloc(s->ranges, room * sizeof(*ranges));
	if (!ranges)
		return kf_fail(err, KF_FAILED, "no memory for %zu ranges of pages", room);
	s->ranges = ranges;
	s->room = room;
	return KF_OK;
}

enum kf_status kf_pfnset_add(struct kf_pfnset *s, struct kf_range range, struct kf_error *err)
{
	struct kf_range *last = s->count ? &s->ranges[s->count - 1] : NULL;
	enum kf_status st;

	if (range.first >= range.end || (last && range.first < last->end))
		return kf_fail(err, KF_INVALID, "range [0x%" PRIx64 ", 0x%" PRIx64 ") is empty or not behind the one before",
			       range.first, range.end);
	if (last && range.first == last->end) {
		last->end = range.end;
	} else {
		st = make_room(s, err);
		if (st)
			return st;
		s->ranges[s->count++] = range;
	}
	s->pages += range.end - range.first;
	return KF_OK;
}

size_t kf_pfnset_find(const struct kf_pfnset *s, uint64_t pfn)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->ranges[middle].end > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool kf_pfnset_covers(const struct kf_pfnset *s, struct kf_range range)
{
	size_t i = kf_pfnset_find(s, range.first);

	return i < s->count && s->ranges[i].first <= range.first && s->ranges[i].end >= range.end;
}

bool kf_pfnset_meets(const struct kf_pfnset *s, struct kf_range range)
{
	size_t i = kf_pfnset_find(s, range.first);

	return i < s->count && s->ranges[i].first < range.end;
}

uint64_t kf_pfnset_count(const struct kf_pfnset *s, struct kf_range range)
{
	uint64_t pages = 0;

	for (size_t i = kf_pfnset_find(s, range.first); i < s->count && s->ranges[i].first < range.end; i++) {
		uint64_t first = s->ranges[i].first > range.first ? s->ranges[i].first : range.first;
		uint64_t end = s->ranges[i].end < range.end ? s->ranges[i].end : range.end;

		pages += end - first;
	}
	return pages;
}
