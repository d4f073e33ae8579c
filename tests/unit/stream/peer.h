/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A receiver that does what a script says on each connection: takes so much, and then breaks, refuses or stores. */
#ifndef STREAM_PEER_H
#define STREAM_PEER_H

#include <pthread.h>

#include "common/target.h"
#include "proto/message.h"

enum peer_end {
	PEER_BREAKS,		/* hangs up; what came is durable, and it says so before */
	PEER_FORGETS,		/* hangs up; what came by this connection is lost */
	PEER_SAYS_NOTHING,	/* hangs up at once, without WELCOME */
	PEER_ABORTS,		/* with CODE */
	PEER_REFUSES,		/* to resume */
	PEER_MISLEADS,		/* wants to resume with another carry */
	PEER_STORES,		/* takes END and says STORED */
	PEER_LOSES_STORED,	/* takes END and hangs up */
};

/* One connection. */
struct peer_step {
	enum peer_end end;
	unsigned int windows;	/* that are taken before that */
	enum kf_abort_code code;
};

#define PEER_CONNECTIONS 128

/* Where a window ended: what RESUME says of it, and how much of FRAMES was there. */
struct peer_mark {
	struct kf_resume at;
	size_t len;
};

struct peer {
	int listener;
	struct kf_target target;	/* it listens there; nobody does behind the last step */
	pthread_t thread;
	const struct peer_step *steps;
	size_t step_count;

	/* The dump as it is durable: type, length and payload of every frame behind DUMP. */
	uint8_t *frames;
	size_t len, room;
	struct peer_mark mark;		/* the end of its last window, or its beginning */
	uint8_t session[KF_SESSION_BYTES];

	/* what happened */
	size_t connections;
	struct {
		char program[KF_STRING_MAX + 1];
		bool resumes, aborted;
		enum kf_abort_code abort_code;
		unsigned int windows;	/* that came */
	} came[PEER_CONNECTIONS];
};

void peer_start(struct peer *p, const struct peer_step *steps, size_t count);
/* Waits until the script is done. */
void peer_end(struct peer *p);
void peer_free(struct peer *p);

/* The same frames out of the saved stream PATH. */
void peer_load(struct peer *p, const char *path);
/* Both dumps are the same, byte for byte but for the times in END. */
void peer_compare(const char *name, const struct peer *a, const struct peer *b);

#endif
