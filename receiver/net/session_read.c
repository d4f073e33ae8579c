// SPDX-License-Identifier: GPL-2.0-or-later
// From the channel to the assembler; see session_own.h. Here bytes are read, but none is looked at: that is the parser's.
#include "receiver/net/session_own.h"

#include "receiver/stream/clock.h"

#define READ_AT_ONCE (4u << 20)		/* bytes, before others get their turn */
#define RECEIVED_EVERY (4u << 20)	/* bytes */

void kf_session_set_reading(struct kf_session *s, bool on)
{
	if (on == s->reading || s->input_ended)
		return;
	s->reading = on;
	kf_channel_want(s->setup.channel, on);
	s->last_byte = kf_now_ms();
}

static void tell_received(struct kf_session *s)
{
	struct kf_message m = { .type = KF_MSG_RECEIVED };

	m.received.bytes = kf_parser_bytes(s->feed.parser);
	if (m.received.bytes - s->told < RECEIVED_EVERY)
		return;
	s->told = m.received.bytes;
	kf_session_reply(s, &m);
}

/* Reads once; 0 if nothing more can be read now, or ever. *LOST is the reason if the stream broke. */
static size_t read_once(struct kf_session *s, uint8_t *where, size_t room, struct kf_error *lost)
{
	size_t n = 0;
	enum kf_got got = kf_channel_read(s->setup.channel, where, room, &n, lost);

	if (got == KF_GOT_BYTES)
		s->last_byte = kf_now_ms();
	if (got == KF_GOT_BYTES || got == KF_GOT_NOTHING)
		return n;
	if (got == KF_GOT_END)
		(void)!kf_feed_end(&s->feed, lost);
	kf_session_set_reading(s, false);
	s->input_ended = true;
	return 0;
}

/* Gives bytes to the assembler as long as it is ready. */
static void feed(struct kf_session *s)
{
	struct kf_error err = { 0 };
	uint8_t *where;
	size_t room, n;

	for (size_t got = 0; got < READ_AT_ONCE && kf_assembler_ready(s->assembler); got += n) {
		kf_feed_space(&s->feed, &where, &room);
		n = read_once(s, where, room, &err);
		if (s->input_ended)
			kf_assembler_stop(s->assembler, 0, &err);
		if (!n)
			return;
		if (kf_feed_advance(&s->feed, n, &err)) {
			kf_assembler_stop(s->assembler, kf_abort_code_for(err.status), &err);
			return;
		}
		tell_received(s);
	}
	if (!kf_assembler_ready(s->assembler))
		kf_session_set_reading(s, false);
}

/* What comes after the dump was closed is of no interest, but for its end. */
static void discard(struct kf_session *s)
{
	struct kf_error ignored;
	uint8_t spill[16384];

	(void)read_once(s, spill, sizeof(spill), &ignored);
}

void kf_session_readable(void *session)
{
	struct kf_session *s = session;

	if (s->closed)
		discard(s);
	else
		feed(s);
	kf_session_finish(s);
}
