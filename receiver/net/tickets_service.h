/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service that gives tickets: who asks on the local socket gets one out of the table, if there is TLS to use it for. */
#ifndef KF_TICKETS_SERVICE_H
#define KF_TICKETS_SERVICE_H

#include "receiver/net/tickets.h"
#include "receiver/net/ticketsocket.h"

struct kf_ticketservice;

struct kf_ticketservice_setup {
	struct event_base *base;
	const struct kf_log *log;
	struct kf_tickets *tickets;	/* borrowed: the TLS handshake looks there */
	uint16_t (*port)(void *ctx);	/* where others reach TLS here; 0: nowhere */
	void *ctx;
	const char *path, *group;	/* as in struct kf_ticketsocket_setup, as the statuses are */
	int fd;
};

enum kf_status kf_ticketservice_create(struct kf_ticketservice **service, const struct kf_ticketservice_setup *setup,
				       struct kf_error *err) kf_must_check;
void kf_ticketservice_destroy(struct kf_ticketservice *s);	/* NULL is allowed */

#endif
