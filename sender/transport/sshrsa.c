// SPDX-License-Identifier: GPL-2.0-or-later
// RSA keys with SHA-2 signatures; see sshrsa.h.
#include "sender/transport/sshrsa.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/*
 * libssh2 1.10 names the signature after the type in the public key's blob. So the blob says rsa-sha2-256, and not ssh-rsa as it should; OpenSSH
 * takes both for an RSA key and compares the numbers behind. Servers that look at the name (dropbear) refuse it.
 */
#define TYPE "rsa-sha2-256"
#define BLOB_MAX 4200u		/* two numbers of 16384 bits */

struct kf_sshrsa {
	EVP_PKEY *key;
	size_t blob_len;
	unsigned char blob[BLOB_MAX];
};

static int give_passphrase(char *to, int size, int writing, void *passphrase)
{
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (len == 0 || len >= (size_t)size)
		return -1;
	memcpy(to, passphrase, len + 1);
	return (int)len;
}

static EVP_PKEY *from_pem(const struct kf_keyfile *key, const char *passphrase)
{
	BIO *text = BIO_new_mem_buf(key->text, (int)key->len);
	char *borrowed;
	EVP_PKEY *pkey;

	memcpy(&borrowed, &passphrase, sizeof(borrowed));
	pkey = text ? PEM_read_bio_PrivateKey(text, NULL, give_passphrase, borrowed) : NULL;
	BIO_free(text);
	return pkey;
}

/* The string behind *AT; its end is checked against END. NULL at the end. */
static const unsigned char *next(const unsigned char **at, const unsigned char *end, size_t *len)
{
	const unsigned char *p = *at;

	if (end - p < 4)
		return NULL;
	*len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (*len > (size_t)(end - p) - 4)
		return NULL;
	*at = p + 4 + *len;
	return p + 4;
}

static EVP_PKEY *from_numbers(BIGNUM *const number[3])
{
	/* The primes are for speed, which one signature does not need. */
	static const char *const names[3] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D };
	OSSL_PARAM_BLD *made = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	bool good = made && ctx;

	for (size_t i = 0; good && i < 3; i++)
		good = OSSL_PARAM_BLD_push_BN(made, names[i], number[i]) == 1;
	if (good)
		params = OSSL_PARAM_BLD_to_param(made);
	if (!params || EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(made);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* Cipher, derivation, its options, number of keys, public key, private part: two equal numbers, type, n, e, d and others. */
static EVP_PKEY *from_body(const struct kf_keyfile *file)
{
	const unsigned char *at = file->body + sizeof("openssh-key-v1"), *end = file->body + file->body_len, *bytes = at;
	BIGNUM *number[3] = { NULL };
	EVP_PKEY *key = NULL;
	size_t len = 0;
	bool good = true;

	for (unsigned int i = 0; bytes && i < 5; i++) {
		if (i == 3 && end - at >= 4)
			at += 4;
		bytes = next(&at, end, &len);
	}
	if (!bytes || len < 8)
		return NULL;
	at = bytes + 8;
	end = bytes + len;
	bytes = next(&at, end, &len);
	if (!bytes || len != 7 || memcmp(bytes, "ssh-rsa", 7) != 0)
		return NULL;
	for (unsigned int i = 0; good && i < 3; i++) {
		bytes = next(&at, end, &len);
		number[i] = bytes ? BN_bin2bn(bytes, (int)len, NULL) : NULL;
		good = number[i] != NULL;
	}
	if (good)
		key = from_numbers(number);
	for (unsigned int i = 0; i < 3; i++)
		BN_clear_free(number[i]);
	return key;
}

static bool put(struct kf_sshrsa *rsa, const unsigned char *bytes, size_t len)
{
	unsigned char *to = rsa->blob + rsa->blob_len;

	if (len + 4 > BLOB_MAX - rsa->blob_len)
		return false;
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(len >> (24 - 8 * i));
	memcpy(to + 4, bytes, len);
	rsa->blob_len += len + 4;
	return true;
}

static bool put_number(struct kf_sshrsa *rsa, const char *name)
{
	unsigned char bytes[BLOB_MAX] = { 0 };
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(rsa->key, name, &number) == 1 && BN_num_bytes(number) < (int)sizeof(bytes);

	if (good) {	/* a number whose first bit is set has a 0 in front, else it would be negative */
		BN_bn2bin(number, bytes + 1);
		good = put(rsa, bytes[1] & 0x80 ? bytes : bytes + 1, (size_t)BN_num_bytes(number) + (bytes[1] & 0x80 ? 1 : 0));
	}
	BN_free(number);
	return good;
}

enum kf_status kf_sshrsa_create(struct kf_sshrsa **rsa, const struct kf_keyfile *file, const char *passphrase, struct kf_error *err)
{
	EVP_PKEY *key;

	*rsa = NULL;
	if (file->openssh && strcmp(file->type, "ssh-rsa") != 0)
		return kf_fail(err, KF_ABSENT, "is no RSA key");
	if (file->openssh && file->encrypted)
		return kf_fail(err, KF_INVALID, "is an encrypted RSA key in OpenSSH's format, which needs libssh2 1.11: ssh-keygen -p -m PEM changes that");
	key = file->openssh ? from_body(file) : from_pem(file, passphrase);
	if (!key)
		return kf_fail(err, KF_INVALID, file->encrypted ? "does not open with this passphrase" : "is damaged");
	if (!EVP_PKEY_is_a(key, "RSA")) {
		EVP_PKEY_free(key);
		return kf_fail(err, KF_ABSENT, "is no RSA key");
	}
	*rsa = calloc(1, sizeof(**rsa));
	if (*rsa)
		(*rsa)->key = key;
	else
		EVP_PKEY_free(key);
	if (!*rsa || !put(*rsa, (const unsigned char *)TYPE, strlen(TYPE)) || !put_number(*rsa, OSSL_PKEY_PARAM_RSA_E) ||
	    !put_number(*rsa, OSSL_PKEY_PARAM_RSA_N)) {
		kf_sshrsa_destroy(*rsa);
		*rsa = NULL;
		return kf_fail(err, KF_INVALID, "cannot be used: no memory, or far too large");
	}
	return KF_OK;
}

static int sign(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_len, const unsigned char *data, size_t data_len, void **abstract)
{
	struct kf_sshrsa *rsa = *abstract;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int rc = -1;

	(void)session;
	*sig_len = (size_t)EVP_PKEY_get_size(rsa->key);
	*sig = malloc(*sig_len);	/* libssh2 frees it: it has the C library's memory, as it was told none */
	if (ctx && *sig && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, rsa->key) == 1 &&
	    EVP_DigestSign(ctx, *sig, sig_len, data, data_len) == 1)
		rc = 0;
	EVP_MD_CTX_free(ctx);
	if (rc) {
		free(*sig);
		*sig = NULL;
	}
	return rc;
}

int kf_sshrsa_offer(struct kf_sshrsa *rsa, LIBSSH2_SESSION *session, const char *user)
{
	void *abstract = rsa;

	return libssh2_userauth_publickey(session, user, rsa->blob, rsa->blob_len, sign, &abstract);
}

void kf_sshrsa_destroy(struct kf_sshrsa *rsa)
{
	if (!rsa)
		return;
	EVP_PKEY_free(rsa->key);
	free(rsa);
}
