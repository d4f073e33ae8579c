// SPDX-License-Identifier: GPL-2.0-or-later
// The WINDOW message being built; see window.h.
#include "sender/dump/window.h"

#include <stdlib.h>

/* Runs are as many as pages at worst, and then a byte each; long ones need more bytes but are fewer. */
#define RUNS_BYTES ((size_t)KF_VERDICT_RUNS_MAX + 16384)

/* Windows that span more memory than this carry almost no page; they end so that the receiver hears of progress, and
 * so that one ends inside a page of 1 GiB. */
#define SPAN_MAX (1ull << 17)

enum kf_status kf_window_init(struct kf_window_builder *b, struct kf_error *err)
{
	*b = (struct kf_window_builder){ .runs = malloc(RUNS_BYTES) };
	if (!b->runs)
		return kf_fail(err, KF_FAILED, "no memory for verdicts");
	b->writer = kf_writer_on(b->runs, RUNS_BYTES);
	return KF_OK;
}

void kf_window_deinit(struct kf_window_builder *b)
{
	kf_ranges_free(&b->undecided);
	free(b->runs);
	b->runs = NULL;
}

static void end_run(struct kf_window_builder *b)
{
	kf_put_varint(&b->writer, b->run_len);
	b->run_count++;
	b->run_kept = !b->run_kept;
	b->run_len = 0;
}

static void add_run(struct kf_window_builder *b, bool kept, uint64_t pages)
{
	if (pages == 0)
		return;
	if (kept != b->run_kept)
		end_run(b);
	b->run_len += pages;
}

enum kf_status kf_window_add(struct kf_window_builder *b, const struct kf_scan *s, size_t i, struct kf_error *err)
{
	const struct kf_stretch *st = &s->stretches[i];
	uint64_t from = st->first - s->first, end = st->end - s->first;

	if (b->first == b->end)
		b->in = st->in;
	b->end = st->end;
	b->out = st->out;
	kf_tally_add(&b->tally, &st->tally);
	kf_sum_verdicts(&b->verdicts, st->first / 64, s->bitmap + from / 64, (size_t)((end - from + 63) / 64));
	for (size_t k = i ? s->stretches[i - 1].undecided : 0; k < st->undecided; k++)
		if (!kf_ranges_add(&b->undecided, s->undecided[k].first, s->undecided[k].end))
			return kf_fail(err, KF_FAILED, "no memory to list undecided pages");
	while (from < end) {
		uint64_t set = kf_bitmap_next_set(s->bitmap, from, end);
		uint64_t clear = kf_bitmap_next_clear(s->bitmap, set, end);

		add_run(b, false, set - from);
		add_run(b, true, clear - set);
		from = clear;
	}
	return KF_OK;
}

bool kf_window_is_full(const struct kf_window_builder *b)
{
	return b->run_count + KF_STRETCH_PFNS + 2 > KF_VERDICT_RUNS_MAX ||
	       kf_written(&b->writer) + KF_STRETCH_PFNS + 2ul * KF_VARINT_MAX > RUNS_BYTES ||
	       b->undecided.count + KF_STRETCH_PFNS / 2 > KF_LISTED_MAX || b->end - b->first >= SPAN_MAX;
}

void kf_window_message(struct kf_window_builder *b, const struct kf_pages *g, struct kf_message *m)
{
	end_run(b);
	b->tally.zero = g->zero;
	b->tally.unreadable = g->unreadable_pages;
	*m = (struct kf_message){ .type = KF_MSG_WINDOW };
	m->window = (struct kf_window){
		.first = b->first, .end = b->end, .in = b->in, .out = b->out, .tally = b->tally,
		.unreadable = { g->unreadable.table, g->unreadable.count },
		.undecided = { b->undecided.table, b->undecided.count },
		.run_count = b->run_count, .runs = b->runs, .runs_bytes = (uint32_t)kf_written(&b->writer),
	};
	kf_tally_add(&b->total, &b->tally);
	b->windows++;
	b->first = b->end;
	b->tally = (struct kf_tally){ 0 };
	b->writer = kf_writer_on(b->runs, RUNS_BYTES);
	b->run_count = 0;
	b->run_kept = false;
	b->run_len = 0;
	kf_ranges_reset(&b->undecided);
}

void kf_window_go_on(struct kf_window_builder *b, const struct kf_history_point *p)
{
	b->first = b->end = p->pfn;
	b->total = p->tally;
	b->verdicts = p->verdicts;
	b->windows = p->windows;
}

void kf_window_point(const struct kf_window_builder *b, bool vital, struct kf_history_point *p)
{
	*p = (struct kf_history_point){
		.pfn = b->end, .carry = b->out, .vital = vital,
		.tally = b->total, .verdicts = b->verdicts, .windows = b->windows,
	};
}
