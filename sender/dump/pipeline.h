/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline: scanner -> ring of slots -> compressors -> one writer, frames in the scanner's order. */
#ifndef KF_PIPELINE_H
#define KF_PIPELINE_H

#include "sender/dump/choice.h"
#include "sender/dump/replies.h"
#include "sender/dump/slot.h"
#include "sender/transport/transport.h"

/* More compressors are never started. The memory cap may allow fewer: each has a slot of 600 KiB, a stack and what its
 * codec works in. */
#define KF_THREADS_MAX 12u

struct kf_pipeline;

/* What has left so far, by this connection and those before. */
struct kf_pipeline_totals {
	uint64_t batches, raw_bytes, wire_bytes;
	struct kf_sum128 pages;		/* digest over all pages sent */
	uint64_t packed[KF_WIRE_CODECS];	/* batches of this connection alone, by the wire codec that they went with */
};

struct kf_pipeline_setup {
	struct kf_transport *transport;		/* open; used by the writer until kf_pipeline_destroy */
	struct kf_encoding encoding;		/* known: kf_encoding_known */
	unsigned int threads;			/* compressors wanted, 1..KF_THREADS_MAX */
	struct kf_history *history;		/* borrowed, under the pipeline's lock; NULL: nothing can be resumed */
	/* What went before: the opening, by which so many frames were sent (0: none, the preface is still to go), and what
	 * an earlier connection got across. */
	uint64_t frames;
	struct kf_replies replies;		/* moved, if its parser is not NULL */
	struct kf_pipeline_totals totals;
	/* Called by the writer about once a second and after every frame: progress. */
	void (*tick)(void *context);
	void *tick_context;
};

/* How many compressors of those that SETUP wants the memory cap allows, at least 1; so many are started. */
unsigned int kf_pipeline_threads(const struct kf_pipeline_setup *setup);

enum kf_status kf_pipeline_create(struct kf_pipeline **p, const struct kf_pipeline_setup *setup,
				  struct kf_error *err) kf_must_check;
/* Ends the threads, whatever they are doing, and frees everything. If the dump did not end in order, WHY (NULL:
 * nothing to say) is told to the receiver first. A NULL pipeline is allowed. */
void kf_pipeline_destroy(struct kf_pipeline *p, const struct kf_error *why);

/*
 * All below are for the one scanner thread, and fail with the pipeline's first error once it has one.
 *
 * A batch: get an empty slot (waits for one), fill it by slot.h, submit it. A control message goes behind
 * everything submitted before it.
 */
enum kf_status kf_pipeline_batch(struct kf_pipeline *p, struct kf_slot **slot, struct kf_error *err) kf_must_check;
void kf_pipeline_submit(struct kf_pipeline *p, struct kf_slot *slot);
enum kf_status kf_pipeline_control(struct kf_pipeline *p, const struct kf_message *m, struct kf_error *err) kf_must_check;
/* The same for a WINDOW, behind which a new connection may go on from POINT; waits for room in the history. */
enum kf_status kf_pipeline_window(struct kf_pipeline *p, const struct kf_message *m, const struct kf_history_point *point,
				  struct kf_error *err) kf_must_check;

/* Stops the threads, whatever they are doing; as destroy does, but what follows can still be asked. */
void kf_pipeline_stop(struct kf_pipeline *p, const struct kf_error *why);
/* After that: whether the connection failed, and not this machine; and what the receiver had said. */
bool kf_pipeline_broke(const struct kf_pipeline *p);
const struct kf_replies *kf_pipeline_replies(const struct kf_pipeline *p);

/* Waits until everything submitted was handed to the transport. */
enum kf_status kf_pipeline_drain(struct kf_pipeline *p, struct kf_pipeline_totals *totals, struct kf_error *err) kf_must_check;

/* After END: waits for STORED (a transport that answers) or makes the file lasting. *REPLIES gets what the
 * receiver said. */
enum kf_status kf_pipeline_finish(struct kf_pipeline *p, struct kf_replies *replies, struct kf_error *err) kf_must_check;

#endif
