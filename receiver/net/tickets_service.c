// SPDX-License-Identifier: GPL-2.0-or-later
// The service that gives tickets; see tickets_service.h.
#include "receiver/net/tickets_service.h"

#include <stdio.h>
#include <stdlib.h>

#include "receiver/net/murmur.h"
#include "receiver/stream/clock.h"

struct kf_ticketservice {
	struct kf_ticketservice_setup setup;
	struct kf_ticketsocket *socket;
	struct event *tick;
	struct kf_murmur murmur;	/* a member of the group may ask as often as it likes */
};

static void answer(void *ctx, const char *identity, struct kf_ticket_answer *a)
{
	struct kf_ticketservice *s = ctx;
	uint16_t port = s->setup.port(s->setup.ctx);
	struct kf_error err;

	if (!port)
		kf_fail(&err, KF_ABSENT, "the service does not listen for TLS");
	else if (!kf_tickets_issue(s->setup.tickets, identity, kf_now_ms(), a->id, a->key, &err))
		a->status = KF_TICKET_GRANTED;
	if (a->status == KF_TICKET_GRANTED) {
		a->port = port;
		a->seconds = KF_TICKET_SECONDS;
		kf_log(s->setup.log, KF_LOG_COMMON, "%s: gets a ticket for TLS, as it came by SSH", identity);
		return;
	}
	snprintf(a->why, sizeof(a->why), "%.256s", err.text);
	kf_murmur_turned_away(&s->murmur, identity, err.text);
}

static void refused(void *ctx, const struct kf_error *why)
{
	struct kf_ticketservice *s = ctx;

	kf_murmur_turned_away(&s->murmur, "ticket socket", why->text);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_ticketservice *s = ctx;

	(void)fd, (void)what;
	kf_tickets_tick(s->setup.tickets, kf_now_ms());
	kf_murmur_tick(&s->murmur);
}

static enum kf_status init(struct kf_ticketservice *s, struct kf_error *err)
{
	const struct timeval second = { .tv_sec = 1 };
	const struct kf_ticketsocket_setup socket = {
		.base = s->setup.base, .path = s->setup.path, .group = s->setup.group, .fd = s->setup.fd,
		.answer = answer, .refused = refused, .ctx = s,
	};
	enum kf_status st = kf_ticketsocket_create(&s->socket, &socket, err);

	if (st)
		return st;
	s->tick = event_new(s->setup.base, -1, EV_PERSIST, on_tick, s);
	if (!s->tick || event_add(s->tick, &second))
		return kf_fail(err, KF_FAILED, "no memory for tickets");
	return KF_OK;
}

enum kf_status kf_ticketservice_create(struct kf_ticketservice **service, const struct kf_ticketservice_setup *setup,
				       struct kf_error *err)
{
	struct kf_ticketservice *s = calloc(1, sizeof(*s));
	enum kf_status st;

	*service = NULL;
	if (!s)
		return kf_fail(err, KF_FAILED, "no memory for tickets");
	s->setup = *setup;
	s->murmur.log = setup->log;
	st = init(s, err);
	if (st)
		kf_ticketservice_destroy(s);
	else
		*service = s;
	return st;
}

void kf_ticketservice_destroy(struct kf_ticketservice *s)
{
	if (!s)
		return;
	kf_ticketsocket_destroy(s->socket);
	if (s->tick)
		event_free(s->tick);
	free(s);
}
