/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Worker threads: jobs go in by value, and come back to the loop thread through an eventfd. */
#ifndef KF_POOL_H
#define KF_POOL_H

#include "common/status.h"
#include "receiver/stream/job.h"

/* What each worker has of its own; made and unmade by the thread that creates the pool. */
struct kf_pool_local {
	void *(*create)(void);		/* NULL if there is no memory */
	void (*destroy)(void *local);
};

struct kf_pool;

/* N workers, at least 1; LOCAL may be NULL: they have nothing of their own. Jobs begin in the order in
 * which they were submitted. The pool's memory does not grow with its jobs; each session bounds how many of
 * its own are under way. */
enum kf_status kf_pool_create(struct kf_pool **pool, unsigned int n, const struct kf_pool_local *local,
			      struct kf_error *err) kf_must_check;
/* Waits for jobs that run; jobs that have not begun are forgotten. NULL is allowed. */
void kf_pool_destroy(struct kf_pool *p);

struct kf_executor kf_pool_executor(struct kf_pool *p);

/* For work that can wait: its jobs begin when no other job waits. */
struct kf_executor kf_pool_idle_executor(struct kf_pool *p);

/* Readable while jobs wait to be reaped. */
int kf_pool_fd(const struct kf_pool *p);

/* Calls done() of every job that has run, in the calling thread, which must be the loop thread. */
void kf_pool_reap(struct kf_pool *p);

#endif
