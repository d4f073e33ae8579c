/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receiver's direction of a connection: frames on their way to the sender. */
#ifndef KF_RECV_REPLIES_H
#define KF_RECV_REPLIES_H

#include "proto/order.h"
#include "receiver/net/channel.h"

/*
 * What the order table does not allow is not sent: nothing before WELCOME but an ABORT, nothing behind
 * an ABORT. A sender need not read its replies, so while many bytes wait those that a later one will
 * say again (RECEIVED, DURABLE) are left out. A sender that closed its ear may still speak: that a write
 * fails ends the replies and nothing else.
 */
struct kf_replies {
	struct kf_channel *channel;	/* borrowed */
	struct kf_order order;
	uint64_t number;		/* of the next frame */
};

struct kf_replies kf_replies_on(struct kf_channel *channel);

void kf_replies_put(struct kf_replies *r, const struct kf_message *m);

/* The bytes of a direction in which nothing is said but that somebody is refused, and WHY; gives their number. */
size_t kf_replies_refusal(uint8_t *out, size_t size, const char *why);

#endif
