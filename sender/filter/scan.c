// SPDX-License-Identifier: GPL-2.0-or-later
// The scan; see scan.h.
#include "sender/filter/scan.h"

#include <stdlib.h>
#include <string.h>

#define STRETCH_BYTES ((size_t)KF_STRETCH_PFNS / 8)
/* A stretch's worst case: every other 4 KiB page of its struct pages is unreadable. */
#define UNDECIDED_PER_STRETCH ((size_t)KF_STRETCH_PFNS / 2)

enum kf_status kf_scan_init(struct kf_scan *s, struct kf_kernel *kernel, const struct kf_ram *ram, unsigned int level,
			    size_t buffer, struct kf_error *err)
{
	uint64_t all = (ram->max_mapnr + KF_STRETCH_PFNS - 1) / KF_STRETCH_PFNS;
	size_t wanted = buffer / STRETCH_BYTES;

	wanted = wanted < all ? wanted : (size_t)all;
	*s = (struct kf_scan){
		.kernel = kernel, .ram = ram, .level = level,
		.judges = kernel->filters && kf_layout_must_scan(&kernel->layout, level),
		.stretch_max = wanted ? wanted : 1,
		.undecided_max = 2 * UNDECIDED_PER_STRETCH,
	};
	s->bitmap = malloc(s->stretch_max * STRETCH_BYTES);
	s->stretches = malloc(s->stretch_max * sizeof(*s->stretches));
	s->undecided = malloc(s->undecided_max * sizeof(*s->undecided));
	if (!s->bitmap || !s->stretches || !s->undecided) {
		kf_scan_deinit(s);
		return kf_fail(err, KF_FAILED, "no memory for a cyclic buffer of %zu KiB; make --cyclic-buffer smaller",
			       s->stretch_max * STRETCH_BYTES >> 10);
	}
	if (s->judges && kf_structview_init(&s->view, kernel, err)) {
		kf_scan_deinit(s);
		return err->status;
	}
	return KF_OK;
}

void kf_scan_deinit(struct kf_scan *s)
{
	if (s->judges)
		kf_structview_deinit(&s->view);
	free(s->bitmap);
	free(s->stretches);
	free(s->undecided);
	s->bitmap = NULL;
	s->stretches = NULL;
	s->undecided = NULL;
}

void kf_scan_go_on(struct kf_scan *s, uint64_t pfn, const struct kf_carry *carry)
{
	s->end = pfn;
	s->carry = *carry;
}

/* Most ranges are short. */
static void clear(uint64_t *bitmap, uint64_t first, uint64_t end)
{
	if (first / 64 == (end - 1) / 64)
		bitmap[first / 64] &= ~(UINT64_MAX >> (64 - (end - first)) << first % 64);
	else
		kf_bitmap_clear(bitmap, first, end);
}

static void drop(struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end, enum kf_class why)
{
	if (first >= end)
		return;
	st->tally.pages[why] += s->solid ? end - first : kf_bitmap_count(s->bitmap, first - s->first, end - s->first);
	clear(s->bitmap, first - s->first, end - s->first);
}

static void keep(const struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end)
{
	st->tally.rescued += kf_bitmap_count(s->bitmap, first - s->first, end - s->first);
}

/* What has gone as vital stays, whatever its flags say by now: they are damaged. What lies between such pages goes. A stretch's
 * exclusions ascend, and so does the place among the vital ones. */
static void drop_unsent(struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end, enum kf_class why)
{
	const struct kf_range *last = s->vital ? s->vital->ranges + s->vital->count : NULL;
	const struct kf_range *r = s->next_vital;

	while (r && r < last && r->end <= first)
		r++;
	s->next_vital = r;
	for (; r && r < last && r->first < end; r++) {
		uint64_t to = r->end < end ? r->end : end;

		drop(s, st, first, r->first, why);
		keep(s, st, r->first > first ? r->first : first, to);
		first = to;
	}
	drop(s, st, first, end, why);
}

/* The safety net: pages of [first, end) that the kernel's understanding rests on stay, since flags that make them part of the
 * cache or of a process are damaged. What lies between them goes. Gives where the last of them ended. */
static uint64_t rescue(struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end, enum kf_class why)
{
	const struct kf_range_set *set = &s->kernel->relied.pages;

	for (const struct kf_range *r = s->relied; r && r < set->ranges + set->count && r->first < end; r++) {
		uint64_t to = r->end < end ? r->end : end;

		if (r->end <= first)
			continue;
		drop_unsent(s, st, first, r->first, why);
		keep(s, st, r->first > first ? r->first : first, to);
		first = to;
	}
	return first;
}

/* Clears what of [first, end) is in stretch ST and counts the pages that go; the rest becomes the carry. */
static void exclude(struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end, enum kf_class why)
{
	uint64_t stop = end < st->end ? end : st->end;

	if (s->relied && (why == KF_CACHE || why == KF_CACHE_PRIVATE || why == KF_USER))
		first = rescue(s, st, first, stop, why);
	drop_unsent(s, st, first, stop, why);
	if (end > st->end && end > s->carry.end)
		s->carry = (struct kf_carry){ .end = end, .why = why };
}

/* A range beyond max_mapnr ends there: nothing is behind it to carry into. */
static uint64_t clipped(const struct kf_scan *s, const struct kf_excluded *e)
{
	uint64_t end = e->first + e->pages;

	return end < s->ram->max_mapnr ? end : s->ram->max_mapnr;
}

/* Kept pages whose struct page could not be read. Only RAM that has data counts, as everywhere. */
static void note_undecided(struct kf_scan *s, struct kf_stretch *st, const struct kf_range *r)
{
	struct kf_range *list = s->undecided;

	for (uint64_t pfn = r->first; pfn < r->end;) {
		uint64_t a = kf_bitmap_next_set(s->bitmap, pfn - s->first, r->end - s->first) + s->first;
		uint64_t b = kf_bitmap_next_clear(s->bitmap, a - s->first, r->end - s->first) + s->first;

		if (a < b) {
			size_t n = s->undecided_count;

			st->tally.undecided += b - a;
			if (n && list[n - 1].end == a && list[n - 1].first >= st->first)
				list[n - 1].end = b;
			else
				list[s->undecided_count++] = (struct kf_range){ a, b };
		}
		pfn = b;
	}
}

/* Judges pfns [first, end) of stretch ST, all of them examinable; gives where to go on, which may be beyond END. */
static uint64_t scan_range(struct kf_scan *s, struct kf_stretch *st, uint64_t first, uint64_t end)
{
	while (first < end) {
		kf_structview_judge(&s->view, s->level, first, end, &s->judged);
		first = s->judged.end;
		for (size_t i = 0; i < s->judged.undecided_count; i++)
			note_undecided(s, st, &s->judged.undecided[i]);
		for (size_t i = 0; i < s->judged.excluded_count; i++) {
			uint64_t e = clipped(s, &s->judged.excluded[i]);

			exclude(s, st, s->judged.excluded[i].first, e, s->judged.excluded[i].why);
			first = e > first ? e : first;
		}
	}
	return first;
}

static void scan_stretch(struct kf_scan *s, struct kf_stretch *st)
{
	const struct kf_range_set *set = &s->ram->examined;
	const struct kf_range *last = set->ranges + set->count;
	uint64_t pfn = st->first, with_data;

	s->relied = kf_range_at_or_after(&s->kernel->relied.pages, st->first);
	if (s->relied && s->relied->first >= st->end)
		s->relied = NULL;
	s->next_vital = s->vital ? kf_range_at_or_after(s->vital, st->first) : NULL;
	st->in = s->carry;
	s->carry = (struct kf_carry){ 0 };
	kf_range_set_fill(&s->ram->data, s->bitmap + (st->first - s->first) / 64, st->first, st->end);
	with_data = kf_range_set_pages(&s->ram->data, st->first, st->end);
	s->solid = with_data == st->end - st->first;
	st->tally.pages[KF_NODATA] = s->solid ? 0 : kf_range_set_pages(&s->ram->ram, st->first, st->end) - with_data;
	if (st->in.end) {
		exclude(s, st, st->first, st->in.end, st->in.why);
		pfn = st->in.end;
	}
	for (const struct kf_range *r = kf_range_at_or_after(set, pfn); s->judges && r && r < last && r->first < st->end; r++) {
		uint64_t from = r->first > pfn ? r->first : pfn;

		if (from < st->end && from < r->end)
			pfn = scan_range(s, st, from, r->end < st->end ? r->end : st->end);
	}
	st->tally.pages[KF_KEPT] = kf_bitmap_count(s->bitmap, st->first - s->first, st->end - s->first);
	st->out = s->carry;
	st->undecided = s->undecided_count;
}

bool kf_scan_next(struct kf_scan *s)
{
	s->first = s->end;
	s->stretch_count = s->undecided_count = 0;
	memset(s->bitmap, 0, s->stretch_max * STRETCH_BYTES);
	while (s->end < s->ram->max_mapnr && s->stretch_count < s->stretch_max &&
	       s->undecided_count + UNDECIDED_PER_STRETCH <= s->undecided_max) {
		struct kf_stretch *st = &s->stretches[s->stretch_count++];
		uint64_t left = s->ram->max_mapnr - s->end;

		*st = (struct kf_stretch){ .first = s->end, .end = s->end + (left < KF_STRETCH_PFNS ? left : KF_STRETCH_PFNS) };
		scan_stretch(s, st);
		s->end = st->end;
	}
	s->crossings += s->carry.end != 0;
	return s->stretch_count > 0;
}
