// SPDX-License-Identifier: GPL-2.0-or-later
// What libssh2 gets from our provider is OpenSSL's own, byte for byte, however it is asked for; and nobody else gets it.
#include "tests/unit/unit.h"

#include <openssl/hmac.h>

#include "sender/transport/sshprovider.h"

#define SIZE 70000u

static const char *made_by(const EVP_CIPHER_CTX *ctx)
{
	return OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(EVP_CIPHER_CTX_get0_cipher(ctx)));
}

/* As libssh2 does it. */
static EVP_CIPHER_CTX *begin(const EVP_CIPHER *cipher, const uint8_t key[16], const uint8_t iv[16], int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	assert_non_null(ctx);
	assert_int_equal(EVP_CipherInit(ctx, cipher, key, iv, encrypt), 1);
	return ctx;
}

static void cipher_equals_openssl(void **state)
{
	static const size_t pieces[] = { 16, 1, 7, 17, 32, 4095, 4096, 4097, 32768, 70000 };
	static uint8_t in[SIZE], wanted[SIZE], got[SIZE];
	uint64_t seed = 3;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		in[i] = (uint8_t)next_random(&seed);
	for (size_t p = 0; p < COUNT(pieces); p++)
		for (int encrypt = 0; encrypt < 2; encrypt++) {
			EVP_CIPHER *own = EVP_CIPHER_fetch(NULL, "AES-128-CTR", "provider=default");
			uint8_t key[16], iv[16];
			EVP_CIPHER_CTX *a, *b;
			int n;

			for (int i = 0; i < 16; i++) {
				key[i] = (uint8_t)next_random(&seed);
				iv[i] = i < 14 ? 0xff : (uint8_t)next_random(&seed);	/* the counter overflows */
			}
			a = begin(own, key, iv, encrypt);
			assert_string_equal(made_by(a), "default");
			b = begin(EVP_aes_128_ctr(), key, iv, encrypt);
			assert_string_equal(made_by(b), "kferry");
			assert_int_equal(EVP_CipherUpdate(a, wanted, &n, in, (int)SIZE), 1);
			for (size_t at = 0; at < SIZE; at += pieces[p]) {
				size_t len = pieces[p] < SIZE - at ? pieces[p] : SIZE - at;

				assert_int_equal(EVP_Cipher(b, got + at, in + at, (unsigned int)len), (int)len);
			}
			assert_memory_equal(got, wanted, SIZE);
			EVP_CIPHER_CTX_free(a);
			EVP_CIPHER_CTX_free(b);
			EVP_CIPHER_free(own);
		}
}

/* A new key begins a new stream. */
static void begins_anew(void **state)
{
	const uint8_t key[16] = { 1 }, other[16] = { 2 }, iv[16] = { 3 }, zero[48] = { 0 };
	uint8_t first[48], second[48], third[48];
	EVP_CIPHER_CTX *ctx = begin(EVP_aes_128_ctr(), key, iv, 1);

	(void)state;
	EVP_Cipher(ctx, first, zero, 48);
	assert_int_equal(EVP_CipherInit_ex(ctx, NULL, NULL, other, iv, 1), 1);
	EVP_Cipher(ctx, second, zero, 48);
	assert_memory_not_equal(first, second, 48);
	assert_int_equal(EVP_CipherInit_ex(ctx, NULL, NULL, key, iv, 1), 1);
	EVP_Cipher(ctx, third, zero, 48);
	assert_memory_equal(first, third, 48);
	EVP_CIPHER_CTX_free(ctx);
}

/* RFC 4231, test case 2, and in two pieces. */
static void mac_equals_openssl(void **state)
{
	static const uint8_t wanted[] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
					  0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	EVP_MD *digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	uint8_t mac[32];
	unsigned int n = 0;

	(void)state;
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest)), "kferry");
	assert_non_null(HMAC(EVP_sha256(), "Jefe", 4, (const uint8_t *)"what do ya want for nothing?", 28, mac, &n));
	assert_int_equal(n, sizeof(wanted));
	assert_memory_equal(mac, wanted, sizeof(wanted));
	EVP_MD_free(digest);
}

static void nothing_else(void **state)
{
	const struct kf_sshcrypto *c = *state;
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
	OSSL_LIB_CTX *before = OSSL_LIB_CTX_set0_default(NULL);
	EVP_CIPHER *outside;
	EVP_MD *digest;

	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(cipher)), "default");
	assert_ptr_equal(before, c->library);
	OSSL_LIB_CTX_set0_default(OSSL_LIB_CTX_get0_global_default());
	outside = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
	digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(outside)), "default");
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest)), "default");
	OSSL_LIB_CTX_set0_default(before);
	EVP_CIPHER_free(cipher);
	EVP_CIPHER_free(outside);
	EVP_MD_free(digest);
}

static struct kf_sshcrypto crypto;
static OSSL_LIB_CTX *outer;

static int setup(void **state)
{
	kf_sshcrypto_init(&crypto);
	assert_non_null(crypto.provider);
	outer = kf_sshcrypto_enter(&crypto);
	*state = &crypto;
	return 0;
}

static int leave(void **state)
{
	(void)state;
	kf_sshcrypto_leave(outer);
	kf_sshcrypto_deinit(&crypto);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cipher_equals_openssl), cmocka_unit_test(begins_anew), cmocka_unit_test(mac_equals_openssl),
					    cmocka_unit_test(nothing_else) };

	return cmocka_run_group_tests(tests, setup, leave);
}
