// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's direction of a connection; see replies.h.
#include "receiver/net/replies.h"

#define WAITING_MAX (64u << 10)				/* bytes */
#define FRAME_MAX (KF_HEADER_BYTES + 64 + KF_STRING_MAX)	/* of the largest reply */

struct kf_replies kf_replies_on(struct kf_channel *channel)
{
	return (struct kf_replies){ .channel = channel, .order = kf_order_of(KF_ROLE_RECEIVER) };
}

static bool said_again(enum kf_type type)
{
	return type == KF_MSG_RECEIVED || type == KF_MSG_DURABLE;
}

void kf_replies_put(struct kf_replies *r, const struct kf_message *m)
{
	uint8_t preface[KF_PREFACE_BYTES], frame[FRAME_MAX];
	struct kf_writer w = kf_writer_on(frame, sizeof(frame));
	struct kf_error ignored;

	if (!r->channel->hears || (said_again(m->type) && kf_channel_waiting(r->channel) > WAITING_MAX))
		return;
	if (kf_order_take(&r->order, m, &ignored))
		return;
	if (r->number == 0) {
		kf_preface_encode(preface, KF_ROLE_RECEIVER);
		kf_channel_put(r->channel, preface, sizeof(preface));
	}
	kf_encode_frame(&w, m, r->number++);
	if (!w.failed)
		kf_channel_put(r->channel, frame, kf_written(&w));
}

size_t kf_replies_refusal(uint8_t *out, size_t size, const char *why)
{
	const struct kf_message m = { .type = KF_MSG_ABORT, .abort = { .code = KF_ABORT_REFUSED, .text = kf_string_of(why) } };
	struct kf_writer w = kf_writer_on(out + KF_PREFACE_BYTES, size - KF_PREFACE_BYTES);

	kf_preface_encode(out, KF_ROLE_RECEIVER);
	kf_encode_frame(&w, &m, 0);
	return w.failed ? 0 : KF_PREFACE_BYTES + kf_written(&w);
}
