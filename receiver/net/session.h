/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session: one stream from one sender, from its first byte to the last reply. */
#ifndef KF_SESSION_H
#define KF_SESSION_H

#include "receiver/net/channel.h"
#include "receiver/stream/assemble.h"

/*
 *     reading ──► ending ──► flushing ──► over
 *
 * It reads as long as its assembler is ready; when that has closed the dump, the last replies go out and
 * what still comes is thrown away for a few seconds, so that the sender finds its reply rather than a
 * reset connection.
 */
struct kf_session;

struct kf_session_setup {
	struct event_base *base;
	struct kf_channel *channel;	/* owned */
	const char *peer;		/* copied: address or name of the sender's end */
	const char *dir_host;		/* copied: what its directory begins with */
	struct kf_setup assembler;	/* all but host, peer and dir_host */
	uint64_t idle_ms;		/* without a byte for so long it is stopped; 0: never */
	/* The dump is closed; called from the loop. */
	void (*stored)(void *ctx, struct kf_session *s, const struct kf_result *result);
	/* As in struct kf_host_ops; resume() may be NULL. */
	void (*opened)(void *ctx, struct kf_session *s, const struct kf_welcome *id, const char *dir);
	void (*resume)(void *ctx, struct kf_session *s, const struct kf_welcome *id);
	void (*trouble)(void *ctx, struct kf_session *s, const struct kf_error *err);
	/* The session is over and must be destroyed now. */
	void (*over)(void *ctx, struct kf_session *s);
	void *ctx;
};

/* Takes the channel in any case. */
enum kf_status kf_session_create(struct kf_session **session, const struct kf_session_setup *setup,
				 struct kf_error *err) kf_must_check;
/* Only from over(). NULL is allowed. */
void kf_session_destroy(struct kf_session *s);

/* The answers to resume(). */
void kf_session_resume(struct kf_session *s, const char *dir);
void kf_session_resume_finished(struct kf_session *s, const struct kf_finished *f);

const char *kf_session_host(const struct kf_session *s);	/* what its directory begins with */
const char *kf_session_peer(const struct kf_session *s);

/* Of a stream that comes from a file: whether there is more behind its end. */
bool kf_session_has_more(const struct kf_session *s);

/* To be called about every second. */
void kf_session_tick(struct kf_session *s);

/* Ends it in order, telling the sender the reason in ERR. */
void kf_session_stop(struct kf_session *s, enum kf_abort_code code, const struct kf_error *err);

#endif
