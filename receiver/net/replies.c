// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's direction of a connection; see replies.h.
#include "receiver/net/replies.h"

#define WAITING_MAX (64u << 10)				/* bytes */
#define FRAME_MAX (KF_HEADER_BYTES + 64 + KF_STRING_MAX)	/* of the largest reply */

bool kf_replies_init(struct kf_replies *r)
{
	*r = (struct kf_replies){ .out = evbuffer_new(), .order = kf_order_of(KF_ROLE_RECEIVER) };
	return r->out != NULL;
}

void kf_replies_deinit(struct kf_replies *r)
{
	if (r->out)
		evbuffer_free(r->out);
	r->out = NULL;
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

	if (said_again(m->type) && evbuffer_get_length(r->out) > WAITING_MAX)
		return;
	if (kf_order_take(&r->order, m, &ignored))
		return;
	if (r->number == 0) {
		kf_preface_encode(preface, KF_ROLE_RECEIVER);
		evbuffer_add(r->out, preface, sizeof(preface));
	}
	kf_encode_frame(&w, m, r->number++);
	if (!w.failed)
		evbuffer_add(r->out, frame, kf_written(&w));
}
