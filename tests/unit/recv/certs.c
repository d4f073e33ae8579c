// SPDX-License-Identifier: GPL-2.0-or-later
// Certificates made by the test itself; see certs.h.
#include "tests/unit/recv/certs.h"

#include <sys/stat.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/unit.h"

static FILE *create(const char *dir, const char *name, const char *suffix)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, suffix);
	umask(0077);
	f = fopen(path, "w");
	assert_non_null(f);
	return f;
}

static void write_cert(const char *dir, const char *name, X509 *cert)
{
	FILE *f = create(dir, name, "pem");

	assert_int_equal(PEM_write_X509(f, cert), 1);
	fclose(f);
}

static void extend(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

static X509 *make(EVP_PKEY *key, const struct subject *s)
{
	X509 *cert = X509_new();
	char names[256];

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), s->from * 86400L);
	X509_gmtime_adj(X509_getm_notAfter(cert), s->to * 86400L);
	X509_set_pubkey(cert, key);
	if (s->common_name)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)s->common_name, -1, -1, 0);
	if (s->dns) {
		snprintf(names, sizeof(names), "DNS:%s", s->dns);
		extend(cert, NID_subject_alt_name, names);
	}
	return cert;
}

struct authority certs_authority(const char *dir, const char *name)
{
	struct authority a = { .key = EVP_EC_gen("P-256") };

	a.cert = make(a.key, &(struct subject){ name, NULL, -1, 10 });
	X509_set_issuer_name(a.cert, X509_get_subject_name(a.cert));
	extend(a.cert, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(a.cert, a.key, EVP_sha256()) > 0);
	write_cert(dir, name, a.cert);
	return a;
}

void certs_authority_free(struct authority *a)
{
	X509_free(a->cert);
	EVP_PKEY_free(a->key);
}

void certs_sign(const struct authority *a, const char *dir, const char *name, const struct subject *s)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make(key, s);
	FILE *f = create(dir, name, "key");

	X509_set_issuer_name(cert, X509_get_subject_name(a->cert));
	assert_true(X509_sign(cert, a->key, EVP_sha256()) > 0);
	write_cert(dir, name, cert);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	X509_free(cert);
	EVP_PKEY_free(key);
}
