// SPDX-License-Identifier: GPL-2.0-or-later
// How a dump ends: where END is checked, and where a dump becomes finished or stays incomplete.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/names.h"
#include "receiver/stream/assembler.h"

enum kf_status kf_take_abort(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	char text[KF_STRING_MAX + 1], reason[KF_ERROR_TEXT];

	(void)frame, (void)err;
	kf_string_text(text, sizeof(text), &m->abort.text);
	snprintf(reason, sizeof(reason), "the sender gave up (%s): %s", kf_abort_code_name(m->abort.code), text);
	kf_close_begin(a, false, KF_INCOMPLETE, reason);
	return KF_OK;
}

enum kf_status kf_take_end(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			   struct kf_error *err)
{
	enum kf_status st = kf_intro_check(a, err);

	(void)frame;
	if (st)
		return st;
	if (a->arrived.pages)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " pages came that no window closed", a->arrived.pages);
	a->end = m->end;
	a->ended = true;
	return KF_OK;
}

static bool same_digest(const struct kf_sum128 *sum, const struct kf_digest *claimed)
{
	struct kf_digest ours;

	kf_sum_encode(&ours, sum);
	return memcmp(ours.bytes, claimed->bytes, sizeof(ours.bytes)) == 0;
}

/* All that came, against all that the sender says it sent. */
static enum kf_status check_end(const struct kf_assembler *a, struct kf_error *err)
{
	const struct kf_end *e = &a->end;

	if (memcmp(&e->tally, &a->gathered.tally, sizeof(e->tally)) != 0)
		return kf_fail(err, KF_INVALID, "END: its tally is not the sum of the windows'");
	if (e->windows != a->window_messages || e->batches != a->batches)
		return kf_fail(err, KF_INVALID, "END: %" PRIu64 " windows and %" PRIu64 " batches were sent, %" PRIu64 " and %" PRIu64 " came",
			       e->windows, e->batches, a->window_messages, a->batches);
	if (!same_digest(&a->page_sum, &e->pages))
		return kf_fail(err, KF_INVALID, "END: the digest of the pages that came is another");
	if (!same_digest(&a->verdict_sum, &e->verdicts))
		return kf_fail(err, KF_INVALID, "END: the digest of the verdicts that came is another");
	if (e->reason == KF_END_COMPLETE && a->next_pfn != a->facts.max_mapnr)
		return kf_fail(err, KF_INVALID, "END: complete, but the windows end at 0x%" PRIx64 " of 0x%" PRIx64,
			       a->next_pfn, a->facts.max_mapnr);
	return KF_OK;
}

void kf_close_by_end(struct kf_assembler *a)
{
	char reason[KF_ERROR_TEXT];
	struct kf_error err;

	if (check_end(a, &err)) {
		kf_asm_fail(a, &err);
	} else if (a->end.reason == KF_END_COMPLETE) {
		kf_close_begin(a, true, KF_OK, "");
	} else {
		snprintf(reason, sizeof(reason), "the sender ended early: %s", kf_end_reason_name(a->end.reason));
		kf_close_begin(a, false, KF_INCOMPLETE, reason);
	}
}

void kf_close_begin(struct kf_assembler *a, bool whole, enum kf_status why, const char *reason)
{
	struct kf_closer *c = &a->closer;

	if (c->state != KF_CLOSING_NOT)
		return;
	c->state = KF_CLOSING_WAIT;
	c->whole = whole;
	c->why = why;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	a->phase_ms[KF_ASM_PHASES] = kf_now_ms();
}

void kf_close_badly(struct kf_assembler *a, enum kf_status why, const char *reason)
{
	struct kf_closer *c = &a->closer;

	if (c->state == KF_CLOSING_WAIT && c->whole) {
		c->state = KF_CLOSING_NOT;	/* END was right, but this machine is not */
		kf_close_begin(a, false, why, reason);
	} else if (c->state == KF_CLOSING_WAIT && why == KF_FAILED) {
		c->why = why;
	} else {
		kf_close_begin(a, false, why, reason);
	}
}

/*
 * Here a dump becomes finished. Each step is on disk before the next, and each may be done again: killed
 * anywhere, what lies there is an incomplete dump with its journal or a whole one. The journal goes last, for
 * it is what the other files can be made from.
 */
static enum kf_status finish(struct kf_closer *c, struct kf_error *err)
{
	const struct kf_dumpdir *dir = &c->a->dir;
	enum kf_status st = kf_checkpoint_make(&c->work, err);

	if (!st)
		st = kf_file_sync(&c->a->dump.file, err);
	if (!st)
		st = kf_dumpdir_rename(dir, KF_DUMP_UNFINISHED, KF_DUMP_FINISHED, err);
	if (!st)
		st = kf_manifest_write(&c->manifest, dir, err);
	if (!st)
		st = kf_dumpdir_remove(dir, KF_JOURNAL, err);
	return st ? st : kf_dumpdir_sync(dir, err);
}

/* What could not be finished must not look so. Nothing can be done if this fails too. */
static void unfinish(struct kf_closer *c)
{
	struct kf_dumpfile *d = &c->a->dump;
	struct kf_error ignored;

	c->whole = false;
	c->manifest.state = KF_STATE_INCOMPLETE;
	c->manifest.file = KF_DUMP_UNFINISHED;
	snprintf(c->manifest.reason, sizeof(c->manifest.reason), "%s", c->err.text);
	c->readable = d->opens;
	(void)!kf_dumpdir_rename(&c->a->dir, KF_DUMP_FINISHED, KF_DUMP_UNFINISHED, &ignored);
	if (c->readable)
		(void)!kf_dumpfile_flip(d, d->table.at, false, &ignored);
	(void)!kf_manifest_write(&c->manifest, &c->a->dir, &ignored);
}

/* Bytes that no table and no record names only take the space that a table or the manifest needs. */
static void cut(struct kf_closer *c)
{
	struct kf_dumpfile *d = &c->a->dump;
	struct kf_error ignored;

	if (!kf_file_truncate(&d->file, c->keep, &ignored))
		atomic_store(&d->end, c->keep);
}

/* A last checkpoint for what has come; if it fails, the one before stays valid. */
static enum kf_status leave_readable(struct kf_closer *c, struct kf_error *err)
{
	struct kf_dumpfile *d = &c->a->dump;
	struct kf_extent before = d->table;
	enum kf_status st = KF_OK;

	cut(c);
	if (c->anything_new)
		st = kf_checkpoint_make(&c->work, err);
	if (st) {
		kf_asm_manifest_mark(&c->manifest, &c->a->checkpointer.last);
		if (d->table.at == before.at)	/* block 0 does not point behind it */
			cut(c);
	}
	c->readable = d->opens;
	return st;
}

/* Before the first checkpoint there is nothing that a reader could open, or a sender resume. */
static enum kf_status leave_nothing(struct kf_closer *c, struct kf_error *err)
{
	enum kf_status st = kf_dumpdir_remove(&c->a->dir, KF_DUMP_UNFINISHED, err);

	return st ? st : kf_dumpdir_remove(&c->a->dir, KF_JOURNAL, err);
}

static enum kf_status leave(struct kf_closer *c, struct kf_error *err)
{
	enum kf_status st = KF_OK, written;
	struct kf_error second;

	if (c->a->durable.flags & KF_RESUME_INTRO)
		st = leave_readable(c, err);
	if (!c->readable) {
		c->manifest.file = "";
		(void)!leave_nothing(c, &second);
	}
	written = kf_manifest_write(&c->manifest, &c->a->dir, st ? &second : err);
	return st ? st : written;
}

static void run(struct kf_job *job, void *local)
{
	struct kf_closer *c = (struct kf_closer *)job;

	(void)local;
	c->manifest.close = (double)(kf_now_ms() - c->a->phase_ms[KF_ASM_PHASES]) / 1000;
	c->status = c->whole ? finish(c, &c->err) : leave(c, &c->err);
	if (c->whole && c->status)
		unfinish(c);
}

static void tell_stored(struct kf_assembler *a, uint32_t flags)
{
	struct kf_message m = { .type = KF_MSG_STORED };

	m.stored.flags = flags;
	m.stored.name = kf_string_of(a->dir.name);
	kf_asm_reply(a, &m);
}

static void closed(struct kf_assembler *a, enum kf_status status)
{
	struct kf_closer *c = &a->closer;

	c->state = KF_CLOSED;
	a->setup.host->closed(a->setup.host_ctx, &(struct kf_result){
		.status = status,
		.reason = c->reason,
		.dir = a->dir.name,
		.file = c->whole ? KF_DUMP_FINISHED : c->readable ? KF_DUMP_UNFINISHED : "",
	});
}

static void done(struct kf_job *job)
{
	struct kf_closer *c = (struct kf_closer *)job;
	struct kf_assembler *a = c->a;

	if (c->status) {
		kf_asm_tell_abort(a, kf_abort_code_for(c->status), c->err.text);
		if (!c->reason[0])
			snprintf(c->reason, sizeof(c->reason), "%s", c->err.text);
		closed(a, KF_FAILED);
	} else if (c->whole) {
		tell_stored(a, KF_STORED_WHOLE);
		closed(a, KF_OK);
	} else {
		if (a->ended)
			tell_stored(a, 0);
		closed(a, c->readable ? c->why : KF_FAILED);
	}
}

static uint64_t largest(uint64_t x, uint64_t y)
{
	return x > y ? x : y;
}

static void start_last(struct kf_assembler *a)
{
	struct kf_closer *c = &a->closer;
	const struct kf_dumpfile *d = &a->dump;

	_Static_assert(offsetof(struct kf_closer, job) == 0, "run() and done() get the job");
	c->state = KF_CLOSING_LAST;
	c->job = (struct kf_job){ .run = run, .done = done };
	c->a = a;
	kf_checkpoint_describe(a, &c->work);
	c->work.dump = &a->dump;
	c->work.whole = c->whole;
	c->anything_new = a->durable.journal != a->checkpointer.last.journal;
	c->keep = largest(d->table.at + d->table.bytes, d->old_table.at + d->old_table.bytes);
	c->keep = largest(c->keep, largest(a->durable.data_end, d->layout.data_at));
	kf_asm_manifest(a, &c->manifest);
	c->manifest.state = c->whole ? KF_STATE_COMPLETE : KF_STATE_INCOMPLETE;
	if (c->whole)
		c->manifest.file = KF_DUMP_FINISHED;
	snprintf(c->manifest.reason, sizeof(c->manifest.reason), "%s", c->reason);
	a->setup.disk.submit(a->setup.disk.ctx, &c->job);
}

void kf_close_advance(struct kf_assembler *a)
{
	if (a->closer.state != KF_CLOSING_WAIT || a->tickets || a->sync.running || a->checkpointer.running)
		return;
	if (a->described)
		start_last(a);
	else
		closed(a, KF_FAILED);
}
