// SPDX-License-Identifier: GPL-2.0-or-later
// A TLS client in a test; see tlsclient.h.
#include "tests/unit/recv/tlsclient.h"

#include <openssl/err.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static int offer(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *len, SSL_SESSION **session)
{
	static const unsigned char suite[] = { 0x13, 0x01 };
	const struct tls_client *c = SSL_get_app_data(ssl);
	SSL_SESSION *s;

	(void)md;
	*session = NULL;
	if (!c->id)
		return 1;
	s = SSL_SESSION_new();
	SSL_SESSION_set1_master_key(s, c->key, sizeof(c->key));
	SSL_SESSION_set_cipher(s, SSL_CIPHER_find(ssl, suite));
	SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION);
	*session = s;
	*id = (const unsigned char *)c->id;
	*len = strlen(c->id);
	return 1;
}

static void show_certificate(struct tls_client *c, const struct tls_who *who)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.pem", who->dir, who->cert);
	assert_int_equal(SSL_CTX_use_certificate_chain_file(c->ctx, path), 1);
	snprintf(path, sizeof(path), "%s/%s.key", who->dir, who->cert);
	assert_int_equal(SSL_CTX_use_PrivateKey_file(c->ctx, path, SSL_FILETYPE_PEM), 1);
}

void tls_client_init(struct tls_client *c, int fd, const struct tls_who *who)
{
	*c = (struct tls_client){ .fd = fd, .id = who->id, .may_send = SIZE_MAX, .ctx = SSL_CTX_new(TLS_client_method()) };
	if (who->key)
		memcpy(c->key, who->key, sizeof(c->key));
	SSL_CTX_set_psk_use_session_callback(c->ctx, offer);
	SSL_CTX_set_ciphersuites(c->ctx, "TLS_AES_128_GCM_SHA256");
	if (who->max_version)
		SSL_CTX_set_max_proto_version(c->ctx, who->max_version);
	if (who->cert)
		show_certificate(c, who);
	c->ssl = SSL_new(c->ctx);
	SSL_set_app_data(c->ssl, c);
	c->in = BIO_new(BIO_s_mem());
	c->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(c->in, -1);
	SSL_set_bio(c->ssl, c->in, c->out);
	SSL_set_connect_state(c->ssl);
}

void tls_client_deinit(struct tls_client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	if (c->fd >= 0)
		close(c->fd);
}

static void out(struct tls_client *c)
{
	char *bytes;
	size_t len = (size_t)BIO_get_mem_data(c->out, &bytes);
	size_t left = c->may_send - c->sent;
	char spill[65536];
	ssize_t n;

	if (len > left)
		len = left;
	if (len > sizeof(spill))
		len = sizeof(spill);
	n = len ? write(c->fd, bytes, len) : 0;
	if (n <= 0)
		return;
	c->sent += (size_t)n;
	assert_int_equal(BIO_read(c->out, spill, (int)n), n);
}

void tls_client_pump(struct tls_client *c)
{
	char bytes[65536];
	ssize_t n;

	out(c);
	while ((n = read(c->fd, bytes, sizeof(bytes))) > 0)
		BIO_write(c->in, bytes, (int)n);
}

bool tls_client_step(struct tls_client *c)
{
	int rc;

	tls_client_pump(c);
	rc = SSL_do_handshake(c->ssl);
	ERR_clear_error();
	out(c);
	return rc == 1;
}
