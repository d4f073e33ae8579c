// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128-CTR for libssh2, which encrypts 16 bytes at a time.
/*
 * libssh2 calls OpenSSL for each block of a packet, and OpenSSL's AES-128-CTR needs ten times as long for a block alone as for one of many. So
 * OpenSSL's own makes the key stream for some thousand bytes in advance, and it is handed out block by block; or a packet of ours is
 * encrypted in one piece (sshbulk.h).
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sender/transport/sshbulk.h"
#include "sender/transport/sshprovider.h"

#define KEY_BYTES 16u
#define BLOCK 16u
#define AHEAD 4096u

struct ctr {
	struct kf_sshbulk *bulk;
	bool encrypts;
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
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CTR", KF_SSHPROVIDER_OTHERS);

	if (c) {
		c->own = EVP_CIPHER_CTX_new();
		c->used = AHEAD;
		c->bulk = &((struct kf_sshprovider *)provider)->bulk;
	}
	if (c && (!cipher || !c->own || EVP_EncryptInit_ex2(c->own, cipher, NULL, NULL, NULL) != 1)) {
		ctr_free(c);
		c = NULL;
	}
	EVP_CIPHER_free(cipher);
	return c;
}

static int init(struct ctr *c, bool encrypts, const unsigned char *key, size_t key_len, const unsigned char *iv, size_t iv_len)
{
	c->encrypts = encrypts;
	if (encrypts)
		kf_sshbulk_rekeyed(c->bulk);
	if ((key && key_len != KEY_BYTES) || (iv && iv_len != BLOCK))
		return 0;
	c->used = AHEAD;
	return EVP_EncryptInit_ex2(c->own, NULL, key, iv, NULL);
}

static int ctr_encrypt_init(void *ctx, const unsigned char *key, size_t key_len, const unsigned char *iv, size_t iv_len, const OSSL_PARAM params[])
{
	(void)params;
	return init(ctx, true, key, key_len, iv, iv_len);
}

static int ctr_decrypt_init(void *ctx, const unsigned char *key, size_t key_len, const unsigned char *iv, size_t iv_len, const OSSL_PARAM params[])
{
	(void)params;
	return init(ctx, false, key, key_len, iv, iv_len);
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

/* By what is left of STREAM, and if there is none and ALL of it is wanted at once, by OpenSSL itself. */
static int run(struct ctr *c, unsigned char *out, const unsigned char *in, size_t len, bool all)
{
	while (len) {
		size_t n;
		int done = 0;

		if (c->used == AHEAD && all)
			return EVP_EncryptUpdate(c->own, out, &done, in, (int)len) == 1 && done == (int)len;
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

/* The packet of ours, from where it lies to where it waits. */
static int seal(struct ctr *c)
{
	struct kf_sshbulk *b = c->bulk;
	uint8_t *out = kf_sshbulk_room(b);

	return out && run(c, out, b->ours, KF_SSHBULK_HEAD, true) && run(c, out + KF_SSHBULK_HEAD, b->bytes, b->len, true) &&
	       run(c, out + KF_SSHBULK_HEAD + b->len, b->padding, b->pad, true);
}

static int ctr_crypt(void *ctx, unsigned char *out, size_t *out_len, size_t room, const unsigned char *in, size_t len)
{
	struct ctr *c = ctx;

	*out_len = len;
	if (room < len)
		return 0;
	if (c->bulk->stage != KF_SSHBULK_NONE && c->encrypts) {
		if (kf_sshbulk_seals(c->bulk, in, len) && !seal(c))
			return 0;
		if (kf_sshbulk_swallows(c->bulk, len)) {
			memset(out, 0, len);
			return 1;
		}
	}
	return run(c, out, in, len, false);
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

const OSSL_DISPATCH kf_sshctr_functions[] = {
	{ OSSL_FUNC_CIPHER_NEWCTX, FUNCTION(ctr_new) },
	{ OSSL_FUNC_CIPHER_FREECTX, FUNCTION(ctr_free) },
	{ OSSL_FUNC_CIPHER_ENCRYPT_INIT, FUNCTION(ctr_encrypt_init) },
	{ OSSL_FUNC_CIPHER_DECRYPT_INIT, FUNCTION(ctr_decrypt_init) },
	{ OSSL_FUNC_CIPHER_UPDATE, FUNCTION(ctr_crypt) },
	{ OSSL_FUNC_CIPHER_FINAL, FUNCTION(ctr_final) },
	{ OSSL_FUNC_CIPHER_CIPHER, FUNCTION(ctr_crypt) },
	{ OSSL_FUNC_CIPHER_GET_PARAMS, FUNCTION(ctr_get_params) },
	{ OSSL_FUNC_CIPHER_GET_CTX_PARAMS, FUNCTION(ctr_get_ctx_params) },
	{ OSSL_FUNC_CIPHER_SET_CTX_PARAMS, FUNCTION(ctr_set_ctx_params) },
	{ 0, NULL },
};
