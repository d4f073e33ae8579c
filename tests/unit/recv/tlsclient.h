/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TLS client of OpenSSL whose bytes the test moves by hand. */
#ifndef RECV_TLSCLIENT_H
#define RECV_TLSCLIENT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_client {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;		/* the SSL's */
	int fd;			/* owned */
	const char *id;		/* of KEY; NULL: no key */
	uint8_t key[32];
	size_t may_send;	/* so many bytes go out, and no more */
	size_t sent;
};

/* As whom it comes. */
struct tls_who {
	const char *id;
	const uint8_t *key;
	const char *dir, *cert;	/* DIR/CERT.pem and .key; NULL: none */
	int max_version;	/* 0: the newest */
};

/* FD does not block. It believes any server. */
void tls_client_init(struct tls_client *c, int fd, const struct tls_who *who);
void tls_client_deinit(struct tls_client *c);

/* A step of the handshake, and bytes to and fro; true if the handshake is done. */
bool tls_client_step(struct tls_client *c);
/* Bytes to and fro. */
void tls_client_pump(struct tls_client *c);

#endif
