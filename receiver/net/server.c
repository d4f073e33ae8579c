// SPDX-License-Identifier: GPL-2.0-or-later
// The server; see server.h.
#include "receiver/net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receiver/net/listener.h"
#include "receiver/net/loop.h"
#include "receiver/net/resumable.h"

#define LISTENERS_MAX 16
#define JOBS_MAX 64	/* of one session, about a megabyte each */

struct kf_server {
	struct kf_server_setup setup;
	int dir;
	struct kf_loop loop;
	struct kf_listener *listeners[LISTENERS_MAX];
	struct kf_session **sessions;	/* setup.max_sessions of them; NULL: free */
	unsigned int listener_count, session_count;
	struct kf_resumable resumable;
	bool stopping;
	enum kf_status result;		/* of the last session that ended */
};

/* Who connected and sent nothing yet may only look whether the port is open: with --once that is not the one that we wait for. */
static bool is_bystander(const struct kf_server *s, const struct kf_session *session)
{
	return s->setup.once && s->listener_count && kf_session_is_silent(session);
}

static bool may_accept(const struct kf_server *s)
{
	if (s->stopping || s->session_count >= s->setup.max_sessions)
		return false;
	for (unsigned int i = 0; s->setup.once && i < s->setup.max_sessions; i++)
		if (s->sessions[i] && !is_bystander(s, s->sessions[i]))
			return false;
	return true;
}

static void enable_listeners(struct kf_server *s)
{
	bool on = may_accept(s);

	for (unsigned int i = 0; i < s->listener_count; i++)
		kf_listener_enable(s->listeners[i], on);
}

static void tick(void *ctx)
{
	struct kf_server *s = ctx;

	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		if (s->sessions[i])
			kf_session_tick(s->sessions[i]);
	if (!s->setup.once)
		kf_resumable_tick(&s->resumable);
	enable_listeners(s);
}

static void stop(void *ctx, int signal_number)
{
	struct kf_server *s = ctx;
	struct kf_error err;

	s->stopping = true;
	enable_listeners(s);
	kf_fail(&err, KF_INCOMPLETE, "the receiver was stopped (SIG%s)", sigabbrev_np(signal_number));
	kf_log(s->setup.log, KF_LOG_COMMON, "%s", err.text);
	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		if (s->sessions[i])
			kf_session_stop(s->sessions[i], KF_ABORT_STOPPED, &err);
	if (!s->session_count)
		kf_loop_end(&s->loop);
}

/* Of a stream that was only looked at there is no directory to tell. */
static void say_verified(struct kf_server *s, const struct kf_session *session, const struct kf_result *r)
{
	const struct kf_end *e = r->finished ? &r->finished->end : NULL;

	if (e && kf_session_has_more(session)) {
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: wrong: bytes follow its END", s->setup.verify);
		s->result = KF_FAILED;
		return;
	}
	if (r->told)
		s->result = KF_FAILED;	/* of what was received something could be kept; here it is just wrong */
	if (!e) {
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: %s: %s", s->setup.verify, s->result == KF_INCOMPLETE ? "incomplete" : "wrong", r->reason);
		return;
	}
	printf("%s: whole: %" PRIu64 " pages kept of %" PRIu64 ", %" PRIu64 " windows, %" PRIu64 " batches, digest ", s->setup.verify,
	       e->tally.pages[KF_KEPT], r->finished->max_mapnr, e->windows, e->batches);
	for (size_t i = 0; i < sizeof(e->pages.bytes); i++)
		printf("%02x", e->pages.bytes[i]);
	putchar('\n');
	fflush(stdout);
}

static void session_stored(void *ctx, struct kf_session *session, const struct kf_result *r)
{
	struct kf_server *s = ctx;
	const char *peer = kf_session_peer(session), *dir = s->setup.dir;

	if (!is_bystander(s, session))
		s->result = r->status;
	if (s->setup.verify) {
		say_verified(s, session, r);
		return;
	}
	kf_resumable_closed(&s->resumable, session, r);
	if (r->status == KF_OK && kf_session_has_more(session))
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: bytes follow its END; they are no part of the dump", peer);
	if (r->status == KF_OK)
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: whole: %s/%s/%s", peer, dir, r->dir, r->file);
	else
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: %s: %s", peer,
		       r->status == KF_INCOMPLETE ? "incomplete" : "failed", r->reason);
	if (r->status && r->file[0])
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: what came can be opened: %s/%s/%s", peer, dir, r->dir, r->file);
}

/* The one that we waited for is over. */
static void send_bystanders_away(struct kf_server *s)
{
	struct kf_error err;

	s->stopping = true;
	kf_fail(&err, KF_INCOMPLETE, "another dump came, and --once receives one only");
	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		if (s->sessions[i] && is_bystander(s, s->sessions[i]))
			kf_session_stop(s->sessions[i], KF_ABORT_STOPPED, &err);
}

static void session_over(void *ctx, struct kf_session *session)
{
	struct kf_server *s = ctx;

	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		if (s->sessions[i] == session)
			s->sessions[i] = NULL;
	s->session_count--;
	kf_resumable_over(&s->resumable, session);
	if (s->setup.once && !is_bystander(s, session))
		send_bystanders_away(s);
	kf_session_destroy(session);
	if (s->stopping && !s->session_count)
		kf_loop_end(&s->loop);
	enable_listeners(s);
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

static struct kf_session **free_slot(struct kf_server *s)
{
	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		if (!s->sessions[i])
			return &s->sessions[i];
	return NULL;
}

/* A session's share of the workers: two batches each, so that none waits for the loop thread. */
static struct kf_limits limits_of(const struct kf_server *s)
{
	struct kf_limits l = KF_LIMITS_DEFAULT;

	l.dump_bytes = s->setup.max_dump_bytes;
	l.jobs = s->setup.threads < JOBS_MAX / 2 ? 2 * s->setup.threads + 2 : JOBS_MAX;
	return l;
}

static enum kf_status begin(struct kf_server *s, struct kf_channel *channel, const char *peer, const char *dir_host, struct kf_error *err)
{
	const struct kf_session_setup setup = {
		.base = s->loop.base, .channel = channel, .peer = peer, .dir_host = dir_host,
		.assembler = {
			.workers = kf_pool_executor(s->loop.workers), .disk = kf_pool_executor(s->loop.disk),
			.io = s->setup.io, .base = s->dir, .program = s->setup.program,
			.limits = limits_of(s), .pace = s->setup.pace,
		},
		.idle_ms = s->setup.idle_ms,
		.stored = session_stored, .over = session_over, .opened = session_opened, .trouble = session_trouble,
		.resume = s->setup.resumes ? session_asks : NULL, .ctx = s,
	};
	struct kf_session **slot = free_slot(s);
	enum kf_status st;

	st = kf_session_create(slot, &setup, err);
	if (st)
		return st;
	s->session_count++;
	enable_listeners(s);
	if (!s->setup.verify)
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: a stream begins", peer);
	return KF_OK;
}

enum kf_status kf_server_add(struct kf_server *s, struct kf_ends ends, const char *peer, const char *dir_host, struct kf_error *err)
{
	struct kf_channel *c = kf_channel_fd_create(s->loop.base, ends);

	return c ? begin(s, c, peer, dir_host, err) : kf_fail(err, KF_FAILED, "no memory for a connection");
}

static bool has_too_many(const struct kf_server *s, const char *host)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->setup.max_sessions; i++)
		n += s->sessions[i] && strcmp(kf_session_host(s->sessions[i]), host) == 0;
	return n >= s->setup.max_per_peer;
}

static void accepted(void *ctx, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct kf_server *s = ctx;
	char host[KF_ADDRESS_TEXT];
	struct kf_error err;

	/* A connection that was accepted in the same turn as the last one allowed. */
	if (!may_accept(s)) {
		close(fd);
		return;
	}
	kf_address_host(host, peer, len);
	if (has_too_many(s, host)) {	/* its senders try again by themselves */
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: turned away: it has %u sessions already (--max-sessions-per-peer)", host, s->setup.max_per_peer);
		close(fd);
		return;
	}
	if (kf_server_add(s, (struct kf_ends){ fd, fd }, host, host, &err))
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: %s", host, err.text);
}

enum kf_status kf_server_listen(struct kf_server *s, const struct kf_target *target, struct kf_error *err)
{
	const struct kf_listener_setup setup = {
		.base = s->loop.base, .target = target, .plaintext = s->setup.plaintext, .accepted = accepted, .ctx = s,
	};
	struct kf_listener *l;
	enum kf_status st;

	if (s->listener_count == LISTENERS_MAX)
		return kf_fail(err, KF_INVALID, "more than %d listening addresses", LISTENERS_MAX);
	st = kf_listener_create(&l, &setup, err);
	if (st)
		return st;
	s->listeners[s->listener_count++] = l;
	if (!kf_listener_is_loopback(l))
		kf_log(s->setup.log, KF_LOG_ERROR,
		       "WARNING: whole memory images, with every secret in them, travel UNENCRYPTED to %s", kf_listener_url(l));
	printf("listening on %s\n", kf_listener_url(l));
	fflush(stdout);
	return KF_OK;
}

static enum kf_status init(struct kf_server *s, struct kf_error *err)
{
	const struct kf_loop_setup loop = { .threads = s->setup.threads, .tick = tick, .stop = stop, .ctx = s };

	s->dir = open(s->setup.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return kf_fail_errno(err, "--dir %s", s->setup.dir);
	if (!s->setup.verify && faccessat(s->dir, ".", W_OK | X_OK, AT_EACCESS))
		return kf_fail_errno(err, "--dir %s: cannot write there", s->setup.dir);
	s->resumable.setup = (struct kf_resumable_setup){
		.log = s->setup.log, .base_name = s->setup.dir, .resume_ms = s->setup.resume_ms,
		.disk = { .io = s->setup.io, .base = s->dir, .program = s->setup.program, .limits = limits_of(s), .pace = s->setup.pace,
			  .peer = "", .dir_host = "" },
	};
	if (s->setup.recover)
		kf_resumable_start(&s->resumable);
	return kf_loop_init(&s->loop, &loop, err);
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
	s->sessions = calloc(s->setup.max_sessions, sizeof(struct kf_session *));
	if (!s->sessions) {
		free(s);
		return kf_fail(err, KF_FAILED, "no memory for %u sessions", setup->max_sessions);
	}
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
	for (unsigned int i = 0; i < s->listener_count; i++)
		kf_listener_destroy(s->listeners[i]);
	kf_loop_deinit(&s->loop);
	kf_resumable_deinit(&s->resumable);
	if (s->dir >= 0)
		close(s->dir);
	free(s->sessions);
	free(s);
}

enum kf_status kf_server_run(struct kf_server *s)
{
	enum kf_status st = kf_loop_run(&s->loop);

	return s->setup.once && !st ? s->result : st;
}
