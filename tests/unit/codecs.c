// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codecs: there and back for many contents and sizes, results that do not fit, input that lies.
#include "tests/unit/unit.h"

#include <malloc.h>

#include "proto/codec.h"

#define RAW_MAX (256u * 1024)

static uint8_t raw[RAW_MAX], packed[RAW_MAX + RAW_MAX / 16], back[RAW_MAX];
static const enum kf_wire_codec ids[] = { KF_WIRE_NONE, KF_WIRE_LZ4, KF_WIRE_ZSTD };

enum contents { ZEROS, TEXT, NOISE, CONTENTS };

static void fill(enum contents what, size_t len)
{
	static const char text[] = "the memory of a crashed kernel; ";
	uint64_t seed = len;

	for (size_t i = 0; i < len; i++)
		raw[i] = what == ZEROS ? 0 : what == TEXT ? (uint8_t)text[i % (sizeof(text) - 1)] : (uint8_t)next_random(&seed);
}

static void *encoder_of(const struct kf_codec *c)
{
	void *e = c->encoder_create ? c->encoder_create(RAW_MAX) : NULL;

	assert_true(e || !c->encoder_create);
	return e;
}

static void *decoder_of(const struct kf_codec *c)
{
	void *d = c->decoder_create ? c->decoder_create() : NULL;

	assert_true(d || !c->decoder_create);
	return d;
}

static void end(const struct kf_codec *c, void *encoder, void *decoder)
{
	if (encoder)
		c->encoder_destroy(encoder);
	if (decoder)
		c->decoder_destroy(decoder);
}

/* One encoder and one decoder for batches of all sizes, one after the other. */
static void there_and_back(const struct kf_codec *c)
{
	static const size_t sizes[] = { 1, 7, 4096, 8192, 65535, 65536, RAW_MAX, 12288, 131072, 4096 };
	void *encoder = encoder_of(c), *decoder = decoder_of(c);

	for (int what = 0; what < CONTENTS; what++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			struct kf_error err;
			size_t n;

			fill((enum contents)what, sizes[i]);
			n = c->encode(encoder, packed, sizeof(packed), raw, sizes[i]);
			CHECK(c->name, n > 0 && n <= sizeof(packed));
			CHECK(c->name, c->id == KF_WIRE_NONE || what == NOISE || sizes[i] < 4096 || n < sizes[i] / 8);
			memset(back, 0xa5, sizeof(back));
			CHECK_OK(c->name, c->decode(decoder, back, sizes[i], packed, n, &err), &err);
			assert_memory_equal(back, raw, sizes[i]);
		}
	end(c, encoder, decoder);
}

static void says_when_it_does_not_fit(const struct kf_codec *c)
{
	void *encoder = encoder_of(c);

	fill(NOISE, 4096);
	memset(packed, 0x5a, sizeof(packed));
	assert_int_equal(c->encode(encoder, packed, 4095, raw, 4096), 0);
	assert_int_equal(packed[4095], 0x5a);
	assert_int_equal(c->encode(encoder, packed, 0, raw, 4096), 0);
	end(c, encoder, NULL);
}

/* What is decoded must be exactly as long as was said, and of nothing else. */
static void length_must_fit(const struct kf_codec *c)
{
	void *encoder = encoder_of(c), *decoder = decoder_of(c);
	struct kf_error err;
	size_t n;

	fill(TEXT, 4096);
	n = c->encode(encoder, packed, sizeof(packed), raw, 4096);
	packed[n] = 0;
	CHECK_REFUSED(c->name, c->decode(decoder, back, 4095, packed, n, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(decoder, back, 4097, packed, n, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(decoder, back, 4096, packed, n - 1, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(decoder, back, 4096, packed, n + 1, &err), KF_INVALID, &err, "batch");
	CHECK_REFUSED(c->name, c->decode(decoder, back, 4096, packed, 0, &err), KF_INVALID, &err, "batch");
	end(c, encoder, decoder);
}

/* Whatever comes, nothing behind the output may be written; a sanitizer sees the reads. */
static void hostile_input(const struct kf_codec *c)
{
	void *decoder = decoder_of(c);
	uint64_t seed = 7;

	for (unsigned int i = 0; i < 20000; i++) {
		size_t len = next_random(&seed) % 300, out = 1 + next_random(&seed) % 512;
		uint8_t *in = malloc(len ? len : 1), *to = malloc(out + 1);
		struct kf_error err;

		for (size_t k = 0; k < len; k++)
			in[k] = (uint8_t)(next_random(&seed) & (i % 2 ? 0xff : 0x1f));
		to[out] = 0x77;
		(void)!c->decode(decoder, to, out, in, len, &err);
		assert_int_equal(to[out], 0x77);
		free(in);
		free(to);
	}
	end(c, NULL, decoder);
}

/* Whatever is cut off or flipped: refused, or taken with other bytes, which the hash of the batch will tell. */
static void flips_and_cuts(const struct kf_codec *c)
{
	void *encoder = encoder_of(c), *decoder = decoder_of(c);
	struct kf_error err;
	uint8_t *in;
	size_t n;

	fill(TEXT, 4096);
	n = c->encode(encoder, packed, sizeof(packed), raw, 4096);
	for (size_t bit = 0; bit < 8 * n; bit++) {
		in = malloc(n);
		memcpy(in, packed, n);
		in[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (c->decode(decoder, back, 4096, in, n, &err))
			CHECK_EQ(c->name, err.status, KF_INVALID);
		free(in);
	}
	for (size_t len = 0; len < n; len++) {
		in = malloc(len ? len : 1);
		memcpy(in, packed, len);
		CHECK_REFUSED(c->name, c->decode(decoder, back, 4096, in, len, &err), KF_INVALID, &err, "batch");
		free(in);
	}
	/* What was damaged before leaves no trace in the decoder. */
	CHECK_OK(c->name, c->decode(decoder, back, 4096, packed, n, &err), &err);
	assert_memory_equal(back, raw, 4096);
	end(c, encoder, decoder);
}

/* The sender counts on it. */
static void takes_what_it_says(const struct kf_codec *c)
{
	struct mallinfo2 before = mallinfo2(), after;
	void *encoder = encoder_of(c);
	size_t took, said = c->encoder_bytes ? c->encoder_bytes(RAW_MAX) : 0;

	fill(TEXT, RAW_MAX);
	(void)!c->encode(encoder, packed, sizeof(packed), raw, RAW_MAX);
	after = mallinfo2();
	took = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	/* With malloc's rounding; a sanitizer's malloc counts nothing. */
	CHECK(c->name, took <= said + 8192 && said < 1 << 20);
	end(c, encoder, NULL);
}

static void every_codec(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		const struct kf_codec *c = kf_codec_by_id(ids[i]);

		CHECK("there", c);
		CHECK_EQ(c->name, c->id, ids[i]);
		there_and_back(c);
		says_when_it_does_not_fit(c);
		length_must_fit(c);
		hostile_input(c);
		flips_and_cuts(c);
		takes_what_it_says(c);
	}
}

/* Frames written by hand: a block of RLE of 4096 times 'k' is good; what else zstd's own tools would take is not. */
static void zstd_frames_that_are_not_ours(void **state)
{
#define MAGIC 0x28, 0xb5, 0x2f, 0xfd
#define BLOCK 0x03, 0x80, 0x00, 'k'	/* last, RLE, 4096 bytes */
	static const struct {
		const char *name;
		bool good;
		uint8_t bytes[48];
		size_t len;
	} rows[] = {
		{ "one frame with its size", true, { MAGIC, 0x60, 0x00, 0x0f, BLOCK }, 11 },
		{ "size, and a window of 8 KiB", true, { MAGIC, 0x40, 0x18, 0x00, 0x0f, BLOCK }, 12 },
		{ "a window of 1 MiB", true, { MAGIC, 0x40, 0x50, 0x00, 0x0f, BLOCK }, 12 },
		{ "a window of 2 MiB", false, { MAGIC, 0x40, 0x58, 0x00, 0x0f, BLOCK }, 12 },
		{ "a window of 2 GiB", false, { MAGIC, 0x40, 0xa8, 0x00, 0x0f, BLOCK }, 12 },
		{ "no size", false, { MAGIC, 0x00, 0x18, BLOCK }, 10 },
		{ "another size", false, { MAGIC, 0x60, 0x01, 0x0f, BLOCK }, 11 },
		{ "a size of 2^62", false, { MAGIC, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, BLOCK }, 17 },
		{ "a dictionary", false, { MAGIC, 0x61, 0x05, 0x00, 0x0f, BLOCK }, 12 },
		{ "two frames", false, { MAGIC, 0x60, 0x00, 0x0f, BLOCK, MAGIC, 0x60, 0x00, 0x0f, BLOCK }, 22 },
		{ "an empty frame behind", false, { MAGIC, 0x60, 0x00, 0x0f, BLOCK, MAGIC, 0x20, 0x00, 0x01, 0x00, 0x00 }, 20 },
		{ "a skippable frame behind", false, { MAGIC, 0x60, 0x00, 0x0f, BLOCK, 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0 }, 19 },
		{ "a skippable frame before", false, { 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0, MAGIC, 0x60, 0x00, 0x0f, BLOCK }, 19 },
		{ "a reserved block", false, { MAGIC, 0x60, 0x00, 0x0f, 0x07, 0x80, 0x00, 'k' }, 11 },
		{ "a frame of zstd 0.7", false, { 0x27, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0x0f, BLOCK }, 11 },
	};
	const struct kf_codec *c = kf_codec_by_id(KF_WIRE_ZSTD);
	void *decoder = decoder_of(c);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_error err;
		enum kf_status st = c->decode(decoder, back, 4096, rows[i].bytes, rows[i].len, &err);

		if (rows[i].good) {
			CHECK_OK(rows[i].name, st, &err);
			CHECK(rows[i].name, back[0] == 'k' && back[4095] == 'k');
		} else {
			CHECK_REFUSED(rows[i].name, st, KF_INVALID, &err, "zstd batch");
		}
	}
	end(c, NULL, decoder);
}

static void unknown_codecs(void **state)
{
	(void)state;
	assert_null(kf_codec_by_id(KF_WIRE_PAGES));	/* packs each page alone */
	assert_null(kf_codec_by_id(KF_WIRE_CODECS));
	assert_null(kf_codec_by_id(255));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec),
		cmocka_unit_test(zstd_frames_that_are_not_ours),
		cmocka_unit_test(unknown_codecs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
