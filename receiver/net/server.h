/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server: the one loop with its workers, listeners, sessions, clock and signals. */
#ifndef KF_SERVER_H
#define KF_SERVER_H

#include "common/log.h"
#include "common/target.h"
#include "receiver/net/session.h"
#include "receiver/net/systemd.h"

struct kf_tls_server;

struct kf_server_setup {
	const struct kf_log *log;	/* borrowed */
	const char *program;		/* name and version, for manifests */
	const char *dir;		/* of all dumps; must be there */
	const struct kf_io *io;
	unsigned int threads;		/* workers */
	uint64_t idle_ms;
	unsigned int max_sessions;	/* at the same time; more connections wait */
	unsigned int max_per_peer;	/* of these of one identity; more are turned away */
	uint64_t max_dump_bytes;	/* of one dump on disk; 0: no limit */
	bool plaintext;			/* see kf_listener_setup */
	const struct kf_tls_server *tls;	/* borrowed; NULL: no tls:// */
	bool once;			/* the first session that sends anything is the last */
	bool recover;			/* look at the start for what earlier receivers left */
	bool resumes;			/* senders may go on with a dump; no: a replay */
	const char *verify;		/* a name: the replay of it is only to be checked, and leaves nothing; or NULL */
	uint64_t resume_ms;		/* how long an unfinished dump waits for its sender */
	struct kf_pace pace;
	enum kf_recompress_when recompress;
	const struct kf_notify *notify;	/* borrowed: told how it goes; or NULL */
};

struct kf_server;

enum kf_status kf_server_create(struct kf_server **server, const struct kf_server_setup *setup,
				struct kf_error *err) kf_must_check;
void kf_server_destroy(struct kf_server *s);	/* NULL is allowed */

/* Listens on TARGET; kf_server_run prints "listening on URL" to standard output. */
enum kf_status kf_server_listen(struct kf_server *s, const struct kf_target *target, struct kf_error *err) kf_must_check;

/* The same for a socket that listens already, which it takes in any case. */
enum kf_status kf_server_adopt(struct kf_server *s, enum kf_scheme scheme, int fd, struct kf_error *err) kf_must_check;

/* Adds a session on descriptors that are open already, which it takes in any case. */
enum kf_status kf_server_add(struct kf_server *s, struct kf_ends ends, const char *peer,
			     const char *dir_host, struct kf_error *err) kf_must_check;

/* The same on a channel of its loop. Takes it in any case. */
enum kf_status kf_server_enter(struct kf_server *s, struct kf_channel *channel, const char *peer,
			       const char *dir_host, struct kf_error *err) kf_must_check;

/* For what runs in its loop beside sessions; lives as long as the server. */
struct event_base *kf_server_base(const struct kf_server *s);
/* The port of its first tls:// listener that other machines reach, else of the first on loopback; 0: there is none. */
uint16_t kf_server_tls_port(const struct kf_server *s);
/* Ends a server of ONCE that has no session: kf_server_run returns, with RESULT. */
void kf_server_end(struct kf_server *s, enum kf_status result);

/* Runs until the only session is over, or until SIGTERM or SIGINT and all sessions are closed in order.
 * With ONCE, gives how that session ended: KF_OK whole, KF_INCOMPLETE or KF_FAILED (also if none came); else
 * KF_OK. */
enum kf_status kf_server_run(struct kf_server *s);

#endif
