// SPDX-License-Identifier: GPL-2.0-or-later
// tcp://: the stream as it is, over one connection.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sender/transport/connect.h"
#include "sender/transport/socket.h"
#include "sender/transport/transports.h"

static void tcp_close(struct kf_transport *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static enum kf_status tcp_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	kf_transport_name(t, "tcp", target);
	if (kf_connect(&t->fd, target, kf_connect_now() + (uint64_t)trust->connect_ms, err))
		return kf_prepend(err, "%s", t->name);
	return KF_OK;
}

/* WHAT it was that did not work, with errno's reason if there is one. Whoever hangs up without a word is most often something else. */
static ssize_t closed(const struct kf_transport *t, const char *what, struct kf_error *err)
{
	if (!t->heard)
		kf_fail(err, KF_ABSENT, "%s: the other end hung up without a word: is it a kferry-recv, and listens it for tcp:// there, not tls://?",
			t->name);
	else if (errno == ECONNRESET)
		kf_fail_errno(err, "%s: %s", t->name, what);
	else
		kf_fail(err, KF_ABSENT, "%s: the receiver closed the connection", t->name);
	return -1;
}

static ssize_t tcp_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_send(t, bytes, len, &gone, err);

	return gone ? closed(t, "sending", err) : n;
}

static ssize_t tcp_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	bool gone;
	ssize_t n = kf_socket_receive(t, bytes, size, &gone, err);

	return gone ? closed(t, "receiving", err) : n;
}

static enum kf_status tcp_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver answers for */
	return KF_OK;
}

const struct kf_transport_ops kf_transport_tcp = {
	.answers = true, .open = tcp_open, .send = tcp_send, .receive = tcp_receive,
	.wait = kf_socket_wait, .flow = kf_socket_flow, .finish = tcp_finish, .close = tcp_close,
};
