/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline's inside, shared by pipeline.c, pack.c and writer.c only. */
#ifndef KF_RING_H
#define KF_RING_H

#include <pthread.h>

#include "sender/dump/pipeline.h"

#define KF_SLOTS_BESIDE 2u	/* those of the packers: one being filled, one being written */

/*
 * Slot number n of the stream is slots[n % slot_count]. Three counters chase each other round the ring:
 * written <= packed <= filled <= written + slot_count; each slot's state says who holds it:
 *
 *	FREE (scanner) -> FILLED -> PACKING (a packer) -> READY (writer) -> FREE
 *
 * Control frames go from FREE to READY at once. Everything below the setup is under the lock, but for what the
 * state gives to one thread.
 */
struct kf_pipeline {
	struct kf_pipeline_setup setup;
	pthread_mutex_t lock;
	pthread_cond_t slot_freed, slot_filled, slot_ready;
	struct kf_slot *slots;
	unsigned int slot_count;
	uint64_t filled;	/* slots the scanner has handed over */
	uint64_t packed;	/* the next to look at for packing */
	uint64_t written;

	struct kf_choice choice;

	bool failed;		/* and then all threads end */
	struct kf_error error;	/* the first failure */
	bool broken;		/* by the connection, or by what came over it */
	bool ended;		/* END was submitted: nothing will follow */
	bool finished;		/* the peer has it all, lasting */

	struct kf_pipeline_totals totals;
	struct kf_replies replies;	/* the writer's until finished */

	pthread_t writer, packers[KF_THREADS_MAX];
	bool writer_started;
	unsigned int packers_started;
};

void *kf_writer_run(void *pipeline);
void *kf_packer_run(void *pipeline);

/* Any thread: notes the first failure and wakes everybody. */
void kf_pipeline_fail(struct kf_pipeline *p, const struct kf_error *err);

#endif
