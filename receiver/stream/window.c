// SPDX-License-Identifier: GPL-2.0-or-later
// WINDOW: closes the batches before it. The loop thread checks where it lies, a worker what it says.
#include <inttypes.h>
#include <stdlib.h>

#include "receiver/stream/assembler.h"
#include "receiver/stream/window_check.h"

/* Whatever the protocol lets a WINDOW hold, a record of the journal can. */
_Static_assert(KF_WINDOW_PAYLOAD_MAX + KF_DIGEST_BYTES <= KF_JOURNAL_BODY_MAX, "a WINDOW fits a record");

struct window_turn {
	struct kf_turn turn;
	uint8_t *payload;		/* owned; WINDOW points into it */
	uint32_t len;
	struct kf_window window;
	struct kf_pfnset arrived;	/* owned */
	struct kf_window_facts facts;
	struct kf_sum128 verdicts;	/* filled by run() */
};

static bool is_vital(const struct kf_window *w)
{
	return (w->flags & KF_WINDOW_VITAL) != 0;
}

static enum kf_status run(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct window_turn *w = (struct window_turn *)t;
	enum kf_status st;

	(void)packer;
	if (is_vital(&w->window))
		st = kf_vital_check(&w->window, &w->facts, err);
	else
		st = kf_window_check(&w->window, &w->facts, &w->verdicts, err);
	return st ? kf_prepend(err, "WINDOW [0x%" PRIx64 ", 0x%" PRIx64 ")", w->window.first, w->window.end) : KF_OK;
}

static void list_ranges(struct kf_manifest_list *list, const struct kf_ranges *ranges)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		kf_manifest_list_add(list, kf_range_at(ranges, i));
}

static enum kf_status retire(struct kf_turn *t, struct kf_error *err)
{
	struct window_turn *w = (struct window_turn *)t;
	struct kf_assembler *a = t->a;
	struct kf_mark *mark = &a->gathered.mark;
	enum kf_status st = kf_journal_put_window(&a->gathered.records, &w->verdicts, w->payload, w->len, err);

	if (st)
		return st;
	kf_tally_add(&mark->tally, &w->window.tally);
	kf_sum_add(&a->sums.verdicts, &w->verdicts);
	list_ranges(&a->sums.unreadable, &w->window.unreadable);
	list_ranges(&a->sums.undecided, &w->window.undecided);
	kf_asm_gathered(a, 0);
	if (is_vital(&w->window)) {
		mark->flags |= KF_RESUME_VITAL;
		mark->vital_end = mark->journal;
		a->gathered.sync_now = true;
	} else {
		mark->pfn = mark->reached = w->window.end;
	}
	return KF_OK;
}

static void destroy(struct kf_turn *t)
{
	struct window_turn *w = (struct window_turn *)t;

	kf_pfnset_deinit(&w->arrived);
	free(w->payload);
	free(w);
}

static enum kf_status check_place(const struct kf_assembler *a, const struct kf_window *w, struct kf_error *err)
{
	if (w->first != a->open.first)
		return kf_fail(err, KF_INVALID, "it begins at 0x%" PRIx64 ", the one before ended at 0x%" PRIx64,
			       w->first, a->open.first);
	if (w->end > a->said.dump.max_mapnr || (w->end % KF_WINDOW_ALIGN && w->end != a->said.dump.max_mapnr))
		return kf_fail(err, KF_INVALID, "it ends at 0x%" PRIx64 ", max_mapnr is 0x%" PRIx64,
			       w->end, a->said.dump.max_mapnr);
	if (w->in.end != a->open.carry.end || w->in.why != a->open.carry.why)
		return kf_fail(err, KF_INVALID, "its carry in, to 0x%" PRIx64
			       ", is not the carry out of the one before, to 0x%" PRIx64, w->in.end, a->open.carry.end);
	return KF_OK;
}

/* Moves the window edge at once, so that the batches behind it can be taken; should the worker then find
 * the window wrong, nothing behind it takes effect. */
static void open_next(struct kf_assembler *a, struct window_turn *w)
{
	w->arrived = a->open.arrived;
	kf_pfnset_init(&a->open.arrived, w->arrived.cap);
	w->facts = (struct kf_window_facts){
		.ram = &a->said.ram, .vital = &a->said.vital, .arrived = &w->arrived, .zero_pages = a->open.zero_pages,
	};
	a->open.zero_pages = 0;
	kf_asm_enter(a, KF_ASM_PAGES);
	if (is_vital(&w->window))
		return;
	a->open.first = w->window.end;
	a->open.carry = w->window.out;
}

enum kf_status kf_take_window(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			      struct kf_error *err)
{
	static const struct kf_turn_ops ops = { .run = run, .retire = retire, .destroy = destroy };
	struct window_turn *w;
	enum kf_status st = kf_intro_check(a, err);

	if (!st && is_vital(&m->window) && !a->said.vital_done)
		st = kf_fail(err, KF_INVALID, "the vital pages are not all announced");
	if (!st && kf_vital_lack(a))
		st = kf_fail(err, KF_INVALID, "the vital pages are to come first");
	if (!st && !is_vital(&m->window))
		st = check_place(a, &m->window, err);
	if (st)
		return st;
	w = calloc(1, sizeof(*w));
	if (!w)
		return kf_fail(err, KF_FAILED, "no memory for a window");
	w->window = m->window;
	w->payload = frame->payload;
	w->len = frame->len;
	frame->payload = NULL;
	open_next(a, w);
	a->said.windows++;
	kf_turn_submit(a, &w->turn, &ops);
	return KF_OK;
}
