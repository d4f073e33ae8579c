// SPDX-License-Identifier: GPL-2.0-or-later
// A listening address; see listener.h.
#include "receiver/net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE 16	/* connections in one turn */

struct kf_listener {
	struct kf_listener_setup setup;
	enum kf_scheme scheme;
	int fd;
	struct event *ready;
	char url[KF_ADDRESS_TEXT];
	bool loopback;
};

/* What a connection may have suffered before it was accepted; the next may be well. */
static bool is_its_own_fault(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPROTO || error == ENETDOWN || error == EHOSTDOWN ||
	       error == EHOSTUNREACH || error == ENETUNREACH || error == ENONET || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

static void on_ready(evutil_socket_t listening, short what, void *ctx)
{
	struct kf_listener *l = ctx;

	(void)what;
	for (int i = 0; i < AT_ONCE && event_pending(l->ready, EV_READ, NULL); i++) {
		struct sockaddr_storage peer;
		socklen_t len = sizeof(peer);
		int fd = accept4(listening, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			l->setup.accepted(l->setup.ctx, l, fd, (struct sockaddr *)&peer, len);
		else if (errno == EAGAIN)
			return;
		/* Out of descriptors or memory: the connection stays in the kernel's queue, so the loop would spin. The next
		 * tick of the server enables the listener again. */
		else if (!is_its_own_fault(errno))
			event_del(l->ready);
	}
}

static enum kf_status check_address(struct kf_listener *l, const struct sockaddr *a, struct kf_error *err)
{
	l->loopback = kf_address_is_loopback(a);
	if (kf_listener_is_exposed(l) && !l->setup.plaintext)
		return kf_fail(err, KF_REFUSED, "not a loopback address, and memory images would travel unencrypted: listen with tls://; "
			       "--allow-plaintext allows it");
	return KF_OK;
}

static int make_socket(const struct addrinfo *ai)
{
	const int on = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	close(fd);
	return -1;
}

static enum kf_status bind_target(struct kf_listener *l, struct kf_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	const struct kf_target *t = l->setup.target;
	struct addrinfo *ai;
	enum kf_status st;
	int rc = getaddrinfo(t->host, t->port, &hints, &ai);

	if (rc)
		return kf_fail(err, KF_FAILED, "%s", gai_strerror(rc));
	st = check_address(l, ai->ai_addr, err);
	if (!st)
		l->fd = make_socket(ai);
	if (!st && l->fd < 0)
		st = kf_fail_errno(err, "cannot listen");
	freeaddrinfo(ai);
	return st;
}

static enum kf_status look_at_address(struct kf_listener *l, struct kf_error *err)
{
	struct sockaddr_storage real;
	socklen_t len = sizeof(real);

	if (getsockname(l->fd, (struct sockaddr *)&real, &len))
		return kf_fail_errno(err, "cannot tell the port");
	kf_address_url(l->url, kf_listener_is_tls(l) ? "tls" : "tcp", (struct sockaddr *)&real, len);
	return check_address(l, (struct sockaddr *)&real, err);
}

static enum kf_status init(struct kf_listener *l, struct kf_error *err)
{
	const int on = 1;
	enum kf_status st;

	if (l->scheme != KF_SCHEME_TCP && l->scheme != KF_SCHEME_TLS)
		return kf_fail(err, KF_INVALID, "only tcp:// and tls:// can be listened on");
	st = l->fd < 0 ? bind_target(l, err) : KF_OK;
	if (!st)
		st = look_at_address(l, err);
	if (st)
		return st;
	/* What is accepted has these too: dead peers are noticed, and no reply waits for the acknowledgement of another. */
	setsockopt(l->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	evutil_make_socket_nonblocking(l->fd);
	l->ready = event_new(l->setup.base, l->fd, EV_READ | EV_PERSIST, on_ready, l);
	return l->ready && !event_add(l->ready, NULL) ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a listener");
}

enum kf_status kf_listener_adopt(struct kf_listener **listener, const struct kf_listener_setup *setup, enum kf_scheme scheme, int fd,
				 struct kf_error *err)
{
	struct kf_listener *l = calloc(1, sizeof(*l));

	*listener = NULL;
	if (!l) {
		if (fd >= 0)
			close(fd);
		return kf_fail(err, KF_FAILED, "no memory for a listener");
	}
	l->setup = *setup;
	l->scheme = scheme;
	l->fd = fd;
	if (init(l, err)) {
		kf_listener_destroy(l);
		return fd < 0 ? err->status : kf_prepend(err, "the socket that was passed");
	}
	l->setup.target = NULL;
	*listener = l;
	return KF_OK;
}

enum kf_status kf_listener_create(struct kf_listener **listener, const struct kf_listener_setup *setup,
				  struct kf_error *err)
{
	if (kf_listener_adopt(listener, setup, setup->target->scheme, -1, err))
		return kf_prepend(err, "--listen, %s port %s", setup->target->host, setup->target->port);
	return KF_OK;
}

void kf_listener_destroy(struct kf_listener *l)
{
	if (!l)
		return;
	if (l->ready)
		event_free(l->ready);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

const char *kf_listener_url(const struct kf_listener *l)
{
	return l->url;
}

uint16_t kf_listener_port(const struct kf_listener *l)
{
	return (uint16_t)strtoul(strrchr(l->url, ':') + 1, NULL, 10);
}

bool kf_listener_is_tls(const struct kf_listener *l)
{
	return l->scheme == KF_SCHEME_TLS;
}

bool kf_listener_is_exposed(const struct kf_listener *l)
{
	return l->scheme == KF_SCHEME_TCP && !l->loopback;
}

bool kf_listener_is_loopback(const struct kf_listener *l)
{
	return l->loopback;
}

void kf_listener_enable(struct kf_listener *l, bool on)
{
	if (on)
		event_add(l->ready, NULL);
	else
		event_del(l->ready);
}
