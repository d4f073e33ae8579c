/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which dumps can be resumed: found on disk, handed from one session to the next, given up. */
#ifndef KF_RESUMABLE_H
#define KF_RESUMABLE_H

#include "common/log.h"
#include "receiver/net/registry.h"

struct kf_resumable_setup {
	const struct kf_log *log;	/* borrowed */
	struct kf_setup disk;		/* io, base, program, limits: for recovery */
	const char *base_name;		/* of the directory of all dumps, for messages */
	uint64_t resume_ms;		/* how long a dump waits for its sender */
};

struct kf_resumable {
	struct kf_resumable_setup setup;
	struct kf_registry registry;
};

/* Recovers what earlier receivers left in the directory. What cannot be is told and left. */
void kf_resumable_start(struct kf_resumable *r);
void kf_resumable_deinit(struct kf_resumable *r);

/* A session, whose peer's directories begin with HOST, wants to go on with ID. */
void kf_resumable_ask(struct kf_resumable *r, struct kf_session *s, const char *host, const struct kf_welcome *id);
/* A session has the dump ID in DIR. */
void kf_resumable_opened(struct kf_resumable *r, struct kf_session *s, const struct kf_welcome *id, const char *dir);
/* A session's dump is closed. */
void kf_resumable_closed(struct kf_resumable *r, struct kf_session *s, const struct kf_result *result);
/* A session is gone: nobody shall call it. */
void kf_resumable_over(struct kf_resumable *r, const struct kf_session *s);
/* About once a second. */
void kf_resumable_tick(struct kf_resumable *r);

#endif
