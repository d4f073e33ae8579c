/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first words with a receiver: preface, HELLO, DUMP, and RESUME's answer if it is waited for. */
#ifndef KF_HANDSHAKE_H
#define KF_HANDSHAKE_H

#include "sender/dump/replies.h"
#include "sender/dump/silence.h"

/* What was exchanged before the pipeline took the connection over. */
struct kf_opening {
	struct kf_replies replies;	/* moved into the pipeline */
	uint64_t frames, bytes;		/* sent so far */
	time_t heard, spoke;		/* when the receiver was last heard, and said something to; silence.h */
};

/*
 * Sends the preface and HELLO and DUMP over T, and waits for WELCOME; with HELLO's resume flag also for RESUME. Both then are in
 * O->replies. A T without answers is not waited for. The opening must be given to a pipeline or to kf_opening_deinit in any case.
 */
enum kf_status kf_opening_make(struct kf_opening *o, struct kf_transport *t, const struct kf_message *hello,
			       const struct kf_message *dump, struct kf_error *err) kf_must_check;
/* Says WHY it goes no further; best effort. */
void kf_opening_abort(struct kf_opening *o, struct kf_transport *t, const struct kf_error *why);
void kf_opening_deinit(struct kf_opening *o);

#endif
