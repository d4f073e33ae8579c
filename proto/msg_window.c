// SPDX-License-Identifier: GPL-2.0-or-later
// WINDOW: the verdicts on a range of pfns; closes the batches that came before it.
#include <inttypes.h>

#include "proto/messages.h"

bool kf_verdict_next(struct kf_reader *r, uint64_t *pfn, struct kf_range *kept)
{
	uint64_t excluded, n;

	if (!kf_left(r))
		return false;
	excluded = kf_get_varint(r);
	*pfn += excluded;
	if (!kf_left(r))	/* the window ends with excluded pages */
		return false;
	n = kf_get_varint(r);
	if (r->failed)
		return false;
	*kept = (struct kf_range){ *pfn, *pfn + n };
	*pfn = kept->end;
	return true;
}

/* Walks the runs once: count, order, sums. Every run is checked against what is left, so no sum overflows. */
static enum kf_status check_runs(const struct kf_window *w, struct kf_error *err)
{
	struct kf_reader r = kf_reader_on(w->runs, w->runs_bytes);
	uint64_t left = w->end - w->first, kept = 0;

	for (uint32_t i = 0; i < w->run_count; i++) {
		uint64_t n = kf_get_varint(&r);

		if (r.failed || n > left || (n == 0 && i > 0))
			return kf_fail(err, KF_INVALID, "verdict run %" PRIu32 " is damaged", i);
		left -= n;
		if (i % 2)
			kept += n;
	}
	if (kf_left(&r) || left)
		return kf_fail(err, KF_INVALID, "verdicts do not cover the window: %" PRIu64 " pages left", left);
	if (kept != w->tally.pages[KF_KEPT])
		return kf_fail(err, KF_INVALID, "verdicts keep %" PRIu64 " pages, the tally %" PRIu64, kept, w->tally.pages[KF_KEPT]);
	return KF_OK;
}

static enum kf_status check_tally(const struct kf_window *w, struct kf_error *err)
{
	uint64_t left = w->end - w->first;
	uint64_t kept = w->tally.pages[KF_KEPT];

	for (int i = 0; i < KF_CLASSES; i++) {
		if (w->tally.pages[i] > left)
			return kf_fail(err, KF_INVALID, "tally of more pages than the window has");
		left -= w->tally.pages[i];
	}
	if (w->tally.zero > kept || w->tally.unreadable > kept - w->tally.zero ||
	    w->tally.undecided > kept || w->tally.rescued > kept)
		return kf_fail(err, KF_INVALID, "tally counts more pages than it keeps");
	return KF_OK;
}

static enum kf_status check_lists(const struct kf_window *w, uint64_t first, uint64_t end, struct kf_error *err)
{
	uint64_t unreadable = 0, undecided = 0;
	enum kf_status st = kf_check_ranges(&w->unreadable, first, end, "unreadable", &unreadable, err);

	if (!st)
		st = kf_check_ranges(&w->undecided, first, end, "undecided", &undecided, err);
	if (st)
		return st;
	if (unreadable != w->tally.unreadable || undecided != w->tally.undecided)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " unreadable and %" PRIu64 " undecided pages named, %" PRIu64 " and %" PRIu64 " counted",
			       unreadable, undecided, w->tally.unreadable, w->tally.undecided);
	return KF_OK;
}

static enum kf_status check_vital(const struct kf_window *w, struct kf_error *err)
{
	static const struct kf_tally none;

	if (w->first || w->end || w->run_count || w->runs_bytes || w->in.end || w->in.why || w->out.end || w->out.why ||
	    memcmp(w->tally.pages, none.pages, sizeof(none.pages)) != 0 || w->tally.undecided || w->tally.rescued)
		return kf_fail(err, KF_INVALID, "one that closes the vital pages has a range of its own");
	return check_lists(w, 0, KF_PFN_MAX, err);
}

static enum kf_status check_window(const struct kf_window *w, struct kf_error *err)
{
	enum kf_status st;

	if (w->flags & ~KF_WINDOW_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%" PRIx32, w->flags);
	if (w->flags & KF_WINDOW_VITAL)
		return check_vital(w, err);
	if (w->first % KF_WINDOW_ALIGN || w->first >= w->end || w->end > KF_PFN_MAX)
		return kf_fail(err, KF_INVALID, "[0x%" PRIx64 ", 0x%" PRIx64 ") is no window", w->first, w->end);
	st = kf_check_carry(&w->in, w->first, "carry in", err);
	if (!st)
		st = kf_check_carry(&w->out, w->end, "carry out", err);
	if (!st)
		st = check_tally(w, err);
	if (!st)
		st = check_lists(w, w->first, w->end, err);
	return st ? st : check_runs(w, err);
}

static enum kf_status decode_window(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_window *w = &m->window;
	uint32_t unreadable, undecided;

	w->flags = kf_get_u32(r);
	w->run_count = kf_get_u32(r);
	w->first = kf_get_u64(r);
	w->end = kf_get_u64(r);
	if (kf_get_carry(r, &w->in) || kf_get_carry(r, &w->out))
		return kf_fail(err, KF_INVALID, "carry of an unknown class, or a reserved field that is not 0");
	kf_get_tally(r, &w->tally);
	unreadable = kf_get_u32(r);
	undecided = kf_get_u32(r);
	if (unreadable > KF_LISTED_MAX || undecided > KF_LISTED_MAX || w->run_count > KF_VERDICT_RUNS_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " verdict runs, %" PRIu32 " unreadable, %" PRIu32 " undecided ranges are over the caps",
			       w->run_count, unreadable, undecided);
	kf_get_ranges(r, &w->unreadable, unreadable);
	kf_get_ranges(r, &w->undecided, undecided);
	w->runs_bytes = (uint32_t)kf_left(r);
	w->runs = kf_get_bytes(r, w->runs_bytes);
	return r->failed ? KF_OK : check_window(w, err);
}

static void encode_window(struct kf_writer *w, const struct kf_message *m)
{
	const struct kf_window *win = &m->window;

	kf_put_u32(w, win->flags);
	kf_put_u32(w, win->run_count);
	kf_put_u64(w, win->first);
	kf_put_u64(w, win->end);
	kf_put_carry(w, &win->in);
	kf_put_carry(w, &win->out);
	kf_put_tally(w, &win->tally);
	kf_put_u32(w, win->unreadable.count);
	kf_put_u32(w, win->undecided.count);
	kf_put_ranges(w, &win->unreadable);
	kf_put_ranges(w, &win->undecided);
	kf_put_bytes(w, win->runs, win->runs_bytes);
}

#define FIXED_BYTES (24 + 2 * KF_CARRY_BYTES + KF_TALLY_BYTES + 8)
_Static_assert(KF_WINDOW_PAYLOAD_MAX == FIXED_BYTES + 2 * KF_LISTED_MAX * KF_RANGE_BYTES + KF_VERDICT_RUNS_MAX * KF_VARINT_MAX,
	       "wire.h says how large a WINDOW can be");

const struct kf_message_ops kf_window_ops = {
	.payload_max = KF_WINDOW_PAYLOAD_MAX,
	.decode = decode_window, .encode = encode_window,
};
