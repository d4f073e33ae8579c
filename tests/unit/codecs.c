// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codecs: there and back for many contents and sizes, results that do not fit, input that lies.
#include "tests/unit/unit.h"

#include "proto/codec.h"

#define RAW_MAX (64u * 1024)

static uint8_t raw[RAW_MAX], packed[RAW_MAX + RAW_MAX / 16], back[RAW_MAX];

enum contents { ZEROS, TEXT, NOISE, CONTENTS };

static void fill(enum contents what, size_t len)
{
	static const char text[] = "the memory of a crashed kernel; ";
	uint64_t seed = len;

	for (size_t i = 0; i < len; i++)
		raw[i] = what == ZEROS ? 0 : what == TEXT ? (uint8_t)text[i % (sizeof(text) - 1)] : (uint8_t)next_random(&seed);
}

static void *state_of(const struct kf_codec *c)
{
	void *s = c->state_bytes ? calloc(1, c->state_bytes) : NULL;

	assert_true(s || !c->state_bytes);
	return s;
}

static void there_and_back(const struct kf_codec *c)
{
	static const size_t sizes[] = { 1, 7, 4096, 8192, 65535, 65536 };
	void *codec_state = state_of(c);

	for (int what = 0; what < CONTENTS; what++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct kf_error err;
			size_t n;

			fill((enum contents)what, sizes[i]);
			n = c->encode(codec_state, packed, sizeof(packed), raw, sizes[i]);
			CHECK(c->name, n > 0 && n <= sizeof(packed));
			memset(back, 0xa5, sizeof(back));
			CHECK_OK(c->name, c->decode(back, sizes[i], packed, n, &err), &err);
			assert_memory_equal(back, raw, sizes[i]);
		}
	free(codec_state);
}

static void says_when_it_does_not_fit(const struct kf_codec *c)
{
	void *codec_state = state_of(c);

	fill(NOISE, 4096);
	memset(packed, 0x5a, sizeof(packed));
	assert_int_equal(c->encode(codec_state, packed, 4095, raw, 4096), 0);
	assert_int_equal(packed[4095], 0x5a);
	assert_int_equal(c->encode(codec_state, packed, 0, raw, 4096), 0);
	free(codec_state);
}

/* What is decoded must be exactly as long as was said. */
static void length_must_fit(const struct kf_codec *c)
{
	void *codec_state = state_of(c);
	struct kf_error err;
	size_t n;

	fill(TEXT, 4096);
	n = c->encode(codec_state, packed, sizeof(packed), raw, 4096);
	CHECK_REFUSED(c->name, c->decode(back, 4095, packed, n, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(back, 4097, packed, n, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(back, 4096, packed, n - 1, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(back, 4096, packed, 0, &err), KF_INVALID, &err, "batch");
	free(codec_state);
}

/* Whatever comes, nothing behind the output may be written; a sanitizer sees the reads. */
static void hostile_input(const struct kf_codec *c)
{
	uint64_t seed = 7;

	for (unsigned int i = 0; i < 20000; i++) {
		size_t len = next_random(&seed) % 300, out = next_random(&seed) % 512;
		uint8_t *in = malloc(len ? len : 1), *to = malloc(out + 1);
		struct kf_error err;

		for (size_t k = 0; k < len; k++)
			in[k] = (uint8_t)(next_random(&seed) & (i % 2 ? 0xff : 0x1f));
		to[out] = 0x77;
		(void)!c->decode(to, out, in, len, &err);
		assert_int_equal(to[out], 0x77);
		free(in);
		free(to);
	}
}

static void every_codec(void **state)
{
	static const char *const names[] = { "none", "lz4" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct kf_codec *c = kf_codec_by_name(names[i]);

		CHECK(names[i], c);
		CHECK_TEXT(names[i], c->name, names[i]);
		CHECK(names[i], kf_codec_by_id(c->id) == c);
		there_and_back(c);
		says_when_it_does_not_fit(c);
		length_must_fit(c);
		hostile_input(c);
	}
}

static void bit_flips_are_noticed_or_harmless(void **state)
{
	const struct kf_codec *c = kf_codec_by_id(KF_WIRE_LZ4);
	void *codec_state = state_of(c);
	size_t n;

	(void)state;
	fill(TEXT, 4096);
	n = c->encode(codec_state, packed, sizeof(packed), raw, 4096);
	for (size_t bit = 0; bit < 8 * n; bit++) {
		uint8_t *in = malloc(n);
		struct kf_error err;

		memcpy(in, packed, n);
		in[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (c->decode(back, 4096, in, n, &err))
			assert_int_equal(err.status, KF_INVALID);
		free(in);
	}
	free(codec_state);
}

static void unknown_codecs(void **state)
{
	(void)state;
	assert_null(kf_codec_by_id(KF_WIRE_CODECS));
	assert_null(kf_codec_by_id(255));
	assert_null(kf_codec_by_name(""));
	assert_null(kf_codec_by_name("LZ4"));
	assert_null(kf_codec_by_name("gzip"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec),
		cmocka_unit_test(bit_flips_are_noticed_or_harmless),
		cmocka_unit_test(unknown_codecs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
