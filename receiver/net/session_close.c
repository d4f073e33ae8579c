// SPDX-License-Identifier: GPL-2.0-or-later
// From a closed dump to a session that is over; see session_own.h.
#include "receiver/net/session_own.h"

#include "receiver/stream/clock.h"

#define LINGER_MS 5000

/* Replies out, direction shut, then wait for the sender. */
void kf_session_finish(void *session)
{
	struct kf_session *s = session;
	struct kf_channel *c = s->setup.channel;
	bool flushed = kf_channel_waiting(c) == 0;

	if (!s->stored_told)
		return;
	if (!s->linger_until)
		s->linger_until = kf_now_ms() + LINGER_MS;
	if (flushed)
		kf_channel_shut(c);
	if ((flushed && (s->input_ended || !c->hears)) || kf_now_ms() >= s->linger_until)
		s->setup.over(s->setup.ctx, s);
	else
		kf_session_set_reading(s, true);
}

void kf_session_on_closing(evutil_socket_t fd, short what, void *session)
{
	struct kf_session *s = session;

	(void)fd, (void)what;
	s->stored_told = true;
	s->setup.stored(s->setup.ctx, s, &(struct kf_result){
		.status = s->status, .reason = s->reason, .dir = s->dir, .file = s->file, .told = s->told_code, .resumable = s->resumable, .recompress = s->recompress,
		.finished = s->finished_now ? &s->finished : NULL,
	});
	kf_session_finish(s);
}
