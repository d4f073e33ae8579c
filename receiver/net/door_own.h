/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the door share, and nobody else sees. */
#ifndef KF_DOOR_OWN_H
#define KF_DOOR_OWN_H

#include "receiver/net/address.h"
#include "receiver/net/door.h"
#include "receiver/net/murmur.h"

struct kf_guest;

struct kf_guest_ops {
	/* Its connection as a channel that nobody uses yet, which is the caller's then; NULL if there is no memory. */
	struct kf_channel *(*take)(struct kf_guest *g);
	void (*destroy)(struct kf_guest *g);
};

/* The first member of each kind's own struct, which the door owns from kf_guest_comes on. */
struct kf_guest {
	const struct kf_guest_ops *ops;
	struct kf_door *door;
	uint64_t since;			/* ms */
	bool known;
	bool exposed;			/* others can read what it sends */
	char address[KF_ADDRESS_TEXT];
	char network[KF_ADDRESS_TEXT];	/* by which it is counted; see address.h */
	char identity[KF_IDENTITY_TEXT];	/* once known; the address until then */
};

struct kf_door {
	struct kf_door_setup setup;
	struct kf_murmur murmur;
	struct kf_guest *guests[KF_DOOR_PLACES];	/* the one that came first is first */
	unsigned int count;
};

/* Fills what is common to all kinds, and gives it a place; somebody else may have to go. False: it had to go itself, and is no
 * more. */
bool kf_guest_comes(struct kf_door *d, struct kf_guest *g, const struct kf_guest_ops *ops, const struct sockaddr *peer, socklen_t len);

/* All of these end the guest's life at the door: it must not be used afterwards. */
void kf_guest_is_known(struct kf_guest *g);	/* lives on only if there is no room; its connection must be quiet then */
void kf_guest_leaves(struct kf_guest *g);	/* without a word */
void kf_guest_sent_away(struct kf_guest *g, const char *fmt, ...) kf_printf(2, 3);	/* with a line why */

/* Its last words, if the socket takes them at once: what the peer said is read first, else the connection would break instead of
 * ending, and they would be lost. */
void kf_guest_answer(int fd, const void *bytes, size_t n);

#endif
