/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local socket on which `kferry-recv --stdio` asks the running service for tickets. */
#ifndef KF_TICKETSOCKET_H
#define KF_TICKETSOCKET_H

#include <event2/event.h>

#include "proto/ticket.h"

/*
 * A unix socket of type SOCK_SEQPACKET: a packet with a request comes, one with the answer goes, and that is all of a connection. Who
 * may ask: root, this process's own user, and members of the socket file's group. Others cannot open the file, whose mode is 0660; and
 * are looked at again when they come, for a mode can be changed by mistake. A few connections are kept, for two seconds each.
 */
struct kf_ticketsocket;

struct kf_ticketsocket_setup {
	struct event_base *base;
	const char *path;	/* of the file that is made; a stale one is replaced */
	const char *group;	/* name or number that the file is given to; NULL: that of its directory, if this process may */
	int fd;			/* one that listens already, as from a service manager, is taken instead in any case; -1: none */
	/* Fills the answer for IDENTITY, which is good. The socket wipes it. */
	void (*answer)(void *ctx, const char *identity, struct kf_ticket_answer *a);
	/* Somebody was refused, and told so. */
	void (*refused)(void *ctx, const struct kf_error *why);
	void *ctx;
};

/* KF_ABSENT if the directory of PATH is not there; KF_REFUSED if another process answers at PATH. */
enum kf_status kf_ticketsocket_create(struct kf_ticketsocket **socket, const struct kf_ticketsocket_setup *setup,
				      struct kf_error *err) kf_must_check;
/* Removes the file if it was made. NULL is allowed. */
void kf_ticketsocket_destroy(struct kf_ticketsocket *s);

/* The other end: asks the service at PATH for a ticket for IDENTITY, for some seconds at most. Always fills A, with "none" and the
 * reason at worst. The caller wipes it. */
void kf_ticketsocket_ask(const char *path, const char *identity, struct kf_ticket_answer *a);

#endif
