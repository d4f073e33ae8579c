// SPDX-License-Identifier: GPL-2.0-or-later
// A guest of a plain listener: it is known by the first bytes that lie in its socket; see door.h.
#include "receiver/net/door_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/wire.h"

struct plain_guest {
	struct kf_guest guest;
	int fd;			/* owned; -1: taken */
	struct event *readable;	/* owned */
	bool waited;		/* for the rest of a preface */
};

static void destroy(struct kf_guest *g)
{
	struct plain_guest *p = (struct plain_guest *)g;

	if (p->readable)
		event_free(p->readable);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

/* How many bytes must lie there before the socket is readable. */
static void wait_for(int fd, int bytes)
{
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

static struct kf_channel *take(struct kf_guest *g)
{
	struct plain_guest *p = (struct plain_guest *)g;
	int fd = p->fd;

	event_del(p->readable);
	wait_for(fd, 1);
	p->fd = -1;
	return kf_channel_fd_create(g->door->setup.base, (struct kf_ends){ .in = fd, .out = fd });
}

static const struct kf_guest_ops ops = {
	.take = take,
	.destroy = destroy,
};

static void not_ours(struct plain_guest *p, const unsigned char *bytes, size_t n)
{
	static const unsigned char alert[] = { 21, 3, 3, 0, 2, 2, 70 };	/* a record of TLS: fatal, protocol_version */

	if (n < 2 || bytes[0] != 22 || bytes[1] != 3) {
		kf_guest_sent_away(&p->guest, "what it says is no kferry stream");
		return;
	}
	/* Somebody of ours, perhaps: an end without a word looks like a broken line, and it would try again for long. */
	kf_guest_answer(p->fd, alert, sizeof(alert));
	kf_guest_sent_away(&p->guest, "it speaks TLS, but this address is a tcp:// one; listen with tls:// or send with tcp://");
}

static bool is_ours(const unsigned char *bytes, size_t n)
{
	return memcmp(bytes, KF_MAGIC, n < KF_MAGIC_BYTES ? n : KF_MAGIC_BYTES) == 0;
}

/* Looks at what lies in the socket: nothing, though it is readable, if the peer only looked whether the port is open; readable
 * again, and still not enough, if no more will come. */
static void look(struct plain_guest *p)
{
	unsigned char bytes[KF_PREFACE_BYTES];
	ssize_t n = recv(p->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || (p->waited && n < KF_PREFACE_BYTES)) {
		kf_guest_leaves(&p->guest);
	} else if (!is_ours(bytes, (size_t)n)) {
		not_ours(p, bytes, (size_t)n);
	} else if (n == KF_PREFACE_BYTES) {
		event_del(p->readable);
		kf_guest_is_known(&p->guest);
	} else {
		wait_for(p->fd, KF_PREFACE_BYTES);
		p->waited = true;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	look(ctx);
}

void kf_door_plain(struct kf_door *d, int fd, const struct sockaddr *peer, socklen_t len, bool exposed)
{
	struct plain_guest *p = calloc(1, sizeof(*p));

	if (!p) {
		close(fd);
		return;
	}
	p->guest.exposed = exposed;
	p->fd = fd;
	p->readable = event_new(d->setup.base, fd, EV_READ | EV_PERSIST, on_readable, p);
	if (!p->readable || event_add(p->readable, NULL)) {
		destroy(&p->guest);
		return;
	}
	if (kf_guest_comes(d, &p->guest, &ops, peer, len))
		look(p);	/* its preface may be here already, and then it needs no place */
}
