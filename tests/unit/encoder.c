// SPDX-License-Identifier: GPL-2.0-or-later
// What a compressor packs batches with: each wire codec, pages as they rest, what does not shrink, how many threads fit.
#include "tests/unit/unit.h"

#include "pagecodec/pagecodecs.h"
#include "proto/message.h"
#include "sender/dump/pipeline.h"

#define PAGES 16u
#define BYTES (PAGES * 4096)

static uint8_t raw[BYTES], out[BYTES + 1], back[4096];

/* Page 3 and those from NOISY on do not shrink. */
static void fill(unsigned int noisy)
{
	uint64_t seed = 5;

	for (size_t i = 0; i < BYTES; i++) {
		size_t page = i / 4096;

		raw[i] = page == 3 || page >= noisy || i % 64 == 0 ? (uint8_t)next_random(&seed) : (uint8_t)(page + i % 64);
	}
	memset(out, 0x5a, sizeof(out));
}

static size_t pack(enum kf_wire_codec wire, enum kf_rest_codec rest, size_t len)
{
	const struct kf_encoding how = { wire, rest, 12, false };
	struct kf_encoder e;
	struct kf_error err;
	size_t n;

	CHECK_OK("init", kf_encoder_init(&e, &how, &err), &err);
	n = kf_encoder_pack(&e, out, raw, len);
	assert_int_equal(out[len], 0x5a);
	kf_encoder_deinit(&e);
	return n;
}

static void check_pages(const char *name, const struct kf_pagecodec *c, size_t n)
{
	void *unpacker = c->unpacker_create ? c->unpacker_create() : NULL;
	size_t at = PAGES * 4;

	for (uint32_t i = 0; i < PAGES; i++) {
		uint32_t entry = kf_le32_at(out + 4 * i), bytes = entry & 0xffffff;
		struct kf_error err;

		CHECK_EQ(name, entry >> 24, i == 3 ? 0 : c->flag);
		CHECK(name, at + bytes <= n);
		if (i == 3)
			memcpy(back, out + at, 4096);
		else
			CHECK_OK(name, c->unpack(unpacker, back, 4096, out + at, bytes, &err), &err);
		assert_memory_equal(back, raw + i * 4096, 4096);
		at += bytes;
	}
	CHECK_EQ(name, at, n);
	if (unpacker)
		c->unpacker_destroy(unpacker);
}

static void pages_as_they_rest(void **state)
{
	static const struct kf_pagecodec *const codecs[] = { &kf_pagecodec_zlib, &kf_pagecodec_lzo, &kf_pagecodec_zstd };

	(void)state;
	for (size_t i = 0; i < COUNT(codecs); i++) {
		fill(PAGES);
		check_pages(codecs[i]->name, codecs[i], pack(KF_WIRE_PAGES, (enum kf_rest_codec)codecs[i]->flag, BYTES));
	}
}

/* With entries and all, a batch of pages is never larger than the pages; then it gives 0. */
static void what_does_not_shrink(void **state)
{
	static const struct kf_encoding rows[] = {
		{ KF_WIRE_LZ4, KF_REST_ZSTD, 12, false }, { KF_WIRE_ZSTD, KF_REST_ZSTD, 12, false }, { KF_WIRE_PAGES, KF_REST_ZSTD, 12, false },
		{ KF_WIRE_PAGES, KF_REST_ZLIB, 12, false }, { KF_WIRE_PAGES, KF_REST_LZO, 12, false }, { KF_WIRE_PAGES, KF_REST_RAW, 12, false },
		{ KF_WIRE_NONE, KF_REST_ZSTD, 12, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		fill(0);
		for (size_t len = 0; len <= BYTES; len += 4096)
			assert_int_equal(pack(rows[i].wire, rows[i].rest, len), 0);
		/* The last page alone does not shrink: the room for it is what the others saved. */
		fill(PAGES - 1);
		assert_true(rows[i].wire == KF_WIRE_NONE || rows[i].rest == KF_REST_RAW || pack(rows[i].wire, rows[i].rest, BYTES) > 0);
		/* One page that shrinks cannot pay for the entries and the noise of fifteen if it saves less than them. */
		fill(0);
		memset(raw + 4096 - 40, 0, 40);
		assert_true(rows[i].wire != KF_WIRE_PAGES || pack(rows[i].wire, rows[i].rest, BYTES) == 0);
	}
}

static void no_snappy(void **state)
{
	static const struct kf_encoding pages = { KF_WIRE_PAGES, KF_REST_SNAPPY, 12, false }, batch = { KF_WIRE_LZ4, KF_REST_SNAPPY, 12, false };
	struct kf_encoder e;
	struct kf_error err;

	(void)state;
	assert_false(kf_encoding_known(&pages));
	assert_true(kf_encoding_known(&batch));
	CHECK_REFUSED("snappy", kf_encoder_init(&e, &pages, &err), KF_ABSENT, &err, "cannot pack");
}

/* What all compressors take together stays the same, so that a codec that needs more gets fewer of them. */
static void threads_that_fit(void **state)
{
	static const struct {
		struct kf_encoding how;
		unsigned int least, most;
	} rows[] = {
		{ { KF_WIRE_NONE, KF_REST_ZSTD, 12, false }, 10, 12 }, { { KF_WIRE_LZ4, KF_REST_ZSTD, 12, false }, 10, 12 },
		{ { KF_WIRE_ZSTD, KF_REST_ZSTD, 12, false }, 5, 8 }, { { KF_WIRE_PAGES, KF_REST_ZSTD, 12, false }, 9, 12 },
		{ { KF_WIRE_PAGES, KF_REST_ZLIB, 12, false }, 8, 11 }, { { KF_WIRE_PAGES, KF_REST_LZO, 12, false }, 8, 12 },
		{ { KF_WIRE_LZ4, KF_REST_LZO, 12, true }, 5, 8 }, { { KF_WIRE_LZ4, KF_REST_ZLIB, 12, true }, 4, 7 },
		{ { KF_WIRE_PAGES, KF_REST_RAW, 12, false }, 10, 12 }, { { KF_WIRE_PAGES, KF_REST_ZSTD, 16, false }, 7, 11 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const struct kf_transport_ops ops = { .answers = true };
		struct kf_transport t = { .ops = &ops };
		struct kf_pipeline_setup setup = { .transport = &t, .encoding = rows[i].how, .threads = KF_THREADS_MAX };
		unsigned int n = kf_pipeline_threads(&setup);

		CHECK("in between", n >= rows[i].least && n <= rows[i].most);
		setup.threads = 1;
		assert_int_equal(kf_pipeline_threads(&setup), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_as_they_rest),
		cmocka_unit_test(what_does_not_shrink),
		cmocka_unit_test(no_snappy),
		cmocka_unit_test(threads_that_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
