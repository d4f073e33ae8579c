/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work that leaves the loop thread and comes back: what a job is, and who runs it. */
#ifndef KF_JOB_H
#define KF_JOB_H

/*
 * A job is a value: run() is called by some worker and touches nothing but the job, what the job
 * borrows and nobody changes meanwhile, and LOCAL, which belongs to that worker. Then done() is called
 * by the loop thread, which may free the job. No job has or needs a lock.
 */
struct kf_job {
	void (*run)(struct kf_job *job, void *local);
	void (*done)(struct kf_job *job);
	struct kf_job *next;	/* for whoever queues it */
};

/* Runs jobs. How many may be under way at once is up to those who submit: see kf_limits. */
struct kf_executor {
	void (*submit)(void *ctx, struct kf_job *job);
	void *ctx;
};

#endif
