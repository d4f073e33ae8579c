/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receiver's direction of a connection: frames on their way to the sender. */
#ifndef KF_RECV_REPLIES_H
#define KF_RECV_REPLIES_H

#include <event2/buffer.h>
#include <stdbool.h>

#include "proto/order.h"

/*
 * What the order table does not allow is not sent: nothing before WELCOME but an ABORT, nothing behind
 * an ABORT. A sender need not read its replies, so while many bytes wait those that a later one will
 * say again (RECEIVED, DURABLE) are left out.
 */
struct kf_replies {
	struct evbuffer *out;	/* owned; bytes not yet written */
	struct kf_order order;
	uint64_t number;	/* of the next frame */
};

bool kf_replies_init(struct kf_replies *r);	/* false if there is no memory */
void kf_replies_deinit(struct kf_replies *r);

void kf_replies_put(struct kf_replies *r, const struct kf_message *m);

#endif
