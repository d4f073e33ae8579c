// SPDX-License-Identifier: GPL-2.0-or-later
// What transports over one socket share; see socket.h.
#include "sender/transport/socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

unsigned int kf_socket_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	struct pollfd p = { .fd = t->fd };
	unsigned int ready = 0;

	p.events = (short)((want & KF_CAN_SEND ? POLLOUT : 0) | (want & KF_CAN_RECEIVE ? POLLIN : 0));
	if (poll(&p, 1, timeout_ms) <= 0)
		return 0;
	if (p.revents & (POLLOUT | POLLERR | POLLHUP))
		ready |= KF_CAN_SEND;
	if (p.revents & (POLLIN | POLLERR | POLLHUP))
		ready |= KF_CAN_RECEIVE;
	return ready & want;
}

ssize_t kf_socket_send(struct kf_transport *t, const void *bytes, size_t len, bool *gone, struct kf_error *err)
{
	ssize_t n = send(t->fd, bytes, len, MSG_NOSIGNAL);

	*gone = n < 0 && (errno == EPIPE || errno == ECONNRESET);
	if (n >= 0 || *gone)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	kf_fail_errno(err, "%s: sending", t->name);
	return -1;
}

ssize_t kf_socket_receive(struct kf_transport *t, void *bytes, size_t size, bool *gone, struct kf_error *err)
{
	ssize_t n = recv(t->fd, bytes, size, 0);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
		*gone = false;
		t->heard = t->heard || n > 0;
		return n > 0 ? n : 0;
	}
	*gone = n == 0 || errno == ECONNRESET;
	if (n == 0)
		errno = 0;
	if (!*gone)
		kf_fail_errno(err, "%s: receiving", t->name);
	return -1;
}

/* Nothing under way, and more to send: the peer's window is closed. Whatever waits for the link has some of it under way. */
enum kf_flow kf_socket_flow(const struct kf_transport *t)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	int waiting = 0;

	if (getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &len))	/* a socket of another kind */
		return ioctl(t->fd, SIOCOUTQ, &waiting) || waiting ? KF_FLOW_LINK : KF_FLOW_DONE;
	if (ioctl(t->fd, SIOCOUTQNSD, &waiting) || !waiting)
		return KF_FLOW_DONE;
	return info.tcpi_unacked ? KF_FLOW_LINK : KF_FLOW_PEER;
}
