/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transport that takes bytes into memory, gives canned answers in small pieces, and fails where it is told to. */
#ifndef WIRE_CANNED_H
#define WIRE_CANNED_H

#include <pthread.h>
#include <stdint.h>

#include "sender/transport/transport.h"

struct canned {
	struct kf_transport transport;	/* first, so that the operations find the rest */
	/* what it answers, and what comes when that is used up */
	const uint8_t *answers;
	size_t answer_bytes, given, piece;
	bool closes;			/* KF_ABSENT behind the answers, else nothing more for now */
	size_t answer_after;		/* bytes that must have been sent before it answers */
	bool slow;			/* answers only when somebody has waited for it */
	unsigned int waits;
	/* what it was sent */
	uint8_t *sent;			/* owned */
	size_t sent_bytes, sent_room;
	size_t fail_after;		/* sending fails when so many bytes went; 0: never */
	bool finished, fails_to_finish;
};

void canned_init(struct canned *c, bool answers);
void canned_free(struct canned *c);

#endif
