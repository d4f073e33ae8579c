// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128-CTR in advance; see sshctr.h.
#include "sender/transport/sshctr.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PROVIDER "kferry"
#define PROPERTY "provider=" PROVIDER	/* by which ours is told from OpenSSL's own */
#define NOT_OURS "provider!=" PROVIDER
#define KEY_BYTES 16u
#define BLOCK 16u
#define AHEAD 4096u

struct ctr {
	EVP_CIPHER_CTX *own;		/* OpenSSL's, which makes the stream */
	uint32_t used;			/* of STREAM */
	uint8_t stream[AHEAD];
};

static void ctr_free(void *ctx)
{
	struct ctr *c = ctx;

	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->own);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void *ctr_new(void *provider)
{
	struct ctr *c = calloc(1, sizeof(*c));
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NOT_OURS);

	(void)provider;
	if (c) {
		c->own = EVP_CIPHER_CTX_new();
		c->used = AHEAD;
	}
	if (c && (!cipher || !c->own || EVP_EncryptInit_ex2(c->own, cipher, NULL, NULL, NULL) != 1)) {
		ctr_free(c);
		c = NULL;
	}
	EVP_CIPHER_free(cipher);
	return c;
}

static int ctr_init(void *ctx, const unsigned char *key, size_t key_len, const unsigned char *iv, size_t iv_len, const OSSL_PARAM params[])
{
	struct ctr *c = ctx;

	(void)params;
	if ((key && key_len != KEY_BYTES) || (iv && iv_len != BLOCK))
		return 0;
	c->used = AHEAD;
	return EVP_EncryptInit_ex2(c->own, NULL, key, iv, NULL);
}

static int more(struct ctr *c)
{
	int n = 0;

	memset(c->stream, 0, AHEAD);
	c->used = 0;
	return EVP_EncryptUpdate(c->own, c->stream, &n, c->stream, AHEAD) == 1 && n == (int)AHEAD;
}

static void mix_block(unsigned char *out, const unsigned char *in, const uint8_t *stream)
{
	uint64_t a[2], b[2];

	memcpy(a, in, BLOCK);
	memcpy(b, stream, BLOCK);
	a[0] ^= b[0];
	a[1] ^= b[1];
	memcpy(out, a, BLOCK);
}

static int ctr_crypt(void *ctx, unsigned char *out, size_t *out_len, size_t room, const unsigned char *in, size_t len)
{
	struct ctr *c = ctx;

	*out_len = len;
	if (room < len)
		return 0;
	while (len) {
		size_t n;

		if (c->used == AHEAD && !more(c))
			return 0;
		n = len >= BLOCK && c->used <= AHEAD - BLOCK ? BLOCK : 1;
		if (n == BLOCK)		/* nearly always */
			mix_block(out, in, c->stream + c->used);
		else
			*out = *in ^ c->stream[c->used];
		c->used += (uint32_t)n;
		out += n;
		in += n;
		len -= n;
	}
	return 1;
}

static int ctr_final(void *ctx, unsigned char *out, size_t *out_len, size_t room)
{
	(void)ctx, (void)out, (void)room;
	*out_len = 0;
	return 1;
}

static int put(OSSL_PARAM params[], const char *name, size_t value)
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, name);

	return !p || OSSL_PARAM_set_size_t(p, value);
}

static int ctr_get_params(OSSL_PARAM params[])
{
	OSSL_PARAM *mode = OSSL_PARAM_locate(params, OSSL_CIPHER_PARAM_MODE);

	return (!mode || OSSL_PARAM_set_uint(mode, EVP_CIPH_CTR_MODE)) && put(params, OSSL_CIPHER_PARAM_KEYLEN, KEY_BYTES) &&
	       put(params, OSSL_CIPHER_PARAM_IVLEN, BLOCK) && put(params, OSSL_CIPHER_PARAM_BLOCK_SIZE, 1);
}

static int ctr_get_ctx_params(void *ctx, OSSL_PARAM params[])
{
	(void)ctx;
	return put(params, OSSL_CIPHER_PARAM_KEYLEN, KEY_BYTES) && put(params, OSSL_CIPHER_PARAM_IVLEN, BLOCK);
}

static int ctr_set_ctx_params(void *ctx, const OSSL_PARAM params[])
{
	(void)ctx, (void)params;
	return 1;	/* padding: a stream has none */
}

#define FUNCTION(f) ((void (*)(void))(f))

static const OSSL_DISPATCH ctr_functions[] = {
	{ OSSL_FUNC_CIPHER_NEWCTX, FUNCTION(ctr_new) },
	{ OSSL_FUNC_CIPHER_FREECTX, FUNCTION(ctr_free) },
	{ OSSL_FUNC_CIPHER_ENCRYPT_INIT, FUNCTION(ctr_init) },
	{ OSSL_FUNC_CIPHER_DECRYPT_INIT, FUNCTION(ctr_init) },
	{ OSSL_FUNC_CIPHER_UPDATE, FUNCTION(ctr_crypt) },
	{ OSSL_FUNC_CIPHER_FINAL, FUNCTION(ctr_final) },
	{ OSSL_FUNC_CIPHER_CIPHER, FUNCTION(ctr_crypt) },
	{ OSSL_FUNC_CIPHER_GET_PARAMS, FUNCTION(ctr_get_params) },
	{ OSSL_FUNC_CIPHER_GET_CTX_PARAMS, FUNCTION(ctr_get_ctx_params) },
	{ OSSL_FUNC_CIPHER_SET_CTX_PARAMS, FUNCTION(ctr_set_ctx_params) },
	{ 0, NULL },
};

static const OSSL_ALGORITHM ciphers[] = {
	{ "AES-128-CTR", PROPERTY, ctr_functions, NULL },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
	(void)provider;
	*no_cache = 0;
	return operation == OSSL_OP_CIPHER ? ciphers : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, FUNCTION(query) },
	{ 0, NULL },
};

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **provider)
{
	(void)in;
	*out = provider_functions;
	*provider = (void *)(uintptr_t)handle;
	return 1;
}

/* Gives back what install() took, which nobody kept: by taking it once more and giving it back twice. */
static void at_exit(void)
{
	OSSL_PROVIDER *ours = OSSL_PROVIDER_available(NULL, PROVIDER) ? OSSL_PROVIDER_try_load(NULL, PROVIDER, 1) : NULL;

	if (ours && OSSL_PROVIDER_unload(ours))
		OSSL_PROVIDER_unload(ours);
}

void kf_sshctr_install(void)
{
	EVP_CIPHER *own;

	if (OSSL_PROVIDER_available(NULL, PROVIDER))
		return;
	own = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);	/* has the others loaded first, as the system's settings want them */
	if (own && OSSL_PROVIDER_add_builtin(NULL, PROVIDER, provider_init) == 1 && OSSL_PROVIDER_try_load(NULL, PROVIDER, 1))
		(void)!(EVP_set_default_properties(NULL, "?" PROPERTY) && OPENSSL_atexit(at_exit));
	EVP_CIPHER_free(own);
}
