// SPDX-License-Identifier: GPL-2.0-or-later
// TCP connections; see connect.h.
#include "sender/transport/connect.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEND_BUFFER (4 << 20)

uint64_t kf_connect_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static int left_until(uint64_t deadline)
{
	uint64_t now = kf_connect_now();

	return now >= deadline ? 0 : deadline - now > INT32_MAX ? INT32_MAX : (int)(deadline - now);
}

/* Long streams one way, short answers the other, and a peer that may vanish without a word. */
static void set_options(int fd)
{
	int one = 1, buffer = SEND_BUFFER;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
}

/* The socket does not block, so that an address that swallows packets costs its part of the time and not minutes. */
static enum kf_status await_connected(int fd, int timeout_ms, struct kf_error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int failure = 0;
	socklen_t len = sizeof(failure);

	if (poll(&p, 1, timeout_ms) <= 0)
		return kf_fail(err, KF_FAILED, "no answer within %.1f s", timeout_ms / 1000.0);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0)
		return KF_OK;
	errno = failure;
	return kf_fail_errno(err, "cannot connect");
}

static enum kf_status connect_one(int *fd, const struct sockaddr *to, socklen_t len, int timeout_ms, struct kf_error *err)
{
	enum kf_status st = KF_OK;

	*fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return kf_fail_errno(err, "socket");
	set_options(*fd);
	if (connect(*fd, to, len))
		st = errno == EINPROGRESS ? await_connected(*fd, timeout_ms, err) : kf_fail_errno(err, "cannot connect");
	if (st) {
		close(*fd);
		*fd = -1;
	}
	return st;
}

static int resolve(const struct kf_target *t, struct addrinfo **list)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	int rc = getaddrinfo(t->host, t->port, &hints, list);

	if (rc != EAI_NONAME)
		return rc;
	hints.ai_flags = AI_NUMERICSERV;
	return getaddrinfo(t->host, t->port, &hints, list);
}

enum kf_status kf_connect(int *fd, const struct kf_target *target, uint64_t deadline, struct kf_error *err)
{
	struct addrinfo *list;
	enum kf_status st = KF_FAILED;
	int addresses = 0, rc = resolve(target, &list);

	*fd = -1;
	if (rc)
		return kf_fail(err, KF_FAILED, "cannot resolve the name: %s", gai_strerror(rc));
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next)
		addresses++;
	for (const struct addrinfo *ai = list; ai && st; ai = ai->ai_next)
		st = connect_one(fd, ai->ai_addr, ai->ai_addrlen, left_until(deadline) / addresses--, err);
	freeaddrinfo(list);
	return st;
}

enum kf_status kf_connect_beside(int *fd, int peer, uint16_t port, uint64_t deadline, struct kf_error *err)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);

	*fd = -1;
	if (getpeername(peer, (struct sockaddr *)&a, &len))
		return kf_fail_errno(err, "cannot tell the peer's address");
	if (a.ss_family == AF_INET)
		((struct sockaddr_in *)&a)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)&a)->sin6_port = htons(port);
	return connect_one(fd, (struct sockaddr *)&a, len, left_until(deadline), err);
}
