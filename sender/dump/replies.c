// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's answers; see replies.h.
#include "sender/dump/replies.h"

#include <stdlib.h>

#include "proto/names.h"

enum kf_status kf_replies_init(struct kf_replies *r, struct kf_error *err)
{
	*r = (struct kf_replies){
		.parser = kf_parser_create(KF_ROLE_RECEIVER),
		.order = kf_order_of(KF_ROLE_RECEIVER),
	};
	return r->parser ? KF_OK : kf_fail(err, KF_FAILED, "no memory for replies");
}

void kf_replies_deinit(struct kf_replies *r)
{
	kf_parser_destroy(r->parser);
	r->parser = NULL;
}

static enum kf_status take(struct kf_replies *r, const struct kf_message *m, struct kf_error *err)
{
	char text[KF_STRING_MAX + 1];

	if (kf_order_take(&r->order, m, err))
		return err->status;
	switch (m->type) {
	case KF_MSG_WELCOME:
		r->welcomed = true;
		r->id = m->welcome;
		return KF_OK;
	case KF_MSG_RESUME:
		r->resume_told = true;
		r->resume = m->resume;
		return KF_OK;
	case KF_MSG_RECEIVED:
		r->received_bytes = m->received.bytes;
		return KF_OK;
	case KF_MSG_DURABLE:
		r->durable_pfn = m->resume.pfn;
		r->durable_flags = m->resume.flags;
		return KF_OK;
	case KF_MSG_STORED:
		if (!r->end_sent)
			return kf_fail(err, KF_INVALID, "the receiver says STORED before END was sent");
		r->stored = true;
		r->stored_flags = m->stored.flags;
		kf_string_text(r->stored_name, sizeof(r->stored_name), &m->stored.name);
		return KF_OK;
	case KF_MSG_ABORT:
		kf_string_text(text, sizeof(text), &m->abort.text);
		r->aborted = true;
		r->abort_code = m->abort.code;
		return kf_fail(err, KF_REFUSED, "the receiver ended it (%s): %s", kf_abort_code_name(m->abort.code), text);
	default:	/* LEVEL and KEEPALIVE ask for nothing that must be done */
		return KF_OK;
	}
}

enum kf_status kf_replies_pump(struct kf_replies *r, struct kf_transport *t, struct kf_error *err)
{
	while (!r->stored) {	/* after STORED the receiver hangs up, which is no news */
		struct kf_frame frame;
		struct kf_message m;
		uint8_t *where;
		size_t room;
		ssize_t n;
		bool got;
		enum kf_status st;

		kf_parser_space(r->parser, &where, &room);
		n = t->ops->receive(t, where, room, err);
		if (n <= 0)
			return n < 0 ? err->status : KF_OK;
		st = kf_parser_advance(r->parser, (size_t)n, &frame, &got, err);
		if (st) {	/* most often something else answers there */
			r->damaged = true;
			return kf_prepend(err, "%s", t->name);
		}
		if (got) {
			st = kf_decode(&m, frame.type, frame.payload, frame.len, err);
			if (!st)
				st = take(r, &m, err);
			else
				kf_prepend(err, "the receiver's answer");
			free(frame.payload);
			r->damaged = st && !r->aborted;
		}
		if (st)
			return st;
	}
	return KF_OK;
}

enum kf_status kf_replies_last_words(struct kf_replies *r, struct kf_transport *t, struct kf_error *err)
{
	struct kf_error words;

	if (t->ops->answers && kf_replies_pump(r, t, &words) == KF_REFUSED)
		*err = words;
	return err->status;
}
