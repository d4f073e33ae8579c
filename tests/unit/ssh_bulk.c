// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of ours in place of libssh2's: what the socket gets is what a server decrypts, in order with what libssh2 sends itself; and where libssh2
// does otherwise than is known of it, nothing is sent.
#include "tests/unit/unit.h"

#include <errno.h>

#include "sender/transport/sshprovider.h"
#include "sender/transport/sshwire.h"

#define MAC 32u
#define BLOCK 16u

static const uint8_t key[16] = "a key of sixteen", iv[16] = "and its counter", mac_key[32] = "thirty-two bytes for the MAC ...";

/* libssh2, as far as it sends. */
struct library {
	struct kf_sshcrypto crypto;
	OSSL_LIB_CTX *outer;
	struct kf_sshwire wire;
	EVP_CIPHER_CTX *cipher;
	uint32_t number;		/* of the packet */
	bool other_order, no_mac;	/* what it may do one day */
	ssize_t rc;			/* of the last packet */
};

/* One half of HMAC, in the pieces in which it comes from libssh2. */
static void half(uint8_t *out, uint8_t mix, const EVP_MD *digest, const uint8_t *number, const uint8_t *bytes, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t pad[64];

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] = (i < sizeof(mac_key) ? mac_key[i] : 0) ^ mix;
	assert_int_equal(EVP_DigestInit_ex(ctx, digest, NULL), 1);
	EVP_DigestUpdate(ctx, pad, sizeof(pad));
	if (number)
		EVP_DigestUpdate(ctx, number, 4);
	EVP_DigestUpdate(ctx, bytes, len);
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
}

static void mac_of(uint8_t *out, const char *provider, uint32_t number, const uint8_t *packet, size_t len)
{
	EVP_MD *digest = EVP_MD_fetch(NULL, "SHA256", provider);
	const uint8_t be[4] = { 0, 0, (uint8_t)(number >> 8), (uint8_t)number };
	uint8_t inner[MAC];

	half(inner, 0x36, digest, be, packet, len);
	half(out, 0x5c, digest, NULL, inner, sizeof(inner));
	EVP_MD_free(digest);
}

static void encrypt(struct library *l, uint8_t *packet, size_t len)
{
	for (size_t i = 0; i < len; i += BLOCK) {
		uint8_t block[BLOCK];

		if (EVP_Cipher(l->cipher, block, packet + i, BLOCK) > 0)
			memcpy(packet + i, block, BLOCK);
	}
}

static ssize_t write_packet(struct library *l, const void *bytes, uint32_t len)
{
	static uint8_t packet[40000];
	uint32_t pad = BLOCK - (14 + len) % BLOCK, size;

	pad += pad < 4 ? BLOCK : 0;
	size = 14 + len + pad;
	memcpy(packet, (uint8_t[]){ 0, 0, (uint8_t)((size - 4) >> 8), (uint8_t)(size - 4), (uint8_t)pad, 94, 0, 0, 0, 7, 0, 0, (uint8_t)(len >> 8), (uint8_t)len }, 14);
	memcpy(packet + 14, bytes, len);
	memset(packet + 14 + len, 0x5a, pad);
	if (l->other_order)
		encrypt(l, packet, size);
	mac_of(packet + size, NULL, l->number++, packet, size);
	if (!l->other_order)
		encrypt(l, packet, size);
	return l->rc = kf_sshwire_put(&l->wire, packet, size + (l->no_mac ? 0 : MAC));
}

static void library_init(struct library *l)
{
	memset(l, 0, sizeof(*l));
	kf_sshcrypto_init(&l->crypto);
	assert_non_null(l->crypto.provider);
	l->outer = kf_sshcrypto_enter(&l->crypto);
	l->wire.fd = -1;
	l->wire.bulk = &l->crypto.provider->bulk;
	l->wire.bulk->wire = &l->wire;
	l->cipher = EVP_CIPHER_CTX_new();
	assert_int_equal(EVP_CipherInit(l->cipher, EVP_aes_128_ctr(), key, iv, 1), 1);
}

static void library_deinit(struct library *l)
{
	EVP_CIPHER_CTX_free(l->cipher);
	kf_sshcrypto_leave(l->outer);
	kf_sshcrypto_deinit(&l->crypto);
}

static void usual(struct library *l, const void *bytes, uint32_t len)
{
	kf_sshbulk_begin(l->wire.bulk, NULL, 0);
	write_packet(l, bytes, len);
	kf_sshbulk_end(l->wire.bulk);
}

static bool large(struct library *l, const uint8_t *bytes, uint32_t len)
{
	kf_sshbulk_begin(l->wire.bulk, bytes, len);
	write_packet(l, "", 0);
	return kf_sshbulk_end(l->wire.bulk);
}

/* The server: everything that the socket got, by OpenSSL's own cipher. The bytes for the command go to OUT. */
static size_t serve(const struct library *l, uint8_t *out)
{
	EVP_CIPHER *own = EVP_CIPHER_fetch(NULL, "AES-128-CTR", "provider=default");
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	static uint8_t plain[KF_SSHWIRE_OUT];
	size_t got = 0;
	uint32_t number = 0;
	int n;

	assert_int_equal(EVP_CipherInit(ctx, own, key, iv, 0), 1);
	for (uint32_t at = 0; at < l->wire.out_to; number++) {
		uint8_t mac[MAC];
		uint32_t size, len;

		EVP_CipherUpdate(ctx, plain, &n, l->wire.out + at, BLOCK);
		size = 4 + ((uint32_t)plain[2] << 8 | plain[3]);
		assert_true(size % BLOCK == 0 && size <= l->wire.out_to - at - MAC);
		EVP_CipherUpdate(ctx, plain + BLOCK, &n, l->wire.out + at + BLOCK, (int)(size - BLOCK));
		mac_of(mac, "provider=default", number, plain, size);
		assert_memory_equal(mac, l->wire.out + at + size, MAC);
		len = (uint32_t)plain[12] << 8 | plain[13];
		assert_int_equal(plain[5], 94);
		assert_int_equal(plain[9], 7);
		assert_true(plain[4] >= 4 && 14 + len + plain[4] == size);
		memcpy(out + got, plain + 14, len);
		got += len;
		at += size + MAC;
	}
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(own);
	return got;
}

static void what_a_server_gets(void **state)
{
	static const uint32_t sizes[] = { 1, 15, 16, 17, 2, 18, 4096, 32700, 31, 32688, 5000 };
	static uint8_t in[200000], out[KF_SSHWIRE_OUT];
	struct library l;
	uint64_t seed = 5;
	size_t at = 0;

	(void)state;
	library_init(&l);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)next_random(&seed);
	assert_false(l.wire.bulk->proved);
	usual(&l, in, 100);
	at += 100;
	assert_true(l.wire.bulk->proved);
	assert_int_equal(l.wire.bulk->most, 100);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_true(large(&l, in + at, sizes[i]));
		at += sizes[i];
		write_packet(&l, in + at, (uint32_t)i * 40);	/* its own, that nobody watches */
		at += i * 40;
	}
	assert_int_equal(l.wire.failure, 0);
	assert_int_equal(serve(&l, out), at);
	assert_memory_equal(out, in, at);
	assert_int_equal(EVP_CipherInit(l.cipher, NULL, iv, key, 1), 1);
	assert_false(l.wire.bulk->proved);	/* other keys */
	library_deinit(&l);
}

/* Not a byte of it may follow. */
static void nothing_where_it_is_otherwise(void **state)
{
	static const uint8_t bytes[5000];
	static struct library l;

	(void)state;
	for (int which = 0; which < 3; which++) {
		uint32_t before;

		library_init(&l);
		usual(&l, bytes, 100);
		before = l.wire.out_to;
		l.no_mac = which == 0;
		if (which == 1)
			l.wire.out_to = KF_SSHWIRE_OUT - 3000;	/* no room */
		if (which == 2)
			l.wire.failure = EPIPE;
		assert_true(large(&l, bytes, sizeof(bytes)) || l.rc < 0);
		assert_true(l.rc < 0 && l.wire.failure);
		assert_int_equal(l.wire.out_to, which == 1 ? KF_SSHWIRE_OUT - 3000 : before);
		library_deinit(&l);
	}
}

/* The MAC over what is encrypted, as some have it: nothing is recognized, nothing proved. */
static void not_in_another_order(void **state)
{
	static struct library l;

	(void)state;
	library_init(&l);
	l.other_order = true;
	usual(&l, "something", 9);
	assert_false(l.wire.bulk->proved);
	assert_int_equal(l.wire.failure, 0);
	assert_true(l.rc > 0);
	library_deinit(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_server_gets), cmocka_unit_test(nothing_where_it_is_otherwise),
					    cmocka_unit_test(not_in_another_order) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
