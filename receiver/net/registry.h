/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dumps that a sender may still ask for: being received, waiting for their sender to come back, or just finished. */
#ifndef KF_REGISTRY_H
#define KF_REGISTRY_H

#include "receiver/net/session.h"
#include "receiver/stream/recover.h"

/*
 * All in the loop thread. An entry is found by session id and token; whether the identity fits is compared then too, so that
 * nobody else continues, or disturbs, a dump.
 */
enum kf_entry_state {
	KF_ENTRY_LIVE,		/* SESSION is receiving it */
	KF_ENTRY_WAITING,	/* on disk, with its journal, until DEADLINE */
	KF_ENTRY_FINISHED,	/* whole; remembered until DEADLINE, so that STORED can be said again */
};

struct kf_entry {
	enum kf_entry_state state;
	struct kf_welcome id;
	char dir[KF_DUMPDIR_NAME];
	struct kf_session *session;	/* LIVE */
	struct kf_session *next;	/* LIVE: asked to go on with it as soon as SESSION has closed it; or NULL */
	uint64_t deadline;		/* ms of kf_now_ms */
	struct kf_finished *finished;	/* FINISHED; owned */
};

struct kf_registry {
	struct kf_entry *entries;	/* owned */
	size_t count, room;
};

void kf_registry_deinit(struct kf_registry *r);

/* NULL if there is none of this id whose directory is HOST's. Lives until the next change of the registry. */
struct kf_entry *kf_registry_find(struct kf_registry *r, const struct kf_welcome *id, const char *host);
struct kf_entry *kf_registry_of(struct kf_registry *r, const struct kf_session *session);
/* The one of ID, or a new one; NULL if there is no memory, and then the dump cannot be resumed. */
struct kf_entry *kf_registry_put(struct kf_registry *r, const struct kf_welcome *id, const char *dir);
void kf_registry_finish(struct kf_entry *e, const struct kf_finished *finished, uint64_t deadline);
void kf_registry_remove(struct kf_registry *r, struct kf_entry *e);
/* Any whose deadline is over; NULL if there is none. */
struct kf_entry *kf_registry_overdue(struct kf_registry *r, uint64_t now);

#endif
