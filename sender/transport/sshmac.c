// SPDX-License-Identifier: GPL-2.0-or-later
// SHA-256 for libssh2's MACs: OpenSSL's own, over the packet that is sent; see sshbulk.h.
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "sender/transport/sshbulk.h"
#include "sender/transport/sshprovider.h"

struct mac {
	EVP_MD_CTX *own;		/* OpenSSL's */
	struct kf_sshprovider *provider;
};

static void mac_free(void *ctx)
{
	struct mac *m = ctx;

	if (m)
		EVP_MD_CTX_free(m->own);
	free(m);
}

static void *mac_new(void *provider)
{
	struct mac *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->provider = provider;
	m->own = EVP_MD_CTX_new();
	if (!m->own) {
		free(m);
		m = NULL;
	}
	return m;
}

static void *mac_dup(void *ctx)
{
	const struct mac *from = ctx;
	struct mac *m = mac_new(from->provider);

	if (m && EVP_MD_CTX_copy_ex(m->own, from->own) != 1) {
		mac_free(m);
		m = NULL;
	}
	return m;
}

static int mac_init(void *ctx, const OSSL_PARAM params[])
{
	struct mac *m = ctx;
	struct kf_sshprovider *p = m->provider;

	(void)params;
	if (!p->sha256)
		p->sha256 = EVP_MD_fetch(NULL, "SHA2-256", KF_SSHPROVIDER_OTHERS);
	return p->sha256 && EVP_DigestInit_ex2(m->own, p->sha256, NULL) == 1;
}

static int mac_update(void *ctx, const unsigned char *in, size_t len)
{
	struct mac *m = ctx;
	struct kf_sshbulk *b = &m->provider->bulk;

	if (!kf_sshbulk_hashes(b, in, len))
		return EVP_DigestUpdate(m->own, in, len);
	return EVP_DigestUpdate(m->own, b->ours, KF_SSHBULK_HEAD) == 1 && EVP_DigestUpdate(m->own, b->bytes, b->len) == 1 &&
	       EVP_DigestUpdate(m->own, b->padding, b->pad) == 1;
}

static int mac_final(void *ctx, unsigned char *out, size_t *out_len, size_t room)
{
	struct mac *m = ctx;
	unsigned int n = 0;

	if (room < KF_SSHMAC_BYTES || EVP_DigestFinal_ex(m->own, out, &n) != 1)
		return 0;
	*out_len = n;
	return 1;
}

static int put(OSSL_PARAM params[], const char *name, size_t value)
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, name);

	return !p || OSSL_PARAM_set_size_t(p, value);
}

static int mac_get_params(OSSL_PARAM params[])
{
	return put(params, OSSL_DIGEST_PARAM_BLOCK_SIZE, 64) && put(params, OSSL_DIGEST_PARAM_SIZE, KF_SSHMAC_BYTES);
}

#define FUNCTION(f) ((void (*)(void))(f))

const OSSL_DISPATCH kf_sshmac_functions[] = {
	{ OSSL_FUNC_DIGEST_NEWCTX, FUNCTION(mac_new) },
	{ OSSL_FUNC_DIGEST_FREECTX, FUNCTION(mac_free) },
	{ OSSL_FUNC_DIGEST_DUPCTX, FUNCTION(mac_dup) },
	{ OSSL_FUNC_DIGEST_INIT, FUNCTION(mac_init) },
	{ OSSL_FUNC_DIGEST_UPDATE, FUNCTION(mac_update) },
	{ OSSL_FUNC_DIGEST_FINAL, FUNCTION(mac_final) },
	{ OSSL_FUNC_DIGEST_GET_PARAMS, FUNCTION(mac_get_params) },
	{ 0, NULL },
};
