/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of a session share, and nobody else sees. */
#ifndef KF_SESSION_OWN_H
#define KF_SESSION_OWN_H

#include "receiver/net/replies.h"
#include "receiver/net/session.h"
#include "receiver/store/dumpdir.h"
#include "receiver/stream/feed.h"

struct kf_session {
	struct kf_session_setup setup;
	char peer[128], dir_host[128];
	struct event *closing;
	struct kf_feed feed;
	struct kf_assembler *assembler;
	struct kf_replies replies;
	bool reading;			/* the channel is wanted */
	bool closed;			/* the dump is, */
	bool stored_told;		/* and the server was told */
	bool input_ended;
	uint64_t last_reply;		/* ms */
	uint64_t last_byte;		/* when it came, ms */
	uint64_t told;			/* bytes in the last RECEIVED */
	uint64_t linger_until;		/* ms; 0: not yet */
	enum kf_status status;		/* of the dump, once closed; and what goes with it */
	char reason[KF_ERROR_TEXT], dir[KF_DUMPDIR_NAME], file[32];
	bool resumable, recompress, finished_now;
	enum kf_abort_code told_code;
	struct kf_finished finished;
	struct event *asking;		/* host->resume is answered from the loop, not from inside the assembler */
	struct kf_welcome asked;
};

/* session_read.c: from the channel to the assembler. */
void kf_session_set_reading(struct kf_session *s, bool on);
void kf_session_readable(void *session);	/* the channel's readable() */

/* session_host.c: what the assembler calls. A replay has nobody to tell where to go on. */
extern const struct kf_host_ops kf_session_host_ops, kf_session_replay_ops;
bool kf_session_make_events(struct kf_session *s);	/* false: no memory */
void kf_session_reply(void *session, const struct kf_message *m);

/* session_close.c: goes on to the end once the dump is closed; the session may be gone then. The channel's written(). */
void kf_session_finish(void *session);
/* The event that begins it. */
void kf_session_on_closing(evutil_socket_t fd, short what, void *session);

#endif
