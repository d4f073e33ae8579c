/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates made by the test itself, in files. */
#ifndef RECV_CERTS_H
#define RECV_CERTS_H

#include <openssl/x509.h>

struct authority {
	X509 *cert;
	EVP_PKEY *key;
};

struct subject {
	const char *common_name, *dns;	/* NULL: none */
	int from, to;			/* days from now */
};

/* Writes DIR/NAME.pem. */
struct authority certs_authority(const char *dir, const char *name);
void certs_authority_free(struct authority *a);

/* Writes DIR/NAME.pem and DIR/NAME.key. */
void certs_sign(const struct authority *a, const char *dir, const char *name, const struct subject *s);

#endif
