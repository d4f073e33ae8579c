/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A receiver that is driven message by message, with the real order table, and may be broken, killed and resumed at will. */
#ifndef RECV_WALK_H
#define RECV_WALK_H

#include "proto/order.h"
#include "tests/unit/recv/story.h"

#define WALK_MESSAGES 40
#define WALK_EVENTS 16

/* A message that a sender may say: by its payload, so that it can stand anywhere. */
struct walk_message {
	char name[40];
	enum kf_type type;
	uint8_t *payload;	/* owned */
	uint32_t len;
};

enum walk_kind {
	WALK_SAY,	/* a message on the connection; without one a connection is made first */
	WALK_BREAK,	/* the connection ends */
	WALK_SECOND,	/* the sender comes by another connection while this one stands */
	WALK_KILL,	/* kill -9, then a new receiver, which recovers what there is */
};

struct walk_event {
	enum walk_kind kind;
	unsigned int message;
	unsigned int jobs;	/* so many of the jobs that wait are run behind WALK_SAY, before WALK_KILL */
};
#define WALK_ALL_JOBS 1000

/* What is left of a receiver when no connection stands. */
struct walk_rest {
	struct disk disk;	/* owned */
	struct disk_promise promise;
	struct kf_finished finished;
	bool is_finished;
	bool ended;		/* an END that says complete was said */
};

struct walk {
	struct story story;
	struct walk_message messages[WALK_MESSAGES];
	unsigned int count;
	bool live;		/* a connection stands */
	bool ended;
	struct kf_order order;	/* of it */
	char wrong[600];	/* what must never be, once it was */
};

void walk_init(struct walk *w);
void walk_deinit(struct walk *w);

/* Begins again from REST; NULL: with an empty disk. */
void walk_from(struct walk *w, const struct walk_rest *rest);
void walk_take_rest(const struct walk *w, struct walk_rest *rest);	/* no connection stands */

/* Whether the order table would take the message on this connection, or on a new one. */
bool walk_may_say(const struct walk *w, unsigned int message);
void walk_do(struct walk *w, const struct walk_event *event);

/* Equal for two receivers that will answer alike whatever comes. */
uint64_t walk_hash(const struct walk *w);

#endif
