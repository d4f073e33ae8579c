// SPDX-License-Identifier: GPL-2.0-or-later
// Worker threads; see pool.h.
#include "receiver/net/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fifo {
	struct kf_job *first, *last;
};

struct worker {
	pthread_t thread;
	struct kf_pool *pool;
	void *local;
};

struct kf_pool {
	pthread_mutex_t lock;		/* guards the five members below it */
	pthread_cond_t work;
	struct fifo waiting, idle, finished;
	bool stop;
	int event;
	const struct kf_pool_local *ops;
	unsigned int started;
	struct worker workers[];
};

static void put(struct fifo *f, struct kf_job *job)
{
	job->next = NULL;
	if (f->last)
		f->last->next = job;
	else
		f->first = job;
	f->last = job;
}

static struct kf_job *get(struct fifo *f)
{
	struct kf_job *job = f->first;

	if (job) {
		f->first = job->next;
		if (!f->first)
			f->last = NULL;
	}
	return job;
}

/* The next job, or NULL when the pool stops. */
static struct kf_job *wait_for_job(struct kf_pool *p)
{
	struct kf_job *job = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && !(job = get(&p->waiting)) && !(job = get(&p->idle)))
		pthread_cond_wait(&p->work, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return job;
}

static void finish(struct kf_pool *p, struct kf_job *job)
{
	const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&p->lock);
	first = !p->finished.first;
	put(&p->finished, job);
	pthread_mutex_unlock(&p->lock);
	/* Cannot fail: the counter is far from its end, and nobody closes the eventfd before the join. */
	if (first && write(p->event, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct kf_job *job;

	while ((job = wait_for_job(w->pool))) {
		job->run(job, w->local);
		finish(w->pool, job);
	}
	return NULL;
}

static void destroy_local(struct worker *w)
{
	if (w->local)
		w->pool->ops->destroy(w->local);
}

static enum kf_status start(struct kf_pool *p, unsigned int n, struct kf_error *err)
{
	for (; p->started < n; p->started++) {
		struct worker *w = &p->workers[p->started];

		w->pool = p;
		w->local = p->ops ? p->ops->create() : NULL;
		if (p->ops && !w->local)
			return kf_fail(err, KF_FAILED, "no memory for worker %u", p->started);
		if (pthread_create(&w->thread, NULL, work, w)) {
			destroy_local(w);
			return kf_fail(err, KF_FAILED, "cannot start worker %u", p->started);
		}
	}
	return KF_OK;
}

enum kf_status kf_pool_create(struct kf_pool **pool, unsigned int n, const struct kf_pool_local *local,
			      struct kf_error *err)
{
	struct kf_pool *p = calloc(1, sizeof(*p) + n * sizeof(p->workers[0]));
	enum kf_status st;

	*pool = NULL;
	if (!p)
		return kf_fail(err, KF_FAILED, "no memory for %u workers", n);
	p->ops = local;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	p->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	st = p->event < 0 ? kf_fail_errno(err, "eventfd") : start(p, n, err);
	if (st)
		kf_pool_destroy(p);
	else
		*pool = p;
	return st;
}

void kf_pool_destroy(struct kf_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned int i = 0; i < p->started; i++) {
		pthread_join(p->workers[i].thread, NULL);
		destroy_local(&p->workers[i]);
	}
	if (p->event >= 0)
		close(p->event);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void submit(void *ctx, struct kf_job *job)
{
	struct kf_pool *p = ctx;

	pthread_mutex_lock(&p->lock);
	put(&p->waiting, job);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

static void submit_idle(void *ctx, struct kf_job *job)
{
	struct kf_pool *p = ctx;

	pthread_mutex_lock(&p->lock);
	put(&p->idle, job);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

struct kf_executor kf_pool_executor(struct kf_pool *p)
{
	return (struct kf_executor){ .submit = submit, .ctx = p };
}

struct kf_executor kf_pool_idle_executor(struct kf_pool *p)
{
	return (struct kf_executor){ .submit = submit_idle, .ctx = p };
}

int kf_pool_fd(const struct kf_pool *p)
{
	return p->event;
}

void kf_pool_reap(struct kf_pool *p)
{
	struct kf_job *job, *next;
	uint64_t count;

	/* First the counter, then the jobs: one that finishes in between is seen now or counted again. */
	(void)!read(p->event, &count, sizeof(count));
	pthread_mutex_lock(&p->lock);
	job = p->finished.first;
	p->finished = (struct fifo){ 0 };
	pthread_mutex_unlock(&p->lock);
	for (; job; job = next) {
		next = job->next;
		job->done(job);
	}
}
