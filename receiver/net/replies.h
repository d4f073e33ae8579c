/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receiver's direction of a connection: frames on their way to the sender. */
#ifndef KF_RECV_REPLIES_H
#define KF_RECV_REPLIES_H

#include <event2/buffer.h>
#include <event2/event.h>
#include <stdbool.h>

#include "proto/order.h"

/*
 * What the order table does not allow is not sent: nothing before WELCOME but an ABORT, nothing behind
 * an ABORT. A sender need not read its replies, so while many bytes wait those that a later one will
 * say again (RECEIVED, DURABLE) are left out. A sender that closed its ear may still speak: that a write
 * fails ends the replies and nothing else.
 */
struct kf_replies {
	int fd;			/* borrowed; -1: nobody listens */
	struct evbuffer *out;	/* owned; bytes not yet written */
	struct event *writable;	/* owned */
	struct kf_order order;
	uint64_t number;	/* of the next frame */
	bool broken, shut;
	void (*written)(void *ctx);	/* after each write; the replies may be gone then */
	void *ctx;
};

/* False if there is no memory; deinit is allowed then, and on one that is all zeros. */
bool kf_replies_init(struct kf_replies *r, struct event_base *base, int fd, void (*written)(void *ctx), void *ctx);
void kf_replies_deinit(struct kf_replies *r);

void kf_replies_put(struct kf_replies *r, const struct kf_message *m);

/* Whether nothing waits to be written. */
bool kf_replies_flushed(const struct kf_replies *r);

/* Ends the direction, so that the sender sees its end; for when all is flushed. */
void kf_replies_shut(struct kf_replies *r);

#endif
