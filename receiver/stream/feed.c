// SPDX-License-Identifier: GPL-2.0-or-later
// From bytes to messages in their legal order; see feed.h.
#include "receiver/stream/feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proto/names.h"

enum kf_status kf_feed_init(struct kf_feed *f, enum kf_role role, struct kf_consumer consumer,
			    struct kf_error *err)
{
	*f = (struct kf_feed){ .order = kf_order_of(role), .consumer = consumer };
	f->parser = kf_parser_create(role);
	return f->parser ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a parser");
}

void kf_feed_deinit(struct kf_feed *f)
{
	kf_parser_destroy(f->parser);
	f->parser = NULL;
}

void kf_feed_space(struct kf_feed *f, uint8_t **where, size_t *room)
{
	kf_parser_space(f->parser, where, room);
}

static enum kf_status take(struct kf_feed *f, struct kf_frame *frame, struct kf_error *err)
{
	struct kf_message m;
	enum kf_status st = kf_decode(&m, frame->type, frame->payload, frame->len, err);

	if (!st)
		st = kf_order_take(&f->order, &m, err);
	if (st)
		return kf_prepend(err, "frame %" PRIu64, frame->number);
	return f->consumer.ops->take(f->consumer.ctx, &m, frame, err);
}

enum kf_status kf_feed_advance(struct kf_feed *f, size_t n, struct kf_error *err)
{
	struct kf_frame frame;
	bool got;
	enum kf_status st = kf_parser_advance(f->parser, n, &frame, &got, err);

	if (st || !got)
		return st;
	st = take(f, &frame, err);
	free(frame.payload);
	return st;
}

enum kf_status kf_feed_end(const struct kf_feed *f, struct kf_error *err)
{
	if (f->order.state == KF_AT_END && !kf_parser_at_boundary(f->parser))
		return kf_fail(err, KF_INVALID, "bytes follow the end");
	if (f->order.state == KF_AT_END)
		return KF_OK;
	if (!kf_parser_bytes(f->parser))
		return kf_fail(err, KF_INCOMPLETE, "not a byte came");
	return kf_fail(err, KF_INCOMPLETE, "the stream ends after %" PRIu64 " bytes, %s %s, without END",
		       kf_parser_bytes(f->parser), kf_parser_at_boundary(f->parser) ? "behind" : "in a frame behind",
		       kf_order_state_name(f->order.state));
}
