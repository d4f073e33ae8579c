// SPDX-License-Identifier: GPL-2.0-or-later
// What the assembler calls; see session_own.h. It may call from deep inside: what follows then waits for the loop.
#include "receiver/net/session_own.h"

#include <stdio.h>

#include "receiver/stream/clock.h"

void kf_session_reply(void *session, const struct kf_message *m)
{
	struct kf_session *s = session;

	s->last_reply = kf_now_ms();
	kf_replies_put(&s->replies, m);
}

static void ready(void *ctx)
{
	kf_session_set_reading(ctx, true);
}

static void opened(void *ctx, const struct kf_welcome *id, const char *dir)
{
	struct kf_session *s = ctx;

	if (s->setup.opened)
		s->setup.opened(s->setup.ctx, s, id, dir);
}

static void trouble(void *ctx, const struct kf_error *err)
{
	struct kf_session *s = ctx;

	if (s->setup.trouble)
		s->setup.trouble(s->setup.ctx, s, err);
}

static void ask(void *ctx, const struct kf_welcome *id)
{
	struct kf_session *s = ctx;

	s->asked = *id;
	event_active(s->asking, EV_TIMEOUT, 0);
}

static void on_asking(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_session *s = ctx;

	(void)fd, (void)what;
	if (!s->closed)
		s->setup.resume(s->setup.ctx, s, &s->asked);
}

static void closed(void *ctx, const struct kf_result *result)
{
	struct kf_session *s = ctx;

	s->closed = true;
	s->status = result->status;
	snprintf(s->reason, sizeof(s->reason), "%s", result->reason);
	snprintf(s->dir, sizeof(s->dir), "%s", result->dir);
	snprintf(s->file, sizeof(s->file), "%s", result->file);
	s->resumable = result->resumable;
	s->recompress = result->recompress;
	s->told_code = result->told;
	s->finished_now = result->finished != NULL;
	if (s->finished_now)
		s->finished = *result->finished;
	event_active(s->closing, EV_TIMEOUT, 0);
}

const struct kf_host_ops kf_session_replay_ops = {
	.reply = kf_session_reply,
	.ready = ready,
	.opened = opened,
	.trouble = trouble,
	.closed = closed,
};

const struct kf_host_ops kf_session_host_ops = {
	.reply = kf_session_reply,
	.ready = ready,
	.opened = opened,
	.resume = ask,
	.trouble = trouble,
	.closed = closed,
};

bool kf_session_make_events(struct kf_session *s)
{
	s->closing = event_new(s->setup.base, -1, 0, kf_session_on_closing, s);
	s->asking = event_new(s->setup.base, -1, 0, on_asking, s);
	return s->closing && s->asking;
}
