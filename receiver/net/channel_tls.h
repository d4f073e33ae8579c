/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A channel by TLS, from its handshake on. */
#ifndef KF_CHANNEL_TLS_H
#define KF_CHANNEL_TLS_H

#include <openssl/ssl.h>

#include "receiver/net/channel.h"

#define KF_HANDSHAKE_BYTES 16384	/* a peer may send at most before it is known */

/* Who waits for the handshake. Either function may destroy the channel. */
struct kf_handshake {
	void (*done)(void *ctx);	/* the channel may be used from now on */
	/* KF_REFUSED if the peer, or we, mean it; KF_FAILED or KF_ABSENT if the connection just went. */
	void (*failed)(void *ctx, struct kf_error *err);
	void *ctx;
};

/*
 * Takes SSL and FD in any case; NULL without memory. Memory: OpenSSL's, about 60 KiB with a record of 16 KiB in each direction,
 * and one record more, decrypted, while nobody reads. What is put is buffered without a limit, as in every channel.
 */
struct kf_channel *kf_channel_tls_create(struct event_base *base, SSL *ssl, int fd, const struct kf_handshake *handshake);

#endif
