// SPDX-License-Identifier: GPL-2.0-or-later
// The service's end of the local socket for tickets; see ticketsocket.h.
#include "receiver/net/ticketsocket.h"

#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receiver/net/ticketsocket_file.h"

#define CLIENTS 16	/* at the same time; when another comes, the one that came first goes */
#define BACKLOG 64
#define SECONDS_EACH 2

struct client {
	struct event *event;	/* NULL: a free place */
	int fd;
	struct kf_ticketsocket *socket;
};

struct kf_ticketsocket {
	struct kf_ticketsocket_setup setup;
	struct evconnlistener *listener;
	struct kf_socketfile file;
	struct client clients[CLIENTS];
	unsigned int next;	/* place of the next client: that of the oldest, if it is not free */
};

static void drop(struct client *c)
{
	if (!c->event)
		return;
	event_free(c->event);
	close(c->fd);
	c->event = NULL;
}

static void answer(struct client *c, const uint8_t *request, size_t n)
{
	struct kf_ticketsocket *s = c->socket;
	struct kf_ticket_answer a = { .status = KF_TICKET_NONE };
	char identity[KF_IDENTITY_MAX + 1];
	uint8_t out[KF_TICKET_ANSWER_MAX];
	struct kf_error err;

	if (!kf_socketfile_may_ask(&s->file, c->fd, &err) && !kf_ticket_request_decode(identity, request, n, &err)) {
		s->setup.answer(s->setup.ctx, identity, &a);
	} else {
		s->setup.refused(s->setup.ctx, &err);
		snprintf(a.why, sizeof(a.why), "refused: %.240s", err.text);
	}
	n = kf_ticket_answer_encode(out, &a);
	(void)!send(c->fd, out, n, MSG_DONTWAIT | MSG_NOSIGNAL);	/* who is gone needs no answer; its ticket becomes too old */
	explicit_bzero(&a, sizeof(a));
	explicit_bzero(out, sizeof(out));
}

static void on_client(evutil_socket_t fd, short what, void *ctx)
{
	struct client *c = ctx;
	uint8_t request[KF_TICKET_REQUEST_MAX + 1];	/* one byte more, so that a longer packet is found out */
	ssize_t n = what & EV_TIMEOUT ? 0 : recv(fd, request, sizeof(request), MSG_DONTWAIT);

	if (n > 0)
		answer(c, request, (size_t)n);
	drop(c);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *peer, int len, void *ctx)
{
	const struct timeval patience = { .tv_sec = SECONDS_EACH };
	struct kf_ticketsocket *s = ctx;
	struct client *c = &s->clients[s->next++ % CLIENTS];

	(void)l, (void)peer, (void)len;
	drop(c);
	c->fd = fd;
	c->socket = s;
	c->event = event_new(s->setup.base, fd, EV_READ, on_client, c);
	if (c->event && event_add(c->event, &patience) == 0)
		return;
	if (c->event)
		event_free(c->event);
	c->event = NULL;
	close(fd);
}

enum kf_status kf_ticketsocket_create(struct kf_ticketsocket **socket, const struct kf_ticketsocket_setup *setup,
				      struct kf_error *err)
{
	struct kf_ticketsocket *s = calloc(1, sizeof(*s));
	enum kf_status st;
	int fd = setup->fd;

	*socket = NULL;
	if (!s) {
		if (fd >= 0)
			close(fd);
		return kf_fail(err, KF_FAILED, "no memory for the ticket socket");
	}
	s->setup = *setup;
	st = fd >= 0 ? kf_socketfile_adopt(&s->file, fd, err) : kf_socketfile_make(&s->file, setup->path, setup->group, &fd, err);
	if (!st) {
		s->listener = evconnlistener_new(setup->base, on_accept, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
		if (!s->listener)
			st = kf_fail_errno(err, "%s: cannot listen", s->file.path);
	}
	if (st) {
		if (fd >= 0)
			close(fd);
		kf_ticketsocket_destroy(s);
		return kf_prepend(err, "ticket socket");
	}
	*socket = s;
	return KF_OK;
}

void kf_ticketsocket_destroy(struct kf_ticketsocket *s)
{
	if (!s)
		return;
	for (unsigned int i = 0; i < CLIENTS; i++)
		drop(&s->clients[i]);
	if (s->listener)
		evconnlistener_free(s->listener);
	kf_socketfile_remove(&s->file);
	free(s);
}
