// SPDX-License-Identifier: GPL-2.0-or-later
// A guest of a TLS listener: it is known when its handshake is done; see door.h.
#include "receiver/net/door_own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/wire.h"
#include "receiver/net/channel_tls.h"
#include "receiver/net/replies.h"
#include "receiver/net/tls_server.h"

struct tls_guest {
	struct kf_guest guest;
	const struct kf_tls_server *tls;
	int fd;				/* owned until there is a channel; then -1 */
	struct event *first;		/* owned: it said something */
	struct kf_tls_peer peer;	/* for the handshake; OpenSSL keeps a pointer to it */
	struct kf_channel *channel;	/* owned until it is taken */
	SSL *ssl;			/* the channel's */
};

static void destroy(struct kf_guest *g)
{
	struct tls_guest *t = (struct tls_guest *)g;

	if (t->first)
		event_free(t->first);
	if (t->fd >= 0)
		close(t->fd);
	kf_channel_destroy(t->channel);
	free(t);
}

static struct kf_channel *take(struct kf_guest *g)
{
	struct tls_guest *t = (struct tls_guest *)g;
	struct kf_channel *c = t->channel;

	SSL_set_app_data(t->ssl, NULL);
	t->channel = NULL;
	return c;
}

static const struct kf_guest_ops ops = {
	.take = take,
	.destroy = destroy,
};

static void done(void *ctx)
{
	struct tls_guest *t = ctx;
	struct kf_error err;

	if (kf_tls_peer_identity(&t->peer, t->ssl, t->guest.identity, &err))
		kf_guest_sent_away(&t->guest, "%s", err.text);
	else
		kf_guest_is_known(&t->guest);
}

static void failed(void *ctx, struct kf_error *err)
{
	struct tls_guest *t = ctx;

	if (BIO_number_read(SSL_get_rbio(t->ssl)) > KF_HANDSHAKE_BYTES)
		kf_fail(err, KF_REFUSED, "it sent more than %d bytes before it was known", KF_HANDSHAKE_BYTES);
	kf_tls_peer_explain(&t->peer, err);
	kf_guest_sent_away(&t->guest, "%s", err->text);
}

static bool begin_handshake(struct tls_guest *t)
{
	const struct kf_handshake handshake = { .done = done, .failed = failed, .ctx = t };
	int fd = t->fd;

	t->ssl = kf_tls_server_ssl(t->tls, &t->peer);
	if (!t->ssl)
		return false;
	t->fd = -1;
	t->channel = kf_channel_tls_create(t->guest.door->setup.base, t->ssl, fd, &handshake);
	return t->channel != NULL;
}

/* Somebody of ours, at the wrong address, shall be told so. */
static void tell_plain(const struct tls_guest *t)
{
	static const char why[] = "this address is a tls:// one";
	uint8_t answer[256];
	size_t n = kf_replies_refusal(answer, sizeof(answer), why);

	kf_guest_answer(t->fd, answer, n);
}

/* Until it speaks it costs nothing but its place. */
static void on_first(evutil_socket_t fd, short what, void *ctx)
{
	struct tls_guest *t = ctx;
	unsigned char magic[KF_MAGIC_BYTES];
	ssize_t n = recv(fd, magic, sizeof(magic), MSG_PEEK | MSG_DONTWAIT);

	(void)what;
	if (n <= 0) {	/* only looked whether the port is open */
		kf_guest_leaves(&t->guest);
	} else if (memcmp(magic, KF_MAGIC, (size_t)n) == 0) {
		tell_plain(t);
		kf_guest_sent_away(&t->guest, "it does not speak TLS, but sends with tcp://; this address is a tls:// one");
	} else if (!begin_handshake(t)) {
		kf_guest_sent_away(&t->guest, "no memory for it");
	}
}

void kf_door_tls(struct kf_door *d, const struct kf_tls_server *tls, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct tls_guest *t = calloc(1, sizeof(*t));

	if (!t) {
		close(fd);
		return;
	}
	t->tls = tls;
	t->fd = fd;
	t->first = event_new(d->setup.base, fd, EV_READ, on_first, t);
	if (!t->first || event_add(t->first, NULL)) {
		destroy(&t->guest);
		return;
	}
	(void)kf_guest_comes(d, &t->guest, &ops, peer, len);
}
