// SPDX-License-Identifier: GPL-2.0-or-later
// Codecs at rest: there and back, pages that do not shrink, exact lengths, input that lies; batches of codec `pages`.
#include "tests/unit/unit.h"

#include <malloc.h>

#include "proto/digest.h"
#include "receiver/kdump/packer.h"

#define LARGEST 65536u

static uint8_t page[LARGEST], packed[LARGEST + 1], back[LARGEST + 1];
static const uint32_t flags[KF_RESTS] = { KF_REST_RAW, KF_REST_ZLIB, KF_REST_LZO, KF_REST_SNAPPY, KF_REST_ZSTD };

static void fill_text(size_t len)
{
	static const char text[] = "a page of the memory of a crashed kernel: ";
	uint64_t seed = len;

	for (size_t i = 0; i < len; i++)
		page[i] = i % 64 == 0 ? (uint8_t)next_random(&seed) : (uint8_t)text[i % (sizeof(text) - 1)];
}

static void fill_noise(size_t len)
{
	uint64_t seed = len;

	for (size_t i = 0; i < len; i++)
		page[i] = (uint8_t)next_random(&seed);
}

struct both {
	const struct kf_pagecodec *c;
	void *packer, *unpacker;
};

static void start(struct both *b, uint32_t flag)
{
	b->c = kf_rest_by_flag(flag);
	CHECK("there", b->c && b->c->flag == flag);
	b->packer = b->c->packer_create ? b->c->packer_create(LARGEST) : NULL;
	b->unpacker = b->c->unpacker_create ? b->c->unpacker_create() : NULL;
	CHECK(b->c->name, !b->c->packer_create == !b->packer && !b->c->unpacker_create == !b->unpacker);
}

static void stop(struct both *b)
{
	if (b->packer)
		b->c->packer_destroy(b->packer);
	if (b->unpacker)
		b->c->unpacker_destroy(b->unpacker);
}

static void there_and_back(struct both *b)
{
	static const size_t sizes[] = { 4096, 65536, 16384, 4096, 8192 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct kf_error err;
		size_t n;

		fill_text(sizes[i]);
		n = b->c->pack(b->packer, packed, sizes[i], page, sizes[i]);
		CHECK(b->c->name, b->c->flag == KF_REST_RAW ? n == 0 : n > 0 && n < sizes[i] / 2);
		if (n == 0)
			memcpy(packed, page, n = sizes[i]);
		memset(back, 0, sizeof(back));
		CHECK_OK(b->c->name, b->c->unpack(b->unpacker, back, sizes[i], packed, n, &err), &err);
		assert_memory_equal(back, page, sizes[i]);
	}
}

/* A page that does not shrink gives 0, and nothing is written behind the room that was given. */
static void does_not_shrink(struct both *b)
{
	size_t n;

	fill_noise(4096);
	memset(packed, 0x5a, sizeof(packed));
	assert_int_equal(b->c->pack(b->packer, packed, 4096, page, 4096), 0);
	assert_int_equal(packed[4096], 0x5a);
	fill_text(4096);
	n = b->c->pack(b->packer, packed, 4096, page, 4096);
	for (size_t room = n; n; room--) {
		memset(packed, 0x5a, sizeof(packed));
		CHECK_EQ(b->c->name, b->c->pack(b->packer, packed, room, page, 4096), 0);
		CHECK(b->c->name, packed[room] == 0x5a);
		if (room == 0)
			break;
	}
	/* libdeflate and zstd want a few bytes more than they will use. */
	if (n)
		CHECK_EQ(b->c->name, b->c->pack(b->packer, packed, n + 64, page, 4096), n);
}

static size_t pack_text(struct both *b)
{
	size_t n;

	fill_text(4096);
	n = b->c->pack(b->packer, packed, 4096, page, 4096);
	if (n == 0)
		memcpy(packed, page, n = 4096);
	packed[n] = 0;
	return n;
}

static void refuse(struct both *b, const char *what, size_t len, size_t n)
{
	uint8_t *in = malloc(n ? n : 1);
	struct kf_error err;

	memcpy(in, packed, n);
	back[len] = 0x77;
	CHECK_REFUSED(what, b->c->unpack(b->unpacker, back, len, in, n, &err), KF_INVALID, &err, b->c->name);
	CHECK(what, back[len] == 0x77);
	free(in);
}

static void exact_lengths(struct both *b)
{
	size_t n = pack_text(b);

	refuse(b, "a page that is one byte shorter", 4095, n);
	refuse(b, "a page that is one byte longer", 4097, n);
	refuse(b, "a page of twice the size", 8192, n);
	refuse(b, "a byte behind it", 4096, n + 1);
	for (size_t len = 0; len < n; len++)
		refuse(b, "cut short", 4096, len);
}

static void flips(struct both *b)
{
	size_t n = pack_text(b);
	struct kf_error err;

	for (size_t bit = 0; bit < 8 * n; bit++) {
		uint8_t *in = malloc(n);

		memcpy(in, packed, n);
		in[bit / 8] ^= (uint8_t)(1u << bit % 8);
		back[4096] = 0x77;
		if (b->c->unpack(b->unpacker, back, 4096, in, n, &err))
			CHECK_EQ(b->c->name, err.status, KF_INVALID);
		CHECK(b->c->name, back[4096] == 0x77);
		free(in);
	}
	CHECK_OK(b->c->name, b->c->unpack(b->unpacker, back, 4096, packed, n, &err), &err);
	assert_memory_equal(back, page, 4096);
}

static void noise(struct both *b)
{
	uint64_t seed = 3;

	for (int i = 0; i < 20000; i++) {
		size_t len = next_random(&seed) % 300;
		uint8_t *in = malloc(len ? len : 1);
		struct kf_error err;

		for (size_t k = 0; k < len; k++)
			in[k] = (uint8_t)(next_random(&seed) & (i % 2 ? 0xff : 0x1f));
		back[512] = 0x77;
		(void)!b->c->unpack(b->unpacker, back, 512, in, len, &err);
		CHECK(b->c->name, back[512] == 0x77);
		free(in);
	}
}

static void every_codec(void **state)
{
	(void)state;
	for (size_t i = 0; i < KF_RESTS; i++) {
		struct both b;

		start(&b, flags[i]);
		there_and_back(&b);
		does_not_shrink(&b);
		exact_lengths(&b);
		flips(&b);
		noise(&b);
		stop(&b);
	}
	assert_null(kf_rest_by_flag(8));
	assert_null(kf_rest_by_flag(3));
}

/* The sender counts on what a packer says that it takes: those of the codecs that it has, for pages of 4 and 64 KiB. */
static void packers_take_what_they_say(void **state)
{
	static const size_t sizes[] = { 4096, 65536 };

	(void)state;
	for (size_t i = 0; i < 2 * KF_RESTS; i++) {
		const struct kf_pagecodec *c = kf_rest_by_flag(flags[i / 2]);
		struct mallinfo2 before = mallinfo2(), after;
		void *packer;

		if (!c->packer_create || c->flag == KF_REST_SNAPPY)
			continue;
		packer = c->packer_create(sizes[i % 2]);
		fill_text(sizes[i % 2]);
		CHECK(c->name, c->pack(packer, packed, sizes[i % 2], page, sizes[i % 2]) > 0);
		after = mallinfo2();
		CHECK(c->name, after.uordblks + after.hblkhd - before.uordblks - before.hblkhd <= c->packer_bytes(sizes[i % 2]) + 8192);
		CHECK(c->name, c->packer_bytes(sizes[i % 2]) < 512 << 10);
		c->packer_destroy(packer);
	}
}

/* A BATCH of three pages of codec `pages`, the second of which does not shrink; encoded to PAYLOAD. */
static size_t make_batch(uint8_t *payload, size_t room, uint32_t flag)
{
	static uint8_t raw[3 * 4096], stored[3 * 4100];
	uint8_t run[KF_RUN_BYTES];
	struct kf_writer w = kf_writer_on(run, sizeof(run)), entries = kf_writer_on(stored, 12);
	struct kf_message m = { .type = KF_MSG_BATCH };
	uint32_t used = 12;
	struct both b;

	kf_put_u64(&w, 7);
	kf_put_u32(&w, 3);
	kf_put_u32(&w, KF_RUN_DATA);
	start(&b, flag);
	for (uint32_t i = 0; i < 3; i++) {
		size_t n;

		if (i == 1)
			fill_noise(4096);
		else
			fill_text(4096);
		memcpy(raw + i * 4096, page, 4096);
		n = b.c->pack(b.packer, stored + used, 4096, page, 4096);
		kf_put_u32(&entries, (uint32_t)(n ? n | flag << 24 : 4096));
		if (n == 0)
			memcpy(stored + used, page, n = 4096);
		used += (uint32_t)n;
	}
	stop(&b);
	m.batch = (struct kf_batch){ .codec = KF_WIRE_PAGES, .page_shift = 12, .raw_bytes = sizeof(raw), .xxh3 = kf_batch_hash(raw, sizeof(raw)),
		.runs = run, .run_count = 1, .stored = stored, .stored_bytes = used };
	w = kf_writer_on(payload, room);
	kf_encode(&w, &m);
	assert_false(w.failed);
	return kf_written(&w);
}

/* Every bit flipped, every length: refused, or the pages are what they were. */
static void batches_of_pages(void **state)
{
	static uint8_t good[16384];
	struct kf_packer *p = kf_packer_create();

	(void)state;
	for (size_t i = 0; i < KF_RESTS; i++) {
		size_t len = make_batch(good, sizeof(good), flags[i]), taken = 0;
		struct kf_message m;
		struct kf_error err;

		CHECK_OK("good", kf_decode(&m, KF_MSG_BATCH, good, (uint32_t)len, &err), &err);
		CHECK_OK("good", kf_unpack(p, &m.batch, &err), &err);
		for (size_t bit = 0; bit < 8 * len; bit += i % 2 ? 1 : 3) {
			uint8_t *in = malloc(len);

			memcpy(in, good, len);
			in[bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (!kf_decode(&m, KF_MSG_BATCH, in, (uint32_t)len, &err) && !kf_unpack(p, &m.batch, &err)) {
				taken++;
				/* The bits of pfns, or such as mean nothing to the codec. */
				CHECK("the same pages", m.batch.raw_bytes == 3 * 4096 && kf_batch_hash(p->raw, 3 * 4096) == m.batch.xxh3);
			} else {
				CHECK_EQ("refused", err.status, KF_INVALID);
			}
			free(in);
		}
		CHECK("most are refused", taken < 120);
		for (size_t cut = 0; cut < len; cut++) {
			uint8_t *in = malloc(cut ? cut : 1);

			memcpy(in, good, cut);
			CHECK_REFUSED("cut", kf_decode(&m, KF_MSG_BATCH, in, (uint32_t)cut, &err), KF_INVALID, &err, "BATCH");
			free(in);
		}
	}
	kf_packer_destroy(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec),
		cmocka_unit_test(packers_take_what_they_say),
		cmocka_unit_test(batches_of_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
