// SPDX-License-Identifier: GPL-2.0-or-later
// How a dump is closed: wait for what is under way, sync, give the rest to one last job, tell everybody.
#include <stdio.h>
#include <string.h>

#include "receiver/stream/assembler.h"

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
		/* The reason that came first is often only what followed from this one. */
		snprintf(c->reason, sizeof(c->reason), "%s", reason);
		c->why = why;
	} else {
		kf_close_begin(a, false, why, reason);
	}
}

static void tell_stored(struct kf_assembler *a, uint32_t flags)
{
	struct kf_message m = { .type = KF_MSG_STORED };

	m.stored.flags = flags;
	m.stored.name = kf_string_of(a->disk.dir.name);
	kf_asm_reply(a, &m);
}

static void closed(struct kf_assembler *a, enum kf_status status)
{
	struct kf_closer *c = &a->closer;
	struct kf_finished finished;

	c->state = KF_CLOSED;
	kf_file_close(&a->disk.journal);	/* and with it the lock: who resumes the dump need not wait for what is left of this connection */
	kf_asm_finished(a, &finished);
	a->setup.host->closed(a->setup.host_ctx, &(struct kf_result){
		.status = status,
		.reason = c->reason,
		.dir = a->disk.dir.name,
		.file = c->whole ? KF_DUMP_FINISHED : c->readable ? KF_DUMP_UNFINISHED : "",
		.recompress = c->whole && c->recompress,
		.told = a->told, .resumable = !c->whole && c->readable,
		.finished = c->whole && a->disk.made ? &finished : NULL,
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
		if (a->said.ended)
			tell_stored(a, 0);
		closed(a, c->readable ? c->why : KF_FAILED);
	}
}

static uint64_t largest(uint64_t x, uint64_t y)
{
	return x > y ? x : y;
}

void kf_close_prepare(struct kf_assembler *a)
{
	struct kf_closer *c = &a->closer;
	const struct kf_dumpfile *d = &a->disk.dump;

	_Static_assert(offsetof(struct kf_closer, job) == 0, "run() and done() get the job");
	c->state = KF_CLOSING_LAST;
	c->job = (struct kf_job){ .run = kf_closer_run, .done = done };
	c->a = a;
	c->renamed = d->file.fd >= 0 && strcmp(d->file.name, KF_DUMP_FINISHED) == 0;
	kf_checkpoint_describe(a, &c->work);
	c->work.whole = c->whole;
	c->work.last = true;
	c->anything_new = a->durable.journal != a->checkpointer.last.journal;
	c->keep = largest(d->table.at + d->table.bytes, d->old_table.at + d->old_table.bytes);
	c->keep = largest(c->keep, largest(a->durable.data_end, d->layout.data_at));
	c->pages_end = largest(a->durable.data_end, d->layout.data_at);
	c->recompress = c->whole && a->durable.quick && a->setup.recompress != KF_RECOMPRESS_NEVER;
	kf_asm_manifest(a, &c->manifest);
	c->manifest.state = c->whole ? KF_STATE_COMPLETE : KF_STATE_INCOMPLETE;
	if (c->whole)
		c->manifest.file = KF_DUMP_FINISHED;
	snprintf(c->manifest.reason, sizeof(c->manifest.reason), "%s", c->reason);
}

static void start_last(struct kf_assembler *a)
{
	struct kf_closer *c = &a->closer;

	kf_close_prepare(a);
	a->setup.disk.submit(a->setup.disk.ctx, &c->job);
}

void kf_close_advance(struct kf_assembler *a)
{
	if (a->closer.state != KF_CLOSING_WAIT || a->queue.count || a->sync.running || a->checkpointer.running ||
	    a->resumer.state == KF_RESUMER_OPENING)
		return;
	if (a->disk.made) {
		start_last(a);
	} else if (a->closer.whole) {	/* it was so before, and is now told of again */
		tell_stored(a, KF_STORED_WHOLE);
		closed(a, KF_OK);
	} else {
		closed(a, KF_FAILED);
	}
}
