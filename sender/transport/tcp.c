// SPDX-License-Identifier: GPL-2.0-or-later
// tcp://: the stream as it is, over one connection.
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sender/transport/socket.h"
#include "sender/transport/transports.h"

#define CONNECT_TIMEOUT_MS 20000
#define SEND_BUFFER (4 << 20)

/* The socket does not block, so that an address that swallows packets costs the timeout and not minutes. */
static enum kf_status connect_one(struct kf_transport *t, const struct addrinfo *ai, struct kf_error *err)
{
	int one = 1, buffer = SEND_BUFFER, failure = 0;
	socklen_t len = sizeof(failure);

	t->fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, ai->ai_protocol);
	if (t->fd < 0)
		return kf_fail_errno(err, "socket");
	setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(t->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (connect(t->fd, ai->ai_addr, ai->ai_addrlen) == 0)
		return KF_OK;
	if (errno != EINPROGRESS)
		return kf_fail_errno(err, "cannot connect");
	if (!kf_socket_wait(t, KF_CAN_SEND, CONNECT_TIMEOUT_MS))
		return kf_fail(err, KF_FAILED, "no answer within %d s", CONNECT_TIMEOUT_MS / 1000);
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0)
		return KF_OK;
	errno = failure;
	return kf_fail_errno(err, "cannot connect");
}

static void tcp_close(struct kf_transport *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static enum kf_status tcp_open(struct kf_transport *t, const struct kf_target *target, struct kf_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *list;
	enum kf_status st = KF_FAILED;
	int rc;

	snprintf(t->name, sizeof(t->name), strchr(target->host, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s", target->host, target->port);
	/* Numeric first: it needs no name service, which a capture kernel may not have. */
	rc = getaddrinfo(target->host, target->port, &hints, &list);
	if (rc == EAI_NONAME) {
		hints.ai_flags = AI_NUMERICSERV;
		rc = getaddrinfo(target->host, target->port, &hints, &list);
	}
	if (rc)
		return kf_fail(err, KF_FAILED, "%s: cannot resolve the name: %s", t->name, gai_strerror(rc));
	for (const struct addrinfo *ai = list; ai && st; ai = ai->ai_next) {
		st = connect_one(t, ai, err);
		if (st)
			tcp_close(t);
	}
	freeaddrinfo(list);
	if (st)
		kf_prepend(err, "%s", t->name);
	return st;
}

static ssize_t closed(const struct kf_transport *t, struct kf_error *err)
{
	kf_fail(err, KF_ABSENT, "%s: the receiver closed the connection", t->name);
	return -1;
}

static ssize_t tcp_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_send(t, bytes, len, &gone, err);

	return gone ? closed(t, err) : n;
}

static ssize_t tcp_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_receive(t, bytes, size, &gone, err);

	if (gone && errno) {
		kf_fail_errno(err, "%s: receiving", t->name);
		return -1;
	}
	return gone ? closed(t, err) : n;
}

static enum kf_status tcp_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver answers for */
	return KF_OK;
}

const struct kf_transport_ops kf_transport_tcp = {
	.answers = true, .open = tcp_open, .send = tcp_send, .receive = tcp_receive,
	.wait = kf_socket_wait, .finish = tcp_finish, .close = tcp_close,
};
