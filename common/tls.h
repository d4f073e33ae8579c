/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one TLS policy, of both ends: TLS 1.3 and nothing older, no resumption, no early data, keys or certificates on both sides. */
#ifndef KF_TLS_H
#define KF_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "common/psk.h"
#include "common/status.h"

/* Made anew for each program; freed by SSL_CTX_free. Nobody is trusted until one of the next is called. */
enum kf_status kf_tls_context(SSL_CTX **ctx, bool server, struct kf_error *err) kf_must_check;

struct kf_tls_files {
	const char *ca, *cert, *key;	/* paths, PEM; CERT may be followed by its chain */
	const char *passphrase;		/* of KEY; NULL: it has none, and nobody is asked for one */
};

/* We show CERT, and the peer must show one that CA signed. KF_INVALID names the file that is wrong. */
enum kf_status kf_tls_use_certificate(SSL_CTX *ctx, const struct kf_tls_files *files, struct kf_error *err) kf_must_check;

/* A session as OpenSSL's callbacks for pre-shared keys want it; NULL without memory. Owned by the callback's caller. */
SSL_SESSION *kf_tls_psk_session(SSL *ssl, const uint8_t key[KF_PSK_BYTES]);

/* Why the last call for SSL, which gave RC, failed, in words of an administrator: "it does not speak TLS", "its certificate has expired". KF_REFUSED if
 * the peer, or we, mean it; KF_ABSENT if the peer closed in order; KF_FAILED if the connection broke. Empties OpenSSL's list of errors. */
enum kf_status kf_tls_fail(struct kf_error *err, const SSL *ssl, int rc);

#endif
