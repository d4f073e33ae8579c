// SPDX-License-Identifier: GPL-2.0-or-later
// The TLS of our side; see tls_server.h.
#include "receiver/net/tls_server.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/net/tls_name.h"

#define RINGS_MAX 4
#define CERTIFICATES_MAX 16384	/* bytes of a peer's chain */

struct kf_tls_server {
	SSL_CTX *ctx;
	struct kf_keyring rings[RINGS_MAX];
	unsigned int ring_count;
	bool certificates;
};

/* The id as a string; what is not printable, or too long, is none of ours. */
static bool take_id(struct kf_tls_peer *p, const unsigned char *id, size_t len)
{
	if (len == 0 || len > KF_IDENTITY_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isgraph(id[i]))
			return false;
	memcpy(p->id, id, len);
	p->id[len] = '\0';
	return true;
}

static const struct kf_keyring *ring_for(const struct kf_tls_server *s, const char *id)
{
	const struct kf_keyring *best = NULL;

	for (unsigned int i = 0; i < s->ring_count; i++) {
		const struct kf_keyring *r = &s->rings[i];

		if (strncmp(id, r->prefix, strlen(r->prefix)) == 0 && (!best || strlen(r->prefix) > strlen(best->prefix)))
			best = r;
	}
	return best;
}

static enum kf_status find_key(struct kf_tls_peer *p, const unsigned char *id, size_t len, uint8_t key[KF_PSK_BYTES])
{
	if (!take_id(p, id, len))
		return kf_fail(&p->why, KF_INVALID, "it names an ID that cannot be one");
	p->ring = ring_for(p->server, p->id);
	if (!p->ring)
		return kf_fail(&p->why, KF_ABSENT, "it has a key, of the ID '%s', but there are none here (--psk-dir)", p->id);
	return p->ring->find(p->ring->ctx, p->id, key, &p->why);
}

/* Called in the handshake. Whoever names an id that is not known gets the same answer as for a wrong key. */
static int on_psk(SSL *ssl, const unsigned char *id, size_t len, SSL_SESSION **session)
{
	struct kf_tls_peer *p = SSL_get_app_data(ssl);
	uint8_t key[KF_PSK_BYTES];

	*session = NULL;
	p->why.status = KF_OK;
	if (find_key(p, id, len, key)) {
		p->ring = NULL;
		if (RAND_bytes(key, sizeof(key)) != 1)
			return 0;
	}
	*session = kf_tls_psk_session(ssl, key);
	OPENSSL_cleanse(key, sizeof(key));
	return *session != NULL;
}

/* Who shows a certificate of a name that is of no use is told so by an alert: after the handshake there is no word for it. */
static int on_certificate(int good, X509_STORE_CTX *chain)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct kf_tls_peer *p = SSL_get_app_data(ssl);
	char identity[KF_IDENTITY_TEXT];

	if (!good || X509_STORE_CTX_get_error_depth(chain) > 0)
		return good;
	if (!kf_tls_name_in(X509_STORE_CTX_get_current_cert(chain), identity, &p->why))
		return 1;
	X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
	return 0;
}

static enum kf_status init(struct kf_tls_server *s, const struct kf_tls_files *files, struct kf_error *err)
{
	enum kf_status st = kf_tls_context(&s->ctx, true, err);

	if (st)
		return st;
	SSL_CTX_set_psk_find_session_callback(s->ctx, on_psk);
	SSL_CTX_set_mode(s->ctx, SSL_MODE_RELEASE_BUFFERS);	/* of who is at the door and silent */
	SSL_CTX_set_max_cert_list(s->ctx, CERTIFICATES_MAX);
	if (!files)
		return KF_OK;
	s->certificates = true;
	/* Keys are sessions to OpenSSL, which wants those told apart that belong to contexts that ask for certificates. */
	SSL_CTX_set_session_id_context(s->ctx, (const unsigned char *)"kferry", 6);
	st = kf_tls_use_certificate(s->ctx, files, err);
	SSL_CTX_set_verify(s->ctx, SSL_CTX_get_verify_mode(s->ctx), on_certificate);
	return st;
}

enum kf_status kf_tls_server_create(struct kf_tls_server **server, const struct kf_tls_files *files, struct kf_error *err)
{
	struct kf_tls_server *s = calloc(1, sizeof(*s));
	enum kf_status st = s ? init(s, files, err) : kf_fail(err, KF_FAILED, "no memory for TLS");

	*server = s;
	if (st) {
		kf_tls_server_destroy(s);
		*server = NULL;
	}
	return st;
}

void kf_tls_server_destroy(struct kf_tls_server *s)
{
	if (s)
		SSL_CTX_free(s->ctx);
	free(s);
}

void kf_tls_server_add(struct kf_tls_server *s, const struct kf_keyring *ring)
{
	if (s->ring_count < RINGS_MAX)
		s->rings[s->ring_count++] = *ring;
}

bool kf_tls_server_trusts_any(const struct kf_tls_server *s)
{
	return s->ring_count || s->certificates;
}

SSL *kf_tls_server_ssl(const struct kf_tls_server *s, struct kf_tls_peer *peer)
{
	SSL *ssl = SSL_new(s->ctx);

	*peer = (struct kf_tls_peer){ .server = s };
	if (ssl)
		SSL_set_app_data(ssl, peer);
	ERR_clear_error();
	return ssl;
}

enum kf_status kf_tls_peer_identity(const struct kf_tls_peer *p, const SSL *ssl, char identity[KF_IDENTITY_TEXT], struct kf_error *err)
{
	/* Whoever came by a key resumed the session that we made of it. */
	if (SSL_session_reused(ssl))
		return p->ring ? p->ring->use(p->ring->ctx, p->id, identity, err) : kf_fail(err, KF_REFUSED, "its key is not known");
	return kf_tls_name_of(ssl, identity, err);
}

void kf_tls_peer_explain(const struct kf_tls_peer *p, struct kf_error *err)
{
	if (err->status != KF_REFUSED)
		return;
	if (p->why.status)
		*err = p->why;
	else if (p->ring)
		kf_prepend(err, "ID '%s'", p->id);
}
