/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A door with a loop that is turned by hand, a log that can be looked at, and whoever was let in. */
#ifndef RECV_HALL_H
#define RECV_HALL_H

#include "receiver/net/door.h"
#include "receiver/net/tls_open.h"
#include "tests/unit/unit.h"

struct hall {
	struct event_base *base;
	struct kf_door *door;
	struct kf_tls_server *tls;	/* owned; NULL: none */
	struct kf_log log;
	char *said;			/* all that was logged */
	size_t said_len;
	bool room, refuses;
	unsigned int entered;
	struct kf_channel *channel;	/* of the last that entered; owned */
	char peer[200], identity[80];
	bool exposed;
	unsigned int readable;		/* for tests that count */
};

/* MS as in kf_door_setup, half of it for who comes in a crowd; TRUST may be NULL. */
void hall_init(struct hall *h, unsigned int ms, const struct kf_tls_trust *trust);
void hall_deinit(struct hall *h);

/* Lets the loop run as long as something is ready, and the door's clock tick. */
void hall_turn(struct hall *h);
/* What was logged so far; lives until the next turn. */
const char *hall_said(struct hall *h);
void hall_forget(struct hall *h);	/* what was said, and who entered */

/* A connection that says it is of the address 192.0.HIGH.LOW; gives the peer's end, which does not block. */
int hall_knock(struct hall *h, bool tls, unsigned int high, unsigned int low);
/* The same with 2001:db8:0:NETWORK::HOST, of a plain listener. */
int hall_knock_six(struct hall *h, uint16_t network, uint16_t host);
/* Whether the other end was closed; what came before that is thrown away. */
bool hall_closed(int fd);

#endif
