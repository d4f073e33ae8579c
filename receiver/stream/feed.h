/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From bytes to messages in their legal order, given to a consumer. */
#ifndef KF_FEED_H
#define KF_FEED_H

#include "proto/order.h"
#include "receiver/stream/consumer.h"

/* Every stream goes through here, be it from a socket, standard input or a file. */
struct kf_feed {
	struct kf_parser *parser;	/* owned */
	struct kf_order order;
	struct kf_consumer consumer;	/* borrowed */
};

enum kf_status kf_feed_init(struct kf_feed *f, enum kf_role role, struct kf_consumer consumer,
			    struct kf_error *err) kf_must_check;
void kf_feed_deinit(struct kf_feed *f);

/* Where the next bytes go; at least one fits. */
void kf_feed_space(struct kf_feed *f, uint8_t **where, size_t *room);

/* Takes N bytes that lie where kf_feed_space said; at most one message reaches the consumer. After a
 * failure the feed must not be used again. */
enum kf_status kf_feed_advance(struct kf_feed *f, size_t n, struct kf_error *err) kf_must_check;

/* The stream has no more bytes: KF_OK if it ended with END or ABORT, else KF_INCOMPLETE with where it broke
 * off, or KF_INVALID if something follows the end. */
enum kf_status kf_feed_end(const struct kf_feed *f, struct kf_error *err) kf_must_check;

#endif
