// SPDX-License-Identifier: GPL-2.0-or-later
// From records to durable: data to disk, then the records that name it, then DURABLE to the sender.
#include "receiver/kdump/format.h"
#include "receiver/stream/assembler.h"

#define RECORDS_FULL (4u << 20)	/* bytes of records that are written at once */

void kf_asm_gathered(struct kf_assembler *a, uint64_t raw)
{
	a->gathered.mark.journal = a->gathered.at + a->gathered.records.used;
	a->gathered.raw += raw;
	if (!a->gathered.since)
		a->gathered.since = kf_now_ms();
}

bool kf_sync_full(const struct kf_assembler *a)
{
	return a->sync.running &&
	       (a->gathered.raw >= a->setup.pace.sync_bytes || a->gathered.records.used >= RECORDS_FULL);
}

bool kf_sync_due(const struct kf_assembler *a)
{
	const struct kf_pace *pace = &a->setup.pace;

	if (a->sync.running || a->sync.broken || !a->gathered.records.used)
		return false;
	if (a->closer.state != KF_CLOSING_NOT)
		return a->closer.state == KF_CLOSING_WAIT && !a->queue.count && (a->gathered.mark.flags & KF_RESUME_INTRO);
	/* The first pages early: until they are durable no checkpoint has any, and the disk may be small. */
	if (!a->durable.pages && a->gathered.mark.data >= pace->checkpoint_bytes)
		return true;
	return a->gathered.sync_now || a->gathered.raw >= pace->sync_bytes || a->gathered.records.used >= RECORDS_FULL ||
	       kf_now_ms() - a->gathered.since >= pace->sync_ms;
}

/*
 * When the disk is full, the records of what came before must still go into the journal, and then a last table into the
 * dump file. Their room is kept here; the close gives back what is left of it.
 */
static void reserve(struct kf_sync *s)
{
	uint64_t end = s->at + s->records.used;
	uint64_t keep = s->a->setup.pace.reserve_bytes;
	uint64_t table = sizeof(struct kf_kdump_descriptor) * s->mark.pages, some = s->mark.data / 8;
	uint64_t want = end + keep + (table < some ? table : some);	/* a sender of zero pages shall not reserve a whole disk */

	if (!keep || s->reserved >= want - keep / 2 || !(s->mark.flags & KF_RESUME_INTRO))
		return;
	if (kf_file_reserve(&s->a->disk.journal, end, want - end))
		s->reserved = want;
}

/* A server has better use for its memory than pages that it has written. But what is to be packed anew is read again soon. */
static void forget(struct kf_sync *s)
{
	const uint64_t end = s->mark.data_end;

	if (s->mark.quick || end <= s->forgotten)
		return;
	kf_file_forget(&s->a->disk.dump.file, s->forgotten, end - s->forgotten);
	s->forgotten = end;
}

static void run(struct kf_job *job, void *local)
{
	struct kf_sync *s = (struct kf_sync *)job;

	(void)local;
	/* This order is what makes a record true: whatever it names is on disk before it is. */
	s->status = kf_file_datasync(&s->a->disk.dump.file, &s->err);
	if (!s->status)
		s->status = kf_file_write(&s->a->disk.journal, s->records.bytes, s->records.used, s->at, &s->err);
	if (!s->status)
		s->status = kf_file_datasync(&s->a->disk.journal, &s->err);
	if (!s->status) {
		reserve(s);
		forget(s);
	}
}

static void tell_durable(struct kf_assembler *a)
{
	struct kf_message m = { .type = KF_MSG_DURABLE };

	m.resume.pfn = a->durable.pfn;
	m.resume.flags = a->durable.flags;
	kf_asm_reply(a, &m);
}

static void done(struct kf_job *job)
{
	struct kf_sync *s = (struct kf_sync *)job;
	struct kf_assembler *a = s->a;

	s->running = false;
	s->records.used = 0;
	if (s->status) {
		s->broken = true;
		kf_asm_fail(a, &s->err);
	} else {
		a->durable = s->mark;
		if (a->durable.flags & KF_RESUME_INTRO)
			tell_durable(a);
	}
	kf_asm_advance(a);
}

void kf_sync_start(struct kf_assembler *a)
{
	struct kf_sync *s = &a->sync;
	struct kf_records spare = s->records;

	_Static_assert(offsetof(struct kf_sync, job) == 0, "run() and done() get the job");
	s->job = (struct kf_job){ .run = run, .done = done };
	s->a = a;
	s->records = a->gathered.records;
	s->at = a->gathered.at;
	s->mark = a->gathered.mark;
	s->running = true;
	a->gathered.records = spare;
	a->gathered.at += s->records.used;
	a->gathered.raw = a->gathered.since = 0;
	a->gathered.sync_now = false;
	a->setup.disk.submit(a->setup.disk.ctx, &s->job);
}
