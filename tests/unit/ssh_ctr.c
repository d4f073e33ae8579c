// SPDX-License-Identifier: GPL-2.0-or-later
// AES-128-CTR made in advance is OpenSSL's own, byte for byte, however it is asked for; and it is what libssh2 will get.
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include "sender/transport/sshctr.h"

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

static void equals_openssl(void **state)
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

static void nothing_else(void **state)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
	EVP_MD *digest = EVP_MD_fetch(NULL, "SHA256", NULL);

	(void)state;
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(cipher)), "default");
	assert_string_equal(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest)), "default");
	EVP_CIPHER_free(cipher);
	EVP_MD_free(digest);
	kf_sshctr_install();	/* once more */
}

static int setup(void **state)
{
	(void)state;
	kf_sshctr_install();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(equals_openssl), cmocka_unit_test(begins_anew), cmocka_unit_test(nothing_else) };

	return cmocka_run_group_tests(tests, setup, NULL);
}
