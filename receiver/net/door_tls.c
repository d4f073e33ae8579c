// SPDX-License-Identifier: GPL-2.0-or-later
// A guest of a TLS listener: it is known when its handshake is done; see door.h.
#include "receiver/net/door_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "receiver/net/channel_tls.h"
#include "receiver/net/tls_server.h"

struct tls_guest {
	struct kf_guest guest;
	struct kf_tls_peer peer;	/* for the handshake; OpenSSL keeps a pointer to it */
	struct kf_channel *channel;	/* owned until it is taken */
	SSL *ssl;			/* the channel's */
};

static void destroy(struct kf_guest *g)
{
	struct tls_guest *t = (struct tls_guest *)g;

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

/* Whoever goes in the middle may have its reasons: ours is not to guess. But many administrators will look here for a wrong key. */
static void failed(void *ctx, struct kf_error *err)
{
	struct tls_guest *t = ctx;

	if (BIO_number_read(SSL_get_rbio(t->ssl)) == 0) {	/* only looked whether the port is open */
		kf_guest_leaves(&t->guest);
		return;
	}
	if (BIO_number_read(SSL_get_rbio(t->ssl)) > KF_HANDSHAKE_BYTES)
		kf_fail(err, KF_REFUSED, "it sent more than %d bytes before it was known", KF_HANDSHAKE_BYTES);
	kf_tls_peer_explain(&t->peer, err);
	kf_guest_sent_away(&t->guest, "%s", err->text);
}

void kf_door_tls(struct kf_door *d, const struct kf_tls_server *tls, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct tls_guest *t = calloc(1, sizeof(*t));
	struct kf_handshake handshake = { .done = done, .failed = failed, .ctx = t };

	if (t)
		t->ssl = kf_tls_server_ssl(tls, &t->peer);
	if (!t || !t->ssl) {
		close(fd);
		free(t);
		return;
	}
	t->channel = kf_channel_tls_create(d->setup.base, t->ssl, fd, &handshake);
	if (!t->channel) {
		free(t);
		return;
	}
	kf_guest_comes(d, &t->guest, &ops, peer, len);
}
