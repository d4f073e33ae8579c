// SPDX-License-Identifier: GPL-2.0-or-later
// A session; see session.h. Here bytes are read, but none is looked at: that is the parser's.
#include "receiver/net/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receiver/net/replies.h"
#include "receiver/store/dumpdir.h"
#include "receiver/stream/clock.h"
#include "receiver/stream/feed.h"

#define READ_AT_ONCE (4u << 20)		/* bytes, before others get their turn */
#define RECEIVED_EVERY (4u << 20)	/* bytes */
#define KEEPALIVE_MS 10000
#define LINGER_MS 5000
#define KEEPALIVE_MS 10000

struct kf_session {
	struct kf_session_setup setup;
	char peer[128], dir_host[128];
	struct event *readable, *closing;
	struct kf_feed feed;
	struct kf_assembler *assembler;
	struct kf_replies replies;
	bool reading;			/* the read event is on */
	bool closed;			/* the dump is, */
	bool stored_told;		/* and the server was told */
	bool input_ended;
	uint64_t last_reply;		/* ms */
	uint64_t last_byte;		/* when it came, ms */
	uint64_t told;			/* bytes in the last RECEIVED */
	uint64_t linger_until;		/* ms; 0: not yet */
	enum kf_status status;		/* of the dump, once closed; and what goes with it */
	char reason[KF_ERROR_TEXT], dir[KF_DUMPDIR_NAME], file[32];
	bool resumable, finished_now;
	enum kf_abort_code told_code;
	struct kf_finished finished;
	struct event *asking;		/* host->resume is answered from the loop, not from inside the assembler */
	struct kf_welcome asked;
};

static void set_reading(struct kf_session *s, bool on)
{
	if (on == s->reading || s->input_ended)
		return;
	s->reading = on;
	if (on)
		event_add(s->readable, NULL);
	else
		event_del(s->readable);
	s->last_byte = kf_now_ms();
}

static void put_reply(void *ctx, const struct kf_message *m)
{
	struct kf_session *s = ctx;

	s->last_reply = kf_now_ms();
	kf_replies_put(&s->replies, m);
}

static void assembler_ready(void *ctx)
{
	set_reading(ctx, true);
}

/* The assembler may call this from deep inside: what follows waits for the loop. */
static void assembler_closed(void *ctx, const struct kf_result *result)
{
	struct kf_session *s = ctx;

	s->closed = true;
	s->status = result->status;
	snprintf(s->reason, sizeof(s->reason), "%s", result->reason);
	snprintf(s->dir, sizeof(s->dir), "%s", result->dir);
	snprintf(s->file, sizeof(s->file), "%s", result->file);
	s->resumable = result->resumable;
	s->told_code = result->told;
	s->finished_now = result->finished != NULL;
	if (s->finished_now)
		s->finished = *result->finished;
	event_active(s->closing, EV_TIMEOUT, 0);
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

void kf_session_resume(struct kf_session *s, const char *dir)
{
	kf_assembler_resume(s->assembler, dir);
}

void kf_session_resume_finished(struct kf_session *s, const struct kf_finished *f)
{
	kf_assembler_resume_finished(s->assembler, f);
}

/* A replay has nobody to tell where to go on. */
static const struct kf_host_ops replay_ops = {
	.reply = put_reply,
	.ready = assembler_ready,
	.opened = opened,
	.trouble = trouble,
	.closed = assembler_closed,
};

static const struct kf_host_ops host_ops = {
	.reply = put_reply,
	.ready = assembler_ready,
	.opened = opened,
	.resume = ask,
	.trouble = trouble,
	.closed = assembler_closed,
};

/* Goes on to the end once the dump is closed: replies out, direction shut, then wait for the sender. */
static void finish(void *ctx)
{
	struct kf_session *s = ctx;
	bool flushed = kf_replies_flushed(&s->replies), alone = s->setup.ends.out < 0;

	if (!s->stored_told)
		return;
	if (!s->linger_until)
		s->linger_until = kf_now_ms() + LINGER_MS;
	if (flushed)
		kf_replies_shut(&s->replies);
	if ((flushed && (s->input_ended || alone)) || kf_now_ms() >= s->linger_until)
		s->setup.over(s->setup.ctx, s);
	else
		set_reading(s, true);
}

static void on_closing(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_session *s = ctx;

	(void)fd, (void)what;
	s->stored_told = true;
	s->setup.stored(s->setup.ctx, s, &(struct kf_result){
		.status = s->status, .reason = s->reason, .dir = s->dir, .file = s->file, .told = s->told_code, .resumable = s->resumable,
		.finished = s->finished_now ? &s->finished : NULL,
	});
	finish(s);
}

static void tell_received(struct kf_session *s)
{
	struct kf_message m = { .type = KF_MSG_RECEIVED };

	m.received.bytes = kf_parser_bytes(s->feed.parser);
	if (m.received.bytes - s->told < RECEIVED_EVERY)
		return;
	s->told = m.received.bytes;
	put_reply(s, &m);
}

/* Reads once; 0 if nothing more can be read now, or ever. *LOST is the reason if the stream broke. */
static size_t read_once(struct kf_session *s, uint8_t *where, size_t room, struct kf_error *lost)
{
	ssize_t n = read(s->setup.ends.in, where, room);

	if (n > 0) {
		s->last_byte = kf_now_ms();
		return (size_t)n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		kf_fail_errno(lost, s->setup.ends.out < 0 ? "the stream cannot be read" : "the connection broke");
	else
		(void)!kf_feed_end(&s->feed, lost);
	set_reading(s, false);
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
		set_reading(s, false);
}

/* What comes after the dump was closed is of no interest, but for its end. */
static void discard(struct kf_session *s)
{
	struct kf_error ignored;
	uint8_t spill[16384];

	(void)read_once(s, spill, sizeof(spill), &ignored);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_session *s = ctx;

	(void)fd, (void)what;
	if (s->closed)
		discard(s);
	else
		feed(s);
	finish(s);
}

static void close_ends(const struct kf_session_ends *e)
{
	close(e->in);
	if (e->out >= 0 && e->out != e->in)
		close(e->out);
}

static enum kf_status init(struct kf_session *s, struct kf_error *err)
{
	struct kf_setup a = s->setup.assembler;
	struct event_base *base = s->setup.base;

	a.host = s->setup.resume ? &host_ops : &replay_ops;
	a.host_ctx = s;
	a.peer = s->peer;
	a.dir_host = s->dir_host;
	s->assembler = kf_assembler_create(&a);
	s->readable = event_new(base, s->setup.ends.in, EV_READ | EV_PERSIST, on_readable, s);
	s->closing = event_new(base, -1, 0, on_closing, s);
	s->asking = event_new(base, -1, 0, on_asking, s);
	if (!s->assembler || !s->readable || !s->closing || !s->asking ||
	    !kf_replies_init(&s->replies, base, s->setup.ends.out, finish, s))
		return kf_fail(err, KF_FAILED, "no memory for a session");
	return kf_feed_init(&s->feed, KF_ROLE_SENDER, kf_assembler_consumer(s->assembler), err);
}

enum kf_status kf_session_create(struct kf_session **session, const struct kf_session_setup *setup,
				 struct kf_error *err)
{
	struct kf_session *s = calloc(1, sizeof(*s));
	enum kf_status st;

	*session = NULL;
	if (!s) {
		close_ends(&setup->ends);
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
	set_reading(s, true);
	*session = s;
	return KF_OK;
}

void kf_session_destroy(struct kf_session *s)
{
	if (!s)
		return;
	if (s->readable)
		event_free(s->readable);
	if (s->closing)
		event_free(s->closing);
	if (s->asking)
		event_free(s->asking);
	kf_feed_deinit(&s->feed);
	kf_replies_deinit(&s->replies);
	kf_assembler_destroy(s->assembler);
	close_ends(&s->setup.ends);
	free(s);
}

const char *kf_session_host(const struct kf_session *s)
{
	return s->dir_host;
}

const char *kf_session_peer(const struct kf_session *s)
{
	return s->peer;
}

bool kf_session_is_silent(const struct kf_session *s)
{
	return kf_parser_bytes(s->feed.parser) == 0;
}

bool kf_session_has_more(const struct kf_session *s)
{
	uint8_t byte;

	return s->setup.ends.out < 0 && !s->input_ended && read(s->setup.ends.in, &byte, 1) > 0;
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
	put_reply(s, &m);
}

void kf_session_tick(struct kf_session *s)
{
	struct kf_error err;

	if (s->closed) {
		finish(s);
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
