/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS of our side: whom we let in, by which key or certificate, and who they are then. */
#ifndef KF_TLS_SERVER_H
#define KF_TLS_SERVER_H

#include <openssl/ssl.h>

#include "common/identity.h"
#include "common/tls.h"
#include "receiver/net/keyring.h"

struct kf_tls_server;

/* FILES may be NULL: keys only. KF_INVALID names the file that is wrong. */
enum kf_status kf_tls_server_create(struct kf_tls_server **server, const struct kf_tls_files *files, struct kf_error *err) kf_must_check;
void kf_tls_server_destroy(struct kf_tls_server *s);	/* NULL is allowed */

/* Adds a keyring, four at most. What its ctx points to must outlive the server. */
void kf_tls_server_add(struct kf_tls_server *s, const struct kf_keyring *ring);
/* Whether anybody could be let in. */
bool kf_tls_server_trusts_any(const struct kf_tls_server *s);

/* What is known of one connection's peer. Must live, where it is, as long as its SSL. */
struct kf_tls_peer {
	const struct kf_tls_server *server;
	char id[KF_IDENTITY_MAX + 1];		/* that it named, printable; empty: none */
	const struct kf_keyring *ring;		/* whose key it has, if the handshake is done; or NULL */
	struct kf_error why;			/* why there is no key for ID; status 0: there is */
};

/* An SSL for an accepted connection, whose app data is PEER; NULL without memory. */
SSL *kf_tls_server_ssl(const struct kf_tls_server *s, struct kf_tls_peer *peer);

/* After the handshake: who it is. Uses up what can be used once. KF_REFUSED, KF_ABSENT or KF_INVALID if it must go all the same. */
enum kf_status kf_tls_peer_identity(const struct kf_tls_peer *peer, const SSL *ssl, char identity[KF_IDENTITY_TEXT],
				    struct kf_error *err) kf_must_check;

/* After a handshake that failed, for the reason in ERR: makes it say more, if more is known. */
void kf_tls_peer_explain(const struct kf_tls_peer *peer, struct kf_error *err);

#endif
