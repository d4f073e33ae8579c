// SPDX-License-Identifier: GPL-2.0-or-later
// VITAL and BATCH: which pages may come, and how they come to rest.
#include <inttypes.h>
#include <stdlib.h>

#include "proto/names.h"
#include "receiver/kdump/format.h"
#include "receiver/stream/assembler.h"

enum kf_status kf_take_vital(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	const struct kf_ranges *ranges = &m->list.ranges;
	enum kf_status st = kf_intro_check(a, err);

	(void)frame;
	if (!st && a->said.vital_done)
		st = kf_fail(err, KF_INVALID, "the vital pages were complete already");
	if (!st && !a->said.vital_noted) {
		st = kf_journal_put_message(&a->gathered.records, KF_RECORD_VITAL, frame->payload, 0, err);
		if (!st)
			kf_asm_gathered(a, 0);
		a->said.vital_noted = true;
	}
	for (uint32_t i = 0; !st && i < ranges->count; i++) {
		struct kf_range range = kf_range_at(ranges, i);

		if (!kf_pfnset_covers(&a->said.ram, range))
			return kf_fail(err, KF_INVALID, "[0x%" PRIx64 ", 0x%" PRIx64 ") is not all RAM", range.first, range.end);
		st = kf_pfnset_add(&a->said.vital, range, err);
	}
	if (st)
		return st;
	kf_asm_enter(a, KF_ASM_VITAL);
	a->said.vital_done = !(m->list.flags & KF_RANGES_MORE);
	return KF_OK;
}

struct batch_turn {
	struct kf_turn turn;
	uint8_t *payload;		/* owned; BATCH points into it */
	struct kf_batch batch;
	struct kf_dumpfile *dump;
	uint32_t rest;			/* flag of the codec that its pages are packed with */
	uint64_t pages, end;		/* pages in it; pfn behind its last one */
	struct kf_packed packed;	/* filled by run() */
};

static enum kf_status run(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct batch_turn *b = (struct batch_turn *)t;

	if (kf_unpack(packer, &b->batch, err))
		return err->status;
	return kf_pack(packer, b->dump, &b->batch, b->rest, &b->packed, err);
}

uint32_t kf_quick_pages(const struct kf_stored_pages *p, uint32_t rest)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->entry_count; i++) {
		uint32_t flag = kf_entry_flag(kf_le32_at(p->entries + KF_ENTRY_BYTES * (size_t)i));

		n += flag != rest && flag != KF_REST_RAW;
	}
	return n;
}

static enum kf_status retire(struct kf_turn *t, struct kf_error *err)
{
	struct batch_turn *b = (struct batch_turn *)t;
	struct kf_assembler *a = t->a;
	const struct kf_extent *extent = &b->packed.extent;
	struct kf_mark *mark = &a->gathered.mark;
	const struct kf_stored_pages stored = {
		.at = extent->at, .bytes = (uint32_t)extent->bytes,
		.run_count = b->batch.run_count, .runs = b->batch.runs,
		.entry_count = b->packed.entry_count, .entries = b->packed.entries,
		.digest = b->packed.digest,
	};
	enum kf_status st = kf_journal_put_pages(&a->gathered.records, &stored, err);

	if (st)
		return st;
	kf_sum_add(&a->sums.pages, &b->packed.digest);
	mark->pages += b->pages;
	mark->raw += b->pages << a->said.dump.page_shift;
	mark->data += extent->bytes;
	if (b->rest != (uint32_t)a->said.dump.rest)
		mark->quick += kf_quick_pages(&stored, (uint32_t)a->said.dump.rest);
	if (extent->bytes && extent->at + extent->bytes > mark->data_end)
		mark->data_end = extent->at + extent->bytes;
	/* The vital pages come first, so those before their window's end say nothing about what was reached. */
	if (a->said.vital.pages == 0 || (mark->flags & KF_RESUME_VITAL))
		mark->reached = b->end;
	kf_asm_gathered(a, b->batch.raw_bytes);
	return KF_OK;
}

static void destroy(struct kf_turn *t)
{
	free(((struct batch_turn *)t)->payload);
	free(t);
}

/* Whether the pages of RUN may come now; ascending order is the set's own to check. */
static enum kf_status check_run(const struct kf_assembler *a, struct kf_range run, struct kf_error *err)
{
	const char *what = NULL;

	if (!kf_pfnset_covers(&a->said.ram, run))
		what = "not all RAM";
	else if (a->phase == KF_ASM_VITAL && !kf_pfnset_covers(&a->said.vital, run))
		what = "not all announced as vital";
	else if (a->phase == KF_ASM_PAGES && run.first < a->open.first)
		what = "below the open window";
	else if (a->phase == KF_ASM_PAGES && kf_pfnset_meets(&a->said.vital, run))
		what = "vital and came already";
	if (what)
		return kf_fail(err, KF_INVALID, "[0x%" PRIx64 ", 0x%" PRIx64 ") is %s", run.first, run.end, what);
	return KF_OK;
}

static enum kf_status arrive(struct kf_assembler *a, struct batch_turn *b, struct kf_error *err)
{
	for (uint32_t i = 0; i < b->batch.run_count; i++) {
		struct kf_run run = kf_run_at(b->batch.runs, i);
		struct kf_range range = { run.first, run.first + run.count };
		enum kf_status st = check_run(a, range, err);

		if (!st)
			st = kf_pfnset_add(&a->open.arrived, range, err);
		if (st)
			return st;
		b->pages += run.count;
		b->end = range.end;
		if (run.kind == KF_RUN_ZERO)
			a->open.zero_pages += run.count;
	}
	return KF_OK;
}

/* Pages that come as they rest may be raw or of the codec that the dump was announced with. */
static enum kf_status check_entries(const struct kf_batch *b, enum kf_rest_codec rest, struct kf_error *err)
{
	for (uint32_t i = 0; i < kf_batch_entry_count(b); i++) {
		uint32_t flag = kf_entry_flag(kf_batch_entry_at(b, i));

		if (flag != KF_REST_RAW && flag != (uint32_t)rest)
			return kf_fail(err, KF_INVALID, "page %" PRIu32 " of a batch is packed as 0x%" PRIx32 ", the dump is to be %s",
				       i, flag, kf_rest_codec_name(rest));
	}
	return KF_OK;
}

bool kf_vital_lack(const struct kf_assembler *a)
{
	return a->said.vital_noted && a->phase == KF_ASM_INTRO;
}

/* A run of zero pages takes 16 bytes on its way, and 24 for each page in the table. No kernel is so empty; but a sender that
 * means harm could fill the disk with a few thousand bytes. */
static bool is_bomb(const struct kf_assembler *a)
{
	const struct kf_limits *l = &a->setup.limits;
	const struct kf_mark *m = &a->gathered.mark;

	return l->table_free && sizeof(struct kf_kdump_descriptor) * m->pages > l->table_free + l->table_share * (a->said.wire_bytes + m->data);
}

static enum kf_status check_batch(struct kf_assembler *a, const struct kf_batch *b, struct kf_error *err)
{
	enum kf_status st = kf_intro_check(a, err);

	if (st)
		return st;
	if (a->phase == KF_ASM_VITAL && !a->said.vital_done)
		return kf_fail(err, KF_INVALID, "the vital pages are not all announced");
	if (kf_vital_lack(a))
		return kf_fail(err, KF_INVALID, "the vital pages are to come first");
	/* A zero page takes no data, but has its place in the table all the same. */
	if (a->setup.limits.dump_bytes &&
	    a->gathered.mark.data + kf_layout_table_bytes(&a->disk.dump.layout, a->gathered.mark.pages) > a->setup.limits.dump_bytes)
		return kf_fail(err, KF_REFUSED, "the dump is larger than the %" PRIu64 " bytes allowed", a->setup.limits.dump_bytes);
	if (is_bomb(a))
		return kf_fail(err, KF_REFUSED, "%" PRIu64 " pages are far too many for the bytes that came", a->gathered.mark.pages);
	if (b->page_shift != a->said.dump.page_shift)
		return kf_fail(err, KF_INVALID, "its pages have 2^%" PRIu32 " bytes, those of the dump 2^%" PRIu32,
			       b->page_shift, a->said.dump.page_shift);
	return b->codec == KF_WIRE_PAGES ? check_entries(b, a->said.dump.rest, err) : KF_OK;
}

/* Whether the next batch is to be packed with what is quick. */
static bool is_for_quick(struct kf_assembler *a)
{
	/* They come back in order, and so several at once: a queue that is always refilled is not always full. */
	bool high = kf_pressure_note(&a->pressure, a->queue.count >= a->setup.limits.jobs / 2, kf_now_ms(), a->setup.pace.patience_ms);

	return a->setup.recompress == KF_RECOMPRESS_ALWAYS || (a->setup.recompress == KF_RECOMPRESS_AUTO && high);
}

enum kf_status kf_take_batch(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	static const struct kf_turn_ops ops = { .run = run, .retire = retire, .destroy = destroy };
	struct batch_turn *b;
	enum kf_status st = check_batch(a, &m->batch, err);

	if (st)
		return st;
	if (a->phase == KF_ASM_INTRO)
		kf_asm_enter(a, KF_ASM_PAGES);
	b = calloc(1, sizeof(*b));
	if (!b)
		return kf_fail(err, KF_FAILED, "no memory for a batch");
	b->batch = m->batch;
	b->dump = &a->disk.dump;
	b->rest = (uint32_t)a->said.dump.rest;
	if (is_for_quick(a))
		b->rest = kf_rest_quick(b->rest);
	st = arrive(a, b, err);
	if (st) {
		free(b);
		return st;
	}
	b->payload = frame->payload;
	frame->payload = NULL;
	a->said.batches++;
	kf_turn_submit(a, &b->turn, &ops);
	return KF_OK;
}
