// SPDX-License-Identifier: GPL-2.0-or-later
// The server; see server.h.
#include "receiver/net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receiver/kdump/packer.h"
#include "receiver/net/listener.h"
#include "receiver/net/pool.h"

#define SESSIONS_MAX 32
#define LISTENERS_MAX 16
#define DISK_THREADS 4	/* they only wait */

struct kf_server {
	struct kf_server_setup setup;
	int dir;
	struct event_base *base;
	struct event *reap_work, *reap_disk, *tick, *on_term, *on_int;
	struct kf_pool *workers, *disk;
	struct kf_listener *listeners[LISTENERS_MAX];
	struct kf_session *sessions[SESSIONS_MAX];	/* NULL: free */
	unsigned int listener_count, session_count;
	bool stopping;
	enum kf_status result;		/* of the last session that ended, if it is the only one */
};

static void *create_packer(void)
{
	return kf_packer_create();
}

static void destroy_packer(void *local)
{
	kf_packer_destroy(local);
}

static void enable_listeners(struct kf_server *s)
{
	bool on = !s->stopping && s->session_count < SESSIONS_MAX && !(s->setup.once && s->session_count);

	for (unsigned int i = 0; i < s->listener_count; i++)
		kf_listener_enable(s->listeners[i], on);
}

static void on_reap(evutil_socket_t fd, short what, void *pool)
{
	(void)fd, (void)what;
	kf_pool_reap(pool);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_server *s = ctx;

	(void)fd, (void)what;
	for (int i = 0; i < SESSIONS_MAX; i++)
		if (s->sessions[i])
			kf_session_tick(s->sessions[i]);
	enable_listeners(s);
}

static void on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct kf_server *s = ctx;
	struct kf_error err;

	(void)what;
	s->stopping = true;
	enable_listeners(s);
	kf_fail(&err, KF_INCOMPLETE, "the receiver was stopped (SIG%s)", sigabbrev_np(number));
	kf_log(s->setup.log, KF_LOG_COMMON, "%s", err.text);
	for (int i = 0; i < SESSIONS_MAX; i++)
		if (s->sessions[i])
			kf_session_stop(s->sessions[i], KF_ABORT_STOPPED, &err);
	if (!s->session_count)
		event_base_loopbreak(s->base);
}

static void session_stored(void *ctx, struct kf_session *session, const struct kf_result *r)
{
	struct kf_server *s = ctx;
	const char *peer = kf_session_peer(session), *dir = s->setup.dir;

	s->result = r->status;
	if (r->status == KF_OK)
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: whole: %s/%s/%s", peer, dir, r->dir, r->file);
	else
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: %s: %s", peer,
		       r->status == KF_INCOMPLETE ? "incomplete" : "failed", r->reason);
	if (r->status && r->file[0])
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: what came can be opened: %s/%s/%s", peer, dir, r->dir, r->file);
}

static void session_over(void *ctx, struct kf_session *session)
{
	struct kf_server *s = ctx;

	for (int i = 0; i < SESSIONS_MAX; i++)
		if (s->sessions[i] == session)
			s->sessions[i] = NULL;
	s->session_count--;
	/* Who only looked whether the port is open was not the one that we wait for. */
	if (s->setup.once && !(s->listener_count && kf_session_is_silent(session)))
		s->stopping = true;
	kf_session_destroy(session);
	if (s->stopping && !s->session_count)
		event_base_loopbreak(s->base);
	enable_listeners(s);
}

static struct kf_session **free_slot(struct kf_server *s)
{
	for (int i = 0; i < SESSIONS_MAX; i++)
		if (!s->sessions[i])
			return &s->sessions[i];
	return NULL;
}

/* A session's share of the workers: two batches each, so that none waits for the loop thread. */
static struct kf_limits limits_of(const struct kf_server *s)
{
	struct kf_limits l = KF_LIMITS_DEFAULT;

	l.jobs = 2 * s->setup.threads + 2;
	return l;
}

enum kf_status kf_server_add(struct kf_server *s, struct kf_session_ends ends, const char *peer,
			     const char *dir_host, struct kf_error *err)
{
	const struct kf_session_setup setup = {
		.base = s->base, .ends = ends, .peer = peer, .dir_host = dir_host,
		.assembler = {
			.workers = kf_pool_executor(s->workers), .disk = kf_pool_executor(s->disk),
			.io = s->setup.io, .base = s->dir, .program = s->setup.program,
			.limits = limits_of(s), .pace = KF_PACE_DEFAULT,
		},
		.idle_ms = s->setup.idle_ms,
		.stored = session_stored, .over = session_over, .ctx = s,
	};
	struct kf_session **slot = free_slot(s);
	enum kf_status st;

	st = kf_session_create(slot, &setup, err);
	if (st)
		return st;
	s->session_count++;
	enable_listeners(s);
	kf_log(s->setup.log, KF_LOG_COMMON, "%s: connected", peer);
	return KF_OK;
}

static void accepted(void *ctx, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct kf_server *s = ctx;
	char host[KF_ADDRESS_TEXT];
	struct kf_error err;

	/* A connection that was accepted in the same turn as the last one allowed. */
	if (s->stopping || !free_slot(s) || (s->setup.once && s->session_count)) {
		close(fd);
		return;
	}
	kf_address_host(host, peer, len);
	if (kf_server_add(s, (struct kf_session_ends){ fd, fd }, host, host, &err))
		kf_log(s->setup.log, KF_LOG_ERROR, "%s: %s", host, err.text);
}

enum kf_status kf_server_listen(struct kf_server *s, const struct kf_target *target, struct kf_error *err)
{
	const struct kf_listener_setup setup = {
		.base = s->base, .target = target, .plaintext = s->setup.plaintext, .accepted = accepted, .ctx = s,
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
		kf_log(s->setup.log, KF_LOG_ERROR, "WARNING: %s: whole memory images, with every secret in them, travel UNENCRYPTED to this address",
		       kf_listener_url(l));
	printf("listening on %s\n", kf_listener_url(l));
	fflush(stdout);
	return KF_OK;
}

static enum kf_status make_loop(struct kf_server *s, struct kf_error *err)
{
	/* Standard input and streams to replay may be files, which epoll does not take. */
	struct event_config *config = event_config_new();
	const struct timeval second = { .tv_sec = 1 };

	if (config && event_config_require_features(config, EV_FEATURE_FDS) == 0)
		s->base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	if (!s->base)
		return kf_fail(err, KF_FAILED, "no event loop");
	s->reap_work = event_new(s->base, kf_pool_fd(s->workers), EV_READ | EV_PERSIST, on_reap, s->workers);
	s->reap_disk = event_new(s->base, kf_pool_fd(s->disk), EV_READ | EV_PERSIST, on_reap, s->disk);
	s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	s->on_term = evsignal_new(s->base, SIGTERM, on_signal, s);
	s->on_int = evsignal_new(s->base, SIGINT, on_signal, s);
	if (!s->reap_work || !s->reap_disk || !s->tick || !s->on_term || !s->on_int ||
	    event_add(s->reap_work, NULL) || event_add(s->reap_disk, NULL) || event_add(s->tick, &second) ||
	    event_add(s->on_term, NULL) || event_add(s->on_int, NULL))
		return kf_fail(err, KF_FAILED, "no memory for events");
	return KF_OK;
}

static enum kf_status init(struct kf_server *s, struct kf_error *err)
{
	static const struct kf_pool_local packers = { .create = create_packer, .destroy = destroy_packer };
	enum kf_status st;

	s->dir = open(s->setup.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return kf_fail_errno(err, "--dir %s", s->setup.dir);
	if (faccessat(s->dir, ".", W_OK | X_OK, AT_EACCESS))
		return kf_fail_errno(err, "--dir %s: cannot write there", s->setup.dir);
	st = kf_pool_create(&s->workers, s->setup.threads, &packers, err);
	if (!st)
		st = kf_pool_create(&s->disk, DISK_THREADS, NULL, err);
	return st ? st : make_loop(s, err);
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
	st = init(s, err);
	if (st)
		kf_server_destroy(s);
	else
		*server = s;
	return st;
}

void kf_server_destroy(struct kf_server *s)
{
	struct event *events[5];

	if (!s)
		return;
	events[0] = s->reap_work;
	events[1] = s->reap_disk;
	events[2] = s->tick;
	events[3] = s->on_term;
	events[4] = s->on_int;
	for (unsigned int i = 0; i < s->listener_count; i++)
		kf_listener_destroy(s->listeners[i]);
	for (int i = 0; i < 5; i++)
		if (events[i])
			event_free(events[i]);
	kf_pool_destroy(s->workers);
	kf_pool_destroy(s->disk);
	if (s->base)
		event_base_free(s->base);
	if (s->dir >= 0)
		close(s->dir);
	free(s);
}

enum kf_status kf_server_run(struct kf_server *s)
{
	if (event_base_dispatch(s->base) < 0)
		return KF_FAILED;
	return s->setup.once ? s->result : KF_OK;
}
