// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages on their way; see vital.h.
//
// A page is judged as every other: by the scan, from a place on that no excluded range reaches across. Ranges are free blocks and compound
// pages, which lie at multiples of their size, and none is larger than 2^18 pages. (One that is damaged may reach further. Then the
// page goes early though its window would exclude it, and the scan keeps it there too.)
#include "sender/dump/vital.h"

#include <stdlib.h>

#include "sender/dump/job.h"

#define BLOCK_PFNS (1ull << 18)
/* Of bitmap. */
#define SCAN_BYTES 8192u

void kf_job_vital_deinit(struct kf_job_vital *v)
{
	kf_vital_deinit(&v->kernel);
	free(v->pages.ranges);
	*v = (struct kf_job_vital){ 0 };
}

static bool add_kept(struct kf_job_vital *v, size_t *room, uint64_t first, uint64_t end)
{
	struct kf_range_set *set = &v->pages;

	if (set->count && set->ranges[set->count - 1].end == first) {
		set->ranges[set->count - 1].end = end;
		return true;
	}
	if (set->count == *room) {
		size_t more = *room ? 2 * *room : 256;
		struct kf_range *ranges = more <= KF_VITAL_RANGES_MAX ? realloc(set->ranges, more * sizeof(*ranges)) : NULL;

		if (!ranges)
			return false;
		set->ranges = ranges;
		*room = more;
	}
	set->ranges[set->count++] = (struct kf_range){ first, end };
	return true;
}

/* Of the candidate pages, those whose bit is set in the window that S has made. */
static bool take_window(struct kf_job_vital *v, size_t *room, const struct kf_scan *s)
{
	const struct kf_range_set *set = &v->kernel.list.pages;

	for (const struct kf_range *r = kf_range_at_or_after(set, s->first); r && r < set->ranges + set->count && r->first < s->end; r++) {
		uint64_t from = (r->first > s->first ? r->first : s->first) - s->first, end = (r->end < s->end ? r->end : s->end) - s->first;

		while (from < end) {
			uint64_t a = kf_bitmap_next_set(s->bitmap, from, end), b = kf_bitmap_next_clear(s->bitmap, a, end);

			if (a < b && !add_kept(v, room, s->first + a, s->first + b))
				return false;
			from = b;
		}
	}
	return true;
}

/* Each block that has a candidate is scanned from its beginning to the last one in it. */
static void judge(struct kf_job_vital *v, struct kf_scan *s)
{
	const struct kf_range_set *set = &v->kernel.list.pages;
	const struct kf_range *r;
	size_t room = 0;

	while ((r = kf_range_at_or_after(set, s->end)) != NULL && r->first < s->ram->max_mapnr) {
		uint64_t wanted = r->first > s->end ? r->first : s->end, block = wanted - wanted % BLOCK_PFNS;

		if (s->end < block) {
			s->end = block;
			s->carry = (struct kf_carry){ 0 };
		}
		if (!kf_scan_next(s) || !take_window(v, &room, s))
			return;
		v->judged += s->end - s->first;
	}
}

static uint64_t pages_in(const struct kf_range_set *set)
{
	return kf_range_set_pages(set, 0, UINT64_MAX);
}

void kf_job_find_vital(struct kf_job *j)
{
	struct kf_job_vital *v = &j->vital;
	struct kf_scan *s = NULL;
	struct kf_error ignored;
	uint64_t start = kf_now_us();

	if (v->found)
		return;
	v->found = true;
	kf_vital_init(&v->kernel);
	if (j->kernel.translates)
		kf_vital_gather(&v->kernel, &j->kernel);
	if (v->kernel.list.pages.count)
		s = malloc(sizeof(*s));
	if (s && !kf_scan_init(s, &j->kernel, &j->ram, j->setup->level, SCAN_BYTES, &ignored)) {
		judge(v, s);
		kf_scan_deinit(s);
	}
	free(s);
	v->kept = pages_in(&v->pages);
	v->dropped = pages_in(&v->kernel.list.pages) - v->kept;
	kf_vital_deinit(&v->kernel);
	v->us = kf_now_us() - start;
}

/* It covers no range: it says what became of the pages' contents. */
static enum kf_status close_vital(struct kf_job *j, struct kf_error *err)
{
	struct kf_message m = { .type = KF_MSG_WINDOW };
	struct kf_history_point point;
	enum kf_status st;

	kf_pages_flush(&j->pages);
	j->pages.silent = false;
	m.window = (struct kf_window){
		.flags = KF_WINDOW_VITAL, .tally = { .zero = j->pages.zero, .unreadable = j->pages.unreadable_pages },
		.unreadable = { j->pages.unreadable.table, j->pages.unreadable.count },
	};
	kf_tally_add(&j->window.total, &m.window.tally);
	j->window.windows++;
	kf_window_point(&j->window, true, &point);
	st = kf_pipeline_window(j->pipeline, &m, &point, err);
	j->pages.zero = j->pages.unreadable_pages = j->pages.raw_bytes = 0;
	kf_ranges_reset(&j->pages.unreadable);
	return st;
}

/* What an earlier connection got across is gone through again, for END speaks of it, but only counted. It ended with a
 * batch, so that all batches are the same as they would be without the cut. */
static enum kf_status send_vital_range(struct kf_job *j, uint64_t first, uint64_t end, struct kf_error *err)
{
	uint64_t there = j->vital_there < end ? j->vital_there : end;

	if (first < there) {
		j->pages.silent = true;
		if (kf_pages_send(&j->pages, first, there, err))
			return err->status;
		first = there;
	}
	if (j->pages.silent && first < end) {
		kf_pages_flush(&j->pages);
		j->pages.silent = false;
	}
	return first < end ? kf_pages_send(&j->pages, first, end, err) : KF_OK;
}

enum kf_status kf_job_send_vital(struct kf_job *j, struct kf_error *err)
{
	const struct kf_range_set *set = &j->vital.pages;

	kf_job_find_vital(j);
	if (!set->count)
		return KF_OK;
	if (kf_job_send_ranges(j, KF_MSG_VITAL, set, err))
		return err->status;
	for (size_t i = 0; i < set->count; i++)
		if (send_vital_range(j, set->ranges[i].first, set->ranges[i].end, err))
			return err->status;
	atomic_fetch_add(&j->progress.raw_bytes, j->pages.raw_bytes);
	return close_vital(j, err);
}

enum kf_status kf_job_send_kept(struct kf_job *j, uint64_t first, uint64_t end, struct kf_error *err)
{
	const struct kf_range_set *set = &j->vital.pages;

	while (first < end) {
		const struct kf_range *r = kf_range_at_or_after(set, first);
		bool apart = !r || r->first >= end;

		if (first < (apart ? end : r->first) && kf_pages_send(&j->pages, first, apart ? end : r->first, err))
			return err->status;
		if (apart)
			return KF_OK;
		first = r->end;
	}
	return KF_OK;
}
