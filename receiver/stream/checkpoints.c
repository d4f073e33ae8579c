// SPDX-License-Identifier: GPL-2.0-or-later
// When a checkpoint is made while pages still come, and of what.
#include "receiver/stream/assembler.h"

/*
 * A table is written for nothing when the next one comes. What is written so stays below one part in SHARE of the rest; small
 * tables do not count. Where tables cannot lie aside this is also what the file ends larger by.
 */
#define SMALL_TABLES (4u << 20)	/* bytes */
#define SHARE_BY_GROWTH 32
#define SHARE_BY_TIME 16

static bool affordable(const struct kf_assembler *a, uint64_t share)
{
	uint64_t table = kf_layout_table_bytes(&a->disk.dump.layout, a->durable.pages);

	return a->checkpointer.tables + table <= (a->durable.data + table) / share + SMALL_TABLES;
}

bool kf_checkpoint_due(const struct kf_assembler *a)
{
	const struct kf_checkpointer *c = &a->checkpointer;
	const struct kf_pace *pace = &a->setup.pace;
	uint64_t grown = a->durable.data - c->last.data, step = c->last.data / 4;

	if (c->running || a->closer.state != KF_CLOSING_NOT || !(a->durable.flags & KF_RESUME_INTRO))
		return false;
	if (a->durable.flags & ~c->last.flags)	/* the intro, the vital pages */
		return true;
	if (grown >= (step > pace->checkpoint_bytes ? step : pace->checkpoint_bytes) && affordable(a, SHARE_BY_GROWTH))
		return true;
	return a->durable.journal != c->last.journal && kf_now_ms() - c->when >= pace->checkpoint_ms &&
	       affordable(a, SHARE_BY_TIME);
}

void kf_checkpoint_describe(struct kf_assembler *a, struct kf_checkpoint *c)
{
	const struct kf_mark *m = &a->durable;
	uint64_t vital_end = KF_JOURNAL_HEADER_BYTES;

	if (m->flags & KF_RESUME_VITAL)
		vital_end = m->vital_end;
	else if (a->said.vital.pages)	/* all pages so far are vital ones */
		vital_end = m->journal;
	*c = (struct kf_checkpoint){
		.dump = &a->disk.dump, .ram = &a->said.ram, .journal = &a->disk.journal, .pages = m->pages,
		.span = { .first = KF_JOURNAL_HEADER_BYTES, .vital_end = vital_end, .end = m->journal },
	};
}

static void run(struct kf_job *job, void *local)
{
	struct kf_checkpointer *c = (struct kf_checkpointer *)job;

	(void)local;
	c->status = kf_checkpoint_make(&c->work, &c->err);
	if (!c->status)
		c->status = kf_manifest_write(&c->manifest, &c->a->disk.dir, &c->err);
}

static void done(struct kf_job *job)
{
	struct kf_checkpointer *c = (struct kf_checkpointer *)job;
	struct kf_assembler *a = c->a;

	c->running = false;
	c->when = kf_now_ms();
	c->tables += a->disk.dump.table.bytes;
	if (!c->status)
		c->last = c->mark;
	else if (a->closer.state == KF_CLOSING_NOT)	/* the close makes its own */
		kf_asm_fail(a, &c->err);
	kf_asm_advance(a);
}

void kf_checkpoint_start(struct kf_assembler *a)
{
	struct kf_checkpointer *c = &a->checkpointer;

	_Static_assert(offsetof(struct kf_checkpointer, job) == 0, "run() and done() get the job");
	c->job = (struct kf_job){ .run = run, .done = done };
	c->a = a;
	kf_checkpoint_describe(a, &c->work);
	kf_asm_manifest(a, &c->manifest);
	c->mark = a->durable;
	c->running = true;
	a->setup.disk.submit(a->setup.disk.ctx, &c->job);
}
