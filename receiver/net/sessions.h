/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sessions that there are now. */
#ifndef KF_SESSIONS_H
#define KF_SESSIONS_H

#include "receiver/net/session.h"

struct kf_sessions {
	struct kf_session **places;	/* MAX of them, owned; NULL: free */
	unsigned int max, count;
};

/* False if there is no memory; deinit is allowed then. */
bool kf_sessions_init(struct kf_sessions *t, unsigned int max);
/* Of the table alone: the sessions end by themselves. */
void kf_sessions_deinit(struct kf_sessions *t);

/* Makes one in a free place; there must be one. */
enum kf_status kf_sessions_begin(struct kf_sessions *t, const struct kf_session_setup *setup, struct kf_error *err) kf_must_check;
/* Forgets a session that is over. */
void kf_sessions_forget(struct kf_sessions *t, const struct kf_session *s);

/* How many have the identity HOST. */
unsigned int kf_sessions_of(const struct kf_sessions *t, const char *host);

void kf_sessions_tick(struct kf_sessions *t);
/* kf_session_stop for all. */
void kf_sessions_stop(struct kf_sessions *t, enum kf_abort_code code, const struct kf_error *err);

#endif
