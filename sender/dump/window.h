/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The WINDOW message being built, stretch by stretch; it grows until it is worth making durable. */
#ifndef KF_DUMP_WINDOW_H
#define KF_DUMP_WINDOW_H

#include "sender/dump/pages.h"
#include "sender/filter/scan.h"

struct kf_window_builder {
	uint64_t first, end;		/* pfns covered so far; equal if empty */
	struct kf_carry in, out;
	struct kf_tally tally;
	struct kf_range_list_builder undecided;
	uint8_t *runs;			/* owned; finished verdict runs */
	struct kf_writer writer;	/* on RUNS */
	uint32_t run_count;
	bool run_kept;			/* kind and length of the run that may still grow */
	uint64_t run_len;
	struct kf_sum128 verdicts;	/* digest over all windows */
	struct kf_tally total;		/* over all windows */
	uint64_t windows;		/* messages made */
};

enum kf_status kf_window_init(struct kf_window_builder *b, struct kf_error *err) kf_must_check;
void kf_window_deinit(struct kf_window_builder *b);

/* Takes stretch I of the scan's window. */
enum kf_status kf_window_add(struct kf_window_builder *b, const struct kf_scan *s, size_t i, struct kf_error *err) kf_must_check;

/* Another stretch may not fit: make the message. */
bool kf_window_is_full(const struct kf_window_builder *b);

/* Makes M of what was added (something must have been), with what became of the pages' contents, and begins the next
 * window behind it. M points into B and G and lives until the next kf_window_add. */
void kf_window_message(struct kf_window_builder *b, const struct kf_pages *g, struct kf_message *m);

/* Goes on behind P, empty. */
void kf_window_go_on(struct kf_window_builder *b, const struct kf_history_point *p);
/* What to remember of the end of the window made last; its pages and batches are the writer's to add. */
void kf_window_point(const struct kf_window_builder *b, bool vital, struct kf_history_point *p);

#endif
