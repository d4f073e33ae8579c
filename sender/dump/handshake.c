// SPDX-License-Identifier: GPL-2.0-or-later
// The first words with a receiver; see handshake.h.
#include "sender/dump/handshake.h"

#include <time.h>

#include "proto/frame.h"
#include "proto/preface.h"
#include "sender/dump/silence.h"

#define TICK_MS 1000

/* Takes what has come; fails if nothing came for too long. */
static enum kf_status pump(struct kf_opening *o, struct kf_transport *t, struct kf_error *err)
{
	uint64_t before = kf_parser_bytes(o->replies.parser);

	if (t->ops->answers && kf_replies_pump(&o->replies, t, err))
		return err->status;
	if (kf_parser_bytes(o->replies.parser) != before)
		o->heard = kf_silence_now();
	return kf_check_silence(o->heard, t, err);
}

static enum kf_status send_all(struct kf_opening *o, struct kf_transport *t, const uint8_t *bytes, size_t len, struct kf_error *err)
{
	while (len) {
		ssize_t n = t->ops->send(t, bytes, len, err);

		if (n < 0)
			return kf_replies_last_words(&o->replies, t, err);
		if (n == 0) {
			t->ops->wait(t, KF_CAN_SEND, TICK_MS);
			if (pump(o, t, err))
				return err->status;
		}
		o->bytes += (uint64_t)n;
		bytes += n;
		len -= (size_t)n;
	}
	o->spoke = kf_silence_now();
	return KF_OK;
}

static enum kf_status send_message(struct kf_opening *o, struct kf_transport *t, const struct kf_message *m, struct kf_error *err)
{
	uint8_t frame[1200];
	struct kf_writer w = kf_writer_on(frame, sizeof(frame));

	kf_encode_frame(&w, m, o->frames++);
	if (w.failed)
		return kf_fail(err, KF_INVALID, "a frame of type %u does not fit", (unsigned int)m->type);
	return send_all(o, t, frame, kf_written(&w), err);
}

/* A receiver that goes on with a dump may have an earlier connection to close first, and much to read. */
static enum kf_status await_word(struct kf_opening *o, struct kf_transport *t, const bool *word, struct kf_error *err)
{
	const struct kf_message alive = { .type = KF_MSG_KEEPALIVE };

	while (!*word) {
		t->ops->wait(t, KF_CAN_RECEIVE, TICK_MS);
		if (pump(o, t, err))
			return err->status;
		if (kf_silence_now() - o->spoke >= KF_KEEPALIVE_S && send_message(o, t, &alive, err))
			return err->status;
	}
	return KF_OK;
}

enum kf_status kf_opening_make(struct kf_opening *o, struct kf_transport *t, const struct kf_message *hello,
			       const struct kf_message *dump, struct kf_error *err)
{
	bool resumes = (hello->hello.flags & KF_HELLO_RESUME) != 0;
	uint8_t preface[KF_PREFACE_BYTES];

	*o = (struct kf_opening){ .heard = kf_silence_now() };
	kf_preface_encode(preface, KF_ROLE_SENDER);
	if (kf_replies_init(&o->replies, err) || send_all(o, t, preface, sizeof(preface), err) ||
	    send_message(o, t, hello, err) || send_message(o, t, dump, err))
		return err->status;
	if (!t->ops->answers)
		return KF_OK;
	/* What was said until here holds nothing of the memory. The rest is for a receiver, and for one that lets us in. */
	return await_word(o, t, resumes ? &o->replies.resume_told : &o->replies.welcomed, err);
}

void kf_opening_abort(struct kf_opening *o, struct kf_transport *t, const struct kf_error *why)
{
	struct kf_message m = { .type = KF_MSG_ABORT };
	struct kf_error ignored;

	m.abort = (struct kf_abort){ .code = KF_ABORT_PROTOCOL, .text = kf_string_of(why->text) };
	(void)!send_message(o, t, &m, &ignored);
}

void kf_opening_deinit(struct kf_opening *o)
{
	kf_replies_deinit(&o->replies);
}
