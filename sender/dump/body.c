// SPDX-License-Identifier: GPL-2.0-or-later
// The windows: scan, pages, verdicts; then END. See job.h.
#include "sender/dump/job.h"

/* Page bytes after which a window is worth closing: what a cut may cost is in this order. */
#define WINDOW_RAW (1ull << 20)

static enum kf_status close_window(struct kf_job *j, struct kf_error *err)
{
	struct kf_history_point point;
	struct kf_message m;
	enum kf_status st;

	kf_pages_flush(&j->pages);
	kf_window_message(&j->window, &j->pages, &m);
	kf_window_point(&j->window, j->vital.pages.count > 0, &point);
	st = kf_pipeline_window(j->pipeline, &m, &point, err);
	j->pages.zero = j->pages.unreadable_pages = j->pages.raw_bytes = 0;
	kf_ranges_reset(&j->pages.unreadable);
	return st;
}

static enum kf_status send_stretch(struct kf_job *j, size_t i, struct kf_error *err)
{
	const struct kf_scan *s = &j->scan;
	uint64_t from = s->stretches[i].first - s->first, end = s->stretches[i].end - s->first;
	uint64_t before = j->pages.raw_bytes;

	while (from < end) {
		uint64_t set = kf_bitmap_next_set(s->bitmap, from, end);
		uint64_t clear = kf_bitmap_next_clear(s->bitmap, set, end);

		if (set < clear && kf_job_send_kept(j, s->first + set, s->first + clear, err))
			return err->status;
		from = clear;
	}
	atomic_fetch_add(&j->progress.raw_bytes, j->pages.raw_bytes - before);
	atomic_store(&j->progress.done, s->stretches[i].end);
	if (kf_window_add(&j->window, s, i, err))
		return err->status;
	if (j->pages.raw_bytes >= WINDOW_RAW || kf_window_is_full(&j->window) ||
	    j->pages.unreadable.count + KF_STRETCH_PFNS / 2 > KF_LISTED_MAX)
		return close_window(j, err);
	return KF_OK;
}

static bool scan_next(struct kf_job *j)
{
	uint64_t start = kf_now_us();
	bool more = kf_scan_next(&j->scan);

	j->scan_us += kf_now_us() - start;
	return more;
}

static enum kf_status send_end(struct kf_job *j, struct kf_error *err)
{
	struct kf_message m = { .type = KF_MSG_END };

	if (kf_pipeline_drain(j->pipeline, &j->totals, err))
		return err->status;
	j->total_us = kf_now_us() - j->start_us;
	m.end = (struct kf_end){
		.reason = j->vc.short_file ? KF_END_INPUT : KF_END_COMPLETE,
		.tally = j->window.total, .windows = j->window.windows, .batches = j->totals.batches,
		.prepare_us = j->prepare_us, .scan_us = j->scan_us, .total_us = j->total_us,
	};
	kf_sum_encode(&m.end.pages, &j->totals.pages);
	kf_sum_encode(&m.end.verdicts, &j->window.verdicts);
	return kf_pipeline_control(j->pipeline, &m, err);
}

enum kf_status kf_job_send_body(struct kf_job *j, struct kf_error *err)
{
	while (scan_next(j))
		for (size_t i = 0; i < j->scan.stretch_count; i++)
			if (send_stretch(j, i, err))
				return err->status;
	if (j->window.end > j->window.first && close_window(j, err))
		return err->status;
	return send_end(j, err);
}
