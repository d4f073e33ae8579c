/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The door: connections of which nobody knows yet who they are, or whether they are senders at all. */
#ifndef KF_DOOR_H
#define KF_DOOR_H

#include <sys/socket.h>

#include "common/log.h"
#include "receiver/net/channel.h"
#include "receiver/net/keyring.h"


/*
 *     accepted ──► guest at the door ──► let in: a session
 *                        └──► sent away: closed, with no answer but a TLS alert
 *
 * A guest of a TLS listener is known when its handshake is done: by the ID of its key, or the name in its certificate.
 *
 * A guest of a plain listener is known when the 32 bytes of a preface lie in its socket, and begin with the magic; nothing of
 * it was read until then. Only who is known gets a session, and with it an assembler, files and a share of the workers.
 *
 * What all strangers together cost, whatever they do:
 *   descriptors  KF_DOOR_PLACES, one for each guest; of one address (of IPv6: of one /64) at most half of them. When another
 *                comes, the one that is here longest goes: of the same address if that has its half, else of all. (Sockets of
 *                TLS guests are closed in the next turn of the loop: sixteen more for each listener)
 *   time         who has a place has it for KF_DOOR_GRACE_MS, also in a crowd: if all are younger, nobody is accepted, and the
 *                others wait in the kernel's queue; if only those of one address are, who comes from there is closed at once.
 *                So silent strangers get through it 2,560 in a second at most, of one address 1,280
 *   seconds      KF_DOOR_MS for each, and one more until it is noticed
 *   bytes        of who is silent none is read, and it takes 1 KiB of memory; of a TLS guest that speaks KF_HANDSHAKE_BYTES are
 *                read, and it takes at most 100 KiB: together 13 MiB
 *   lines        a few in ten seconds, then one that counts the others; see murmur.h
 *
 * What they can do all the same: while a flood of many addresses keeps all places taken, or one of a host's own address (its
 * /64, whatever stands behind its NAT) that address's half, who needs more time than KF_DOOR_GRACE_MS may be sent away before
 * it is known, again and again: a host whose answers take longer than that, in TLS. In a flood of its own address it must also
 * find a place, as one among many.
 */
#define KF_DOOR_PLACES 128
#define KF_DOOR_MS 10000
#define KF_DOOR_GRACE_MS 50

struct kf_door;
struct kf_tls_server;

/* Somebody who is let in. All of it lives during the call, but for the channel. */
struct kf_arrival {
	struct kf_channel *channel;	/* the callee's in any case */
	const char *peer;		/* for people: its address, perhaps with its identity */
	const char *identity;		/* what its directory begins with */
	bool exposed;			/* others can read what comes */
};

struct kf_door_setup {
	struct event_base *base;
	const struct kf_log *log;	/* borrowed */
	unsigned int ms, grace_ms;	/* KF_DOOR_MS and KF_DOOR_GRACE_MS, but for tests */
	/* Whether there is room behind the door. While there is none, those that are known wait, without limit of time: the
	 * listeners should not accept then. */
	bool (*room)(void *ctx);
	/* What fails is told as a reason why somebody was turned away. */
	enum kf_status (*enter)(void *ctx, const struct kf_arrival *a, struct kf_error *err);
	void *ctx;
};

/* NULL if there is no memory. */
struct kf_door *kf_door_create(const struct kf_door_setup *setup);
void kf_door_destroy(struct kf_door *d);	/* NULL is allowed */

/* Whether it would take one more now. If not, the listeners should not accept for a moment. */
bool kf_door_takes(const struct kf_door *d);

/* A connection of a plain listener; FD does not block, and is the door's in any case. */
void kf_door_plain(struct kf_door *d, int fd, const struct sockaddr *peer, socklen_t len, bool exposed);
/* One of a TLS listener. TLS must outlive the door. */
void kf_door_tls(struct kf_door *d, const struct kf_tls_server *tls, int fd, const struct sockaddr *peer, socklen_t len);

/* There is room again: those that are known enter, the first first. */
void kf_door_open(struct kf_door *d);
/* Everybody goes. */
void kf_door_clear(struct kf_door *d);
/* To be called about every second. */
void kf_door_tick(struct kf_door *d);

#endif
