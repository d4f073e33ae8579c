/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one loop: events, workers whose jobs come back to it, a clock and signals. */
#ifndef KF_LOOP_H
#define KF_LOOP_H

#include <event2/event.h>

#include "receiver/net/pool.h"

struct kf_loop_setup {
	unsigned int threads;		/* workers that compute */
	/* About once a second. */
	void (*tick)(void *ctx);
	/* SIGTERM or SIGINT came, perhaps again. */
	void (*stop)(void *ctx, int signal_number);
	void *ctx;
};

/* Read-only for others. */
struct kf_loop {
	struct event_base *base;
	struct kf_pool *workers;	/* each has what kf_worker_create made */
	struct kf_pool *disk;		/* threads that only wait for the disk */
	struct event *reap_workers, *reap_disk, *tick, *on_term, *on_int;
	struct kf_loop_setup setup;
};

/* After a failure deinit has been done. */
enum kf_status kf_loop_init(struct kf_loop *l, const struct kf_loop_setup *setup, struct kf_error *err) kf_must_check;
void kf_loop_deinit(struct kf_loop *l);

/* Runs until kf_loop_end; KF_FAILED if the system's event mechanism breaks. */
enum kf_status kf_loop_run(struct kf_loop *l);
void kf_loop_end(struct kf_loop *l);

#endif
