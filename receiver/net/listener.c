// SPDX-License-Identifier: GPL-2.0-or-later
// A listening address; see listener.h.
#include "receiver/net/listener.h"

#include <errno.h>
#include <event2/listener.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kf_listener {
	struct kf_listener_setup setup;
	struct evconnlistener *ev;
	char url[KF_ADDRESS_TEXT];
	bool loopback;
};

static void on_accept(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *peer, int len, void *ctx)
{
	struct kf_listener *l = ctx;

	(void)ev;
	l->setup.accepted(l->setup.ctx, fd, peer, (socklen_t)len);
}

/* Out of descriptors or memory: the connection stays in the kernel's queue, so the loop would spin. The next
 * tick of the server enables the listener again. */
static void on_error(struct evconnlistener *ev, void *ctx)
{
	(void)ctx;
	evconnlistener_disable(ev);
}

static enum kf_status open_at(struct kf_listener *l, const struct addrinfo *ai, struct kf_error *err)
{
	struct sockaddr_storage real;
	socklen_t len = sizeof(real);

	l->loopback = kf_address_is_loopback(ai->ai_addr);
	if (!l->loopback && !l->setup.plaintext)
		return kf_fail(err, KF_REFUSED, "not a loopback address, and memory images would travel unencrypted; "
			       "--allow-plaintext allows it");
	l->ev = evconnlistener_new_bind(l->setup.base, on_accept, l,
					LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
					-1, ai->ai_addr, (int)ai->ai_addrlen);
	if (!l->ev)
		return kf_fail_errno(err, "cannot listen");
	evconnlistener_set_error_cb(l->ev, on_error);
	if (getsockname(evconnlistener_get_fd(l->ev), (struct sockaddr *)&real, &len))
		return kf_fail_errno(err, "cannot tell the port");
	kf_address_url(l->url, (struct sockaddr *)&real, len);
	return KF_OK;
}

static enum kf_status resolve_and_open(struct kf_listener *l, struct kf_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	const struct kf_target *t = l->setup.target;
	struct addrinfo *ai;
	enum kf_status st;
	int rc;

	if (t->scheme != KF_SCHEME_TCP)
		return kf_fail(err, KF_INVALID, "only tcp:// can be listened on");
	rc = getaddrinfo(t->host, t->port, &hints, &ai);
	if (rc)
		return kf_fail(err, KF_FAILED, "%s", gai_strerror(rc));
	st = open_at(l, ai, err);
	freeaddrinfo(ai);
	return st;
}

enum kf_status kf_listener_create(struct kf_listener **listener, const struct kf_listener_setup *setup,
				  struct kf_error *err)
{
	struct kf_listener *l = calloc(1, sizeof(*l));
	enum kf_status st;

	*listener = NULL;
	if (!l)
		return kf_fail(err, KF_FAILED, "no memory for a listener");
	l->setup = *setup;
	st = resolve_and_open(l, err);
	if (st) {
		kf_listener_destroy(l);
		return kf_prepend(err, "--listen, %s port %s", setup->target->host, setup->target->port);
	}
	*listener = l;
	return KF_OK;
}

void kf_listener_destroy(struct kf_listener *l)
{
	if (l && l->ev)
		evconnlistener_free(l->ev);
	free(l);
}

const char *kf_listener_url(const struct kf_listener *l)
{
	return l->url;
}

bool kf_listener_is_loopback(const struct kf_listener *l)
{
	return l->loopback;
}

void kf_listener_enable(struct kf_listener *l, bool on)
{
	if (on)
		evconnlistener_enable(l->ev);
	else
		evconnlistener_disable(l->ev);
}
