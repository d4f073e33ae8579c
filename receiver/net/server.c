// SPDX-License-Identifier: GPL-2.0-or-later
// The server; see server.h.
#include "receiver/net/server.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receiver/net/behind.h"
#include "receiver/net/gates.h"
#include "receiver/net/loop.h"
#include "receiver/net/outcome.h"
#include "receiver/net/resumable.h"
#include "receiver/net/sessions.h"

#define JOBS_MAX 64	/* of one session, about a megabyte each */

struct kf_server {
	struct kf_server_setup setup;
	int dir;
	struct kf_loop loop;
	struct kf_gates gates;
	struct kf_door *door;
	struct kf_sessions sessions;
	struct kf_resumable resumable;
	struct kf_behind *behind;
	bool stopping, signalled;
	enum kf_status result;		/* of the last session that ended */
};

/* Whether one more session may begin. */
static bool has_room(void *ctx)
{
	const struct kf_server *s = ctx;

	return !s->stopping && s->sessions.count < (s->setup.once ? 1 : s->setup.max_sessions);
}

static void enable_listeners(struct kf_server *s)
{
	kf_gates_enable(&s->gates, has_room(s));
}

static void tick(void *ctx)
{
	struct kf_server *s = ctx;

	kf_sessions_tick(&s->sessions);
	kf_door_tick(s->door);
	if (!s->setup.once)
		kf_resumable_tick(&s->resumable);
	enable_listeners(s);
}

/* No session begins any more; the loop ends with the last one. */
static void stop(struct kf_server *s)
{
	s->stopping = true;
	kf_notify_stopping(s->setup.notify);
	enable_listeners(s);
	kf_door_clear(s->door);
	if (!s->sessions.count && (s->signalled || !kf_behind_is_busy(s->behind)))
		kf_loop_end(&s->loop);
}

/* Nothing is left to be packed anew. */
static void behind_idle(void *ctx)
{
	struct kf_server *s = ctx;

	if (s->stopping && !s->sessions.count)
		kf_loop_end(&s->loop);
}

static void on_signal(void *ctx, int signal_number)
{
	struct kf_server *s = ctx;
	struct kf_error err;

	s->signalled = true;
	kf_fail(&err, KF_INCOMPLETE, "the receiver was stopped (SIG%s)", sigabbrev_np(signal_number));
	kf_log(s->setup.log, KF_LOG_COMMON, "%s", err.text);
	kf_sessions_stop(&s->sessions, KF_ABORT_STOPPED, &err);
	stop(s);
}

static void session_stored(void *ctx, struct kf_session *session, const struct kf_result *r)
{
	struct kf_server *s = ctx;

	if (s->setup.verify) {
		s->result = kf_outcome_say_verified(s->setup.log, s->setup.verify, session, r);
		return;
	}
	s->result = r->status;
	kf_resumable_closed(&s->resumable, session, r);
	kf_outcome_say(s->setup.log, s->setup.dir, session, r);
	if (r->recompress)
		kf_behind_add(s->behind, r->dir);
}

static void session_over(void *ctx, struct kf_session *session)
{
	struct kf_server *s = ctx;

	kf_sessions_forget(&s->sessions, session);
	kf_notify_dumps(s->setup.notify, s->sessions.count);
	kf_resumable_over(&s->resumable, session);
	kf_session_destroy(session);
	if (s->setup.once || (s->stopping && !s->sessions.count)) {
		stop(s);
		return;
	}
	enable_listeners(s);
	kf_door_open(s->door);
}

static void session_opened(void *ctx, struct kf_session *session, const struct kf_welcome *id, const char *dir)
{
	struct kf_server *s = ctx;

	kf_resumable_opened(&s->resumable, session, id, dir);
}

static void session_asks(void *ctx, struct kf_session *session, const struct kf_welcome *id)
{
	struct kf_server *s = ctx;

	kf_resumable_ask(&s->resumable, session, kf_session_host(session), id);
}

static void session_trouble(void *ctx, struct kf_session *session, const struct kf_error *err)
{
	struct kf_server *s = ctx;

	kf_log(s->setup.log, KF_LOG_ERROR, "%s: cannot go on with its dump: %s", kf_session_peer(session), err->text);
}

/* A session's share of the workers: two batches each, so that none waits for the loop thread. */
static struct kf_limits limits_of(const struct kf_server *s)
{
	struct kf_limits l = KF_LIMITS_DEFAULT;

	l.dump_bytes = s->setup.max_dump_bytes;
	l.jobs = s->setup.threads < JOBS_MAX / 2 ? 2 * s->setup.threads + 2 : JOBS_MAX;
	return l;
}

enum kf_status kf_server_enter(struct kf_server *s, struct kf_channel *channel, const char *peer, const char *dir_host, struct kf_error *err)
{
	const struct kf_session_setup setup = {
		.base = s->loop.base, .channel = channel, .peer = peer, .dir_host = dir_host,
		.assembler = {
			.workers = kf_pool_executor(s->loop.workers), .disk = kf_pool_executor(s->loop.disk),
			.io = s->setup.io, .base = s->dir, .program = s->setup.program,
			.limits = limits_of(s), .pace = s->setup.pace, .recompress = s->setup.recompress,
		},
		.idle_ms = s->setup.idle_ms,
		.stored = session_stored, .over = session_over, .opened = session_opened, .trouble = session_trouble,
		.resume = s->setup.resumes ? session_asks : NULL, .ctx = s,
	};
	enum kf_status st = kf_sessions_begin(&s->sessions, &setup, err);

	if (st)
		return st;
	kf_notify_dumps(s->setup.notify, s->sessions.count);
	enable_listeners(s);
	if (!s->setup.verify)
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: a stream begins", peer);
	return KF_OK;
}

enum kf_status kf_server_add(struct kf_server *s, struct kf_ends ends, const char *peer, const char *dir_host, struct kf_error *err)
{
	struct kf_channel *c = kf_channel_fd_create(s->loop.base, ends);

	return c ? kf_server_enter(s, c, peer, dir_host, err) : kf_fail(err, KF_FAILED, "no memory for a connection");
}

/* Somebody who is known, or at least speaks our language. */
static enum kf_status enter(void *ctx, const struct kf_arrival *a, struct kf_error *err)
{
	struct kf_server *s = ctx;

	if (kf_sessions_of(&s->sessions, a->identity) >= s->setup.max_per_peer) {	/* its senders try again by themselves */
		kf_channel_destroy(a->channel);
		return kf_fail(err, KF_REFUSED, "it has %u sessions already (--max-sessions-per-peer)", s->setup.max_per_peer);
	}
	if (a->exposed)
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: WARNING: its memory comes UNENCRYPTED", a->peer);
	return kf_server_enter(s, a->channel, a->peer, a->identity, err);
}

enum kf_status kf_server_listen(struct kf_server *s, const struct kf_target *target, struct kf_error *err)
{
	return kf_gates_listen(&s->gates, target, err);
}

enum kf_status kf_server_adopt(struct kf_server *s, enum kf_scheme scheme, int fd, struct kf_error *err)
{
	return kf_gates_adopt(&s->gates, scheme, fd, err);
}

static enum kf_status init(struct kf_server *s, struct kf_error *err)
{
	const struct kf_loop_setup loop = { .threads = s->setup.threads, .tick = tick, .stop = on_signal, .ctx = s };

	s->dir = open(s->setup.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return kf_fail_errno(err, "--dir %s", s->setup.dir);
	if (!s->setup.verify && faccessat(s->dir, ".", W_OK | X_OK, AT_EACCESS))
		return kf_fail_errno(err, "--dir %s: cannot write there", s->setup.dir);
	s->resumable.setup = (struct kf_resumable_setup){
		.log = s->setup.log, .base_name = s->setup.dir, .resume_ms = s->setup.resume_ms,
		.disk = { .io = s->setup.io, .base = s->dir, .program = s->setup.program, .limits = limits_of(s), .pace = s->setup.pace,
			  .recompress = s->setup.recompress, .peer = "", .dir_host = "" },
	};
	if (s->setup.recover)
		kf_resumable_start(&s->resumable);
	if (kf_loop_init(&s->loop, &loop, err))
		return err->status;
	s->behind = kf_behind_create(&(struct kf_behind_setup){
		.log = s->setup.log, .io = s->setup.io, .base = s->dir, .base_name = s->setup.dir, .threads = s->setup.threads,
		.workers = kf_pool_idle_executor(s->loop.workers), .disk = kf_pool_executor(s->loop.disk),
		.never = s->setup.recompress == KF_RECOMPRESS_NEVER, .idle = behind_idle, .ctx = s,
	});
	if (!s->behind)
		return kf_fail(err, KF_FAILED, "no memory for a server");
	if (s->setup.recover)
		kf_behind_find(s->behind);
	s->door = kf_door_create(&(struct kf_door_setup){
		.base = s->loop.base, .log = s->setup.log, .ms = KF_DOOR_MS, .grace_ms = KF_DOOR_GRACE_MS, .room = has_room, .enter = enter, .ctx = s,
	});
	if (!s->door || !kf_sessions_init(&s->sessions, s->setup.max_sessions))
		return kf_fail(err, KF_FAILED, "no memory for %u sessions", s->setup.max_sessions);
	return kf_gates_init(&s->gates, &(struct kf_gates_setup){
		.base = s->loop.base, .log = s->setup.log, .door = s->door, .tls = s->setup.tls, .plaintext = s->setup.plaintext,
	}, err);
}

enum kf_status kf_server_create(struct kf_server **server, const struct kf_server_setup *setup,
				struct kf_error *err)
{
	struct kf_server *s = calloc(1, sizeof(*s));
	enum kf_status st;

	*server = NULL;
	if (!s)
		return kf_fail(err, KF_FAILED, "no memory for a server");
	s->setup = *setup;
	s->dir = -1;
	s->result = KF_FAILED;	/* stopped before anything came */
	st = init(s, err);
	if (st)
		kf_server_destroy(s);
	else
		*server = s;
	return st;
}

void kf_server_destroy(struct kf_server *s)
{
	if (!s)
		return;
	kf_gates_deinit(&s->gates);
	kf_door_destroy(s->door);
	kf_loop_deinit(&s->loop);
	kf_behind_destroy(s->behind);
	kf_resumable_deinit(&s->resumable);
	kf_sessions_deinit(&s->sessions);
	if (s->dir >= 0)
		close(s->dir);
	free(s);
}

struct event_base *kf_server_base(const struct kf_server *s)
{
	return s->loop.base;
}

uint16_t kf_server_tls_port(const struct kf_server *s)
{
	return kf_gates_tls_port(&s->gates);
}

void kf_server_end(struct kf_server *s, enum kf_status result)
{
	s->result = result;
	kf_loop_end(&s->loop);
}

enum kf_status kf_server_run(struct kf_server *s)
{
	enum kf_status st;

	kf_gates_announce(&s->gates);
	kf_notify_ready(s->setup.notify);
	st = kf_loop_run(&s->loop);
	return s->setup.once && !st ? s->result : st;
}
