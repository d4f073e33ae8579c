// SPDX-License-Identifier: GPL-2.0-or-later
// A session: made, looked after, gone; see session.h. Reading is in session_read.c, its end in session_close.c.
#include "receiver/net/session_own.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "receiver/stream/clock.h"

#define KEEPALIVE_MS 10000

static enum kf_status init(struct kf_session *s, struct kf_error *err)
{
	struct kf_setup a = s->setup.assembler;

	a.host = s->setup.resume ? &kf_session_host_ops : &kf_session_replay_ops;
	a.host_ctx = s;
	a.peer = s->peer;
	a.dir_host = s->dir_host;
	s->assembler = kf_assembler_create(&a);
	if (!s->assembler || !kf_session_make_events(s))
		return kf_fail(err, KF_FAILED, "no memory for a session");
	s->replies = kf_replies_on(s->setup.channel);
	kf_channel_use(s->setup.channel, kf_session_readable, kf_session_finish, s);
	return kf_feed_init(&s->feed, KF_ROLE_SENDER, kf_assembler_consumer(s->assembler), err);
}

enum kf_status kf_session_create(struct kf_session **session, const struct kf_session_setup *setup,
				 struct kf_error *err)
{
	struct kf_session *s = calloc(1, sizeof(*s));
	enum kf_status st;

	*session = NULL;
	if (!s) {
		kf_channel_destroy(setup->channel);
		return kf_fail(err, KF_FAILED, "no memory for a session");
	}
	s->setup = *setup;
	snprintf(s->peer, sizeof(s->peer), "%s", setup->peer);
	snprintf(s->dir_host, sizeof(s->dir_host), "%s", setup->dir_host);
	st = init(s, err);
	if (st) {
		kf_session_destroy(s);
		return st;
	}
	kf_session_set_reading(s, true);
	*session = s;
	return KF_OK;
}

void kf_session_destroy(struct kf_session *s)
{
	if (!s)
		return;
	if (s->closing)
		event_free(s->closing);
	if (s->asking)
		event_free(s->asking);
	kf_feed_deinit(&s->feed);
	kf_assembler_destroy(s->assembler);
	kf_channel_destroy(s->setup.channel);
	free(s);
}

void kf_session_resume(struct kf_session *s, const char *dir)
{
	kf_assembler_resume(s->assembler, dir);
}

void kf_session_resume_finished(struct kf_session *s, const struct kf_finished *f)
{
	kf_assembler_resume_finished(s->assembler, f);
}

const char *kf_session_host(const struct kf_session *s)
{
	return s->dir_host;
}

const char *kf_session_peer(const struct kf_session *s)
{
	return s->peer;
}

bool kf_session_has_more(const struct kf_session *s)
{
	struct kf_channel *c = s->setup.channel;
	struct kf_error ignored;
	uint8_t byte;
	size_t n;

	return !c->hears && !s->input_ended && kf_channel_read(c, &byte, 1, &n, &ignored) == KF_GOT_BYTES;
}

void kf_session_stop(struct kf_session *s, enum kf_abort_code code, const struct kf_error *err)
{
	kf_assembler_stop(s->assembler, code, err);
}

/* Whether the first reply may go: not before the sender's HELLO, as nobody else shall learn who answers here. */
static bool is_heard(const struct kf_session *s)
{
	return kf_assembler_ending(s->assembler) || s->last_reply || kf_assembler_waits(s->assembler);
}

/* A last checkpoint of a very large dump takes its time, and so does a disk: the sender shall not give up on a silent receiver. */
static void keep_alive(struct kf_session *s)
{
	struct kf_message m = { .type = KF_MSG_KEEPALIVE };

	if (!is_heard(s) || kf_now_ms() - s->last_reply < KEEPALIVE_MS)
		return;
	kf_session_reply(s, &m);
}

void kf_session_tick(struct kf_session *s)
{
	struct kf_error err;

	if (s->closed) {
		kf_session_finish(s);
		return;
	}
	if (s->reading && s->setup.idle_ms && kf_now_ms() - s->last_byte >= s->setup.idle_ms) {
		kf_fail(&err, KF_REFUSED, "no byte came for %" PRIu64 " seconds", s->setup.idle_ms / 1000);
		kf_assembler_stop(s->assembler, KF_ABORT_REFUSED, &err);
		return;
	}
	keep_alive(s);
	kf_assembler_tick(s->assembler);
}
