// SPDX-License-Identifier: GPL-2.0-or-later
// The queue of turns: work comes back in any order and takes effect in the order of messages.
#include "receiver/stream/assembler.h"

void *kf_worker_create(void)
{
	return kf_packer_create();
}

void kf_worker_destroy(void *worker)
{
	kf_packer_destroy(worker);
}

static void run(struct kf_job *job, void *local)
{
	struct kf_turn *t = (struct kf_turn *)job;

	t->status = t->ops->run(t, local, &t->err);
}

static void pop(struct kf_assembler *a)
{
	struct kf_turn *t = a->queue.oldest;

	a->queue.oldest = t->next;
	if (!a->queue.oldest)
		a->queue.newest = NULL;
	a->queue.count--;
	a->queue.barriers -= t->ops->barrier;
}

static void retire_done(struct kf_assembler *a)
{
	while (a->queue.oldest && a->queue.oldest->done) {
		struct kf_turn *t = a->queue.oldest;
		enum kf_status st = t->status;

		pop(a);
		/* Behind a failure nothing takes effect any more, or the journal would have a gap. */
		if (!a->queue.failed && !st && t->ops->retire)
			st = t->ops->retire(t, &t->err);
		if (!a->queue.failed && st) {
			a->queue.failed = true;
			kf_asm_fail(a, &t->err);
		}
		t->ops->destroy(t);
	}
}

static void done(struct kf_job *job)
{
	struct kf_turn *t = (struct kf_turn *)job;
	struct kf_assembler *a = t->a;

	t->done = true;
	retire_done(a);
	kf_asm_advance(a);
}

void kf_turn_submit(struct kf_assembler *a, struct kf_turn *t, const struct kf_turn_ops *ops)
{
	_Static_assert(offsetof(struct kf_turn, job) == 0, "run() and done() get the job");

	t->job = (struct kf_job){ .run = run, .done = done };
	t->a = a;
	t->ops = ops;
	if (a->queue.newest)
		a->queue.newest->next = t;
	else
		a->queue.oldest = t;
	a->queue.newest = t;
	a->queue.count++;
	a->queue.barriers += ops->barrier;
	a->setup.workers.submit(a->setup.workers.ctx, &t->job);
}
