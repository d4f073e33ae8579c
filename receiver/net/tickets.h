/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tickets that are out: keys for one TLS connection each, of hosts that logged in by SSH. */
#ifndef KF_TICKETS_H
#define KF_TICKETS_H

#include "common/status.h"
#include "proto/ticket.h"

/*
 *     free ──► waiting ──► used ──────► forgotten, free
 *                    └───► too old ──►
 *
 * A ticket that is used or too old has no key any more, but its id is remembered for a while, so that who comes with it can be told apart in
 * the log. Keys are wiped as soon as nobody may use them.
 *
 * All in the loop thread; the time, NOW, is that of receiver/stream/clock.h in ms.
 */
#define KF_TICKET_SECONDS 60u
#define KF_TICKETS_WAITING 256u		/* at the same time */
#define KF_TICKETS_OF_ONE 16u		/* of these of one identity */
#define KF_TICKETS_REMEMBERED 1024u	/* with those that are of no use any more */
#define KF_TICKETS_REMEMBERED_MS 600000u

struct kf_tickets;

/* NULL if there is no memory. */
struct kf_tickets *kf_tickets_create(void);
void kf_tickets_destroy(struct kf_tickets *t);	/* NULL is allowed; wipes all */

/* Makes a ticket for IDENTITY, a good one, and fills its id and key; the caller wipes the key. KF_REFUSED if too many wait. */
enum kf_status kf_tickets_issue(struct kf_tickets *t, const char *identity, uint64_t now, uint8_t id[KF_TICKET_ID_BYTES],
				uint8_t key[KF_TICKET_KEY_BYTES], struct kf_error *err) kf_must_check;

/* The key of a ticket that waits, which it goes on doing: a handshake may look twice, and may fail. The caller wipes the key.
 * KF_ABSENT, with the reason for the log. */
enum kf_status kf_tickets_find(struct kf_tickets *t, const uint8_t id[KF_TICKET_ID_BYTES], uint64_t now,
			       uint8_t key[KF_TICKET_KEY_BYTES], struct kf_error *err) kf_must_check;

/* A handshake with its key is done: gives the identity, and the ticket is used. KF_ABSENT, with the reason, if another
 * connection was faster or it became too old meanwhile: the connection must go. */
enum kf_status kf_tickets_use(struct kf_tickets *t, const uint8_t id[KF_TICKET_ID_BYTES], uint64_t now,
			      char identity[KF_IDENTITY_MAX + 1], struct kf_error *err) kf_must_check;

/* About once a second: wipes the keys of those that are too old. */
void kf_tickets_tick(struct kf_tickets *t, uint64_t now);

#endif
