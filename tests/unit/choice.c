// SPDX-License-Identifier: GPL-2.0-or-later
// --wire auto: where the choice goes for each who waits, and what it may choose.
#include "tests/unit/unit.h"

#include "sender/dump/choice.h"

#define MS 1000000u

/* So many batches of a millisecond each, of which PART is waited for WHAT; how often each codec was chosen in the second half. */
static void go(struct kf_choice *c, uint64_t *now, enum kf_wait what, double part, unsigned int chosen[KF_WIRE_CODECS])
{
	memset(chosen, 0, KF_WIRE_CODECS * sizeof(*chosen));
	for (unsigned int i = 0; i < 2000; i++) {
		enum kf_wire_codec wire = kf_choice_next(c, *now);

		kf_choice_waited(c, what, (uint64_t)(part * MS));
		*now += MS;
		if (i >= 1000)
			chosen[wire]++;
	}
}

static void by_who_waits(void **state)
{
	static const struct {
		const char *name;
		enum kf_rest_codec rest;
		enum kf_wait what;
		double part;
		enum kf_wire_codec gets;
		bool dear;
	} rows[] = {
		{ "the link", KF_REST_ZSTD, KF_WAIT_LINK, 0.9, KF_WIRE_ZSTD, false },
		{ "the link, a little", KF_REST_LZO, KF_WAIT_LINK, 0.1, KF_WIRE_ZSTD, false },
		{ "the core", KF_REST_ZSTD, KF_WAIT_CORE, 0.9, KF_WIRE_NONE, false },
		{ "a receiver with zstd", KF_REST_ZSTD, KF_WAIT_PEER, 0.9, KF_WIRE_PAGES, false },
		{ "a receiver with zlib", KF_REST_ZLIB, KF_WAIT_PEER, 0.9, KF_WIRE_PAGES, false },
		{ "a receiver with lzo", KF_REST_LZO, KF_WAIT_PEER, 0.9, KF_WIRE_NONE, false },
		{ "a receiver with raw", KF_REST_RAW, KF_WAIT_PEER, 0.9, KF_WIRE_NONE, false },
		{ "a receiver with snappy", KF_REST_SNAPPY, KF_WAIT_PEER, 0.9, KF_WIRE_NONE, false },
		{ "nobody", KF_REST_ZSTD, KF_WAIT_LINK, 0, KF_WIRE_LZ4, false },
		{ "dear, the link", KF_REST_LZO, KF_WAIT_LINK, 0.9, KF_WIRE_ZSTD, true },
		{ "dear, the core", KF_REST_LZO, KF_WAIT_CORE, 0.9, KF_WIRE_PAGES, true },
		{ "dear, the core, zstd", KF_REST_ZSTD, KF_WAIT_CORE, 0.9, KF_WIRE_LZ4, true },
		{ "dear, a receiver", KF_REST_LZO, KF_WAIT_PEER, 0.9, KF_WIRE_PAGES, true },
		{ "dear, a receiver with zstd", KF_REST_ZSTD, KF_WAIT_PEER, 0.9, KF_WIRE_LZ4, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kf_encoding how = { .rest = rows[i].rest, .page_shift = 12, .automatic = true };
		unsigned int chosen[KF_WIRE_CODECS];
		struct kf_choice c;
		uint64_t now = 5 * MS;

		kf_choice_init(&c, &how, true, rows[i].dear);
		go(&c, &now, rows[i].what, rows[i].part, chosen);
		CHECK_EQ(rows[i].name, chosen[rows[i].gets], 1000);
		for (unsigned int w = 0; w < KF_WIRE_CODECS; w++)
			CHECK(rows[i].name, !chosen[w] || kf_choice_may(&c, w));
	}
}

/* Whoever shares a core with the receiver would only take from it. */
static void no_core_to_spare(void **state)
{
	const struct kf_encoding how = { .rest = KF_REST_ZSTD, .page_shift = 12, .automatic = true };
	unsigned int pages = 0, none = 0;
	struct kf_choice c;
	uint64_t now = 5 * MS;

	(void)state;
	kf_choice_init(&c, &how, true, false);
	for (unsigned int i = 0; i < 4000; i++) {
		enum kf_wire_codec wire = kf_choice_next(&c, now);

		kf_choice_waited(&c, KF_WAIT_PEER, MS / 2);
		kf_choice_packed(&c, 2 * MS, i < 2000 ? 2 * MS : MS);
		now += MS;
		pages += i >= 1000 && i < 2000 && wire == KF_WIRE_PAGES;
		none += i >= 3000 && wire == KF_WIRE_NONE;
	}
	assert_int_equal(pages, 1000);
	assert_int_equal(none, 1000);
}

/* Who waits changes in the middle of a dump. */
static void turns_back(void **state)
{
	const struct kf_encoding how = { .rest = KF_REST_ZSTD, .page_shift = 12, .automatic = true };
	unsigned int chosen[KF_WIRE_CODECS];
	struct kf_choice c;
	uint64_t now = 5 * MS;

	(void)state;
	kf_choice_init(&c, &how, true, false);
	go(&c, &now, KF_WAIT_LINK, 0.5, chosen);
	assert_int_equal(chosen[KF_WIRE_ZSTD], 1000);
	go(&c, &now, KF_WAIT_PEER, 0.5, chosen);
	assert_int_equal(chosen[KF_WIRE_PAGES], 1000);
	go(&c, &now, KF_WAIT_CORE, 0.5, chosen);
	assert_int_equal(chosen[KF_WIRE_NONE], 1000);
}

/* The link waits for zstd's core, and the core for lz4's link: both are kept busy by turns. */
static void both_wait(void **state)
{
	const struct kf_encoding how = { .rest = KF_REST_LZO, .page_shift = 12, .automatic = true };
	unsigned int chosen[KF_WIRE_CODECS] = { 0 };
	struct kf_choice c;
	uint64_t now = 5 * MS;

	(void)state;
	kf_choice_init(&c, &how, true, false);
	for (unsigned int i = 0; i < 2000; i++) {
		enum kf_wire_codec wire = kf_choice_next(&c, now);

		kf_choice_waited(&c, wire == KF_WIRE_ZSTD ? KF_WAIT_CORE : KF_WAIT_LINK, MS / 2);
		now += MS;
		chosen[wire]++;
	}
	assert_in_range(chosen[KF_WIRE_LZ4], 700, 1300);
	assert_in_range(chosen[KF_WIRE_ZSTD], 700, 1300);
}

/* What is said stays; and into a file the same dump goes the same way each time. */
static void is_fixed(void **state)
{
	const struct kf_encoding said = { .wire = KF_WIRE_PAGES, .rest = KF_REST_LZO, .page_shift = 12 };
	const struct kf_encoding file = { .rest = KF_REST_ZSTD, .page_shift = 12, .automatic = true };
	unsigned int chosen[KF_WIRE_CODECS];
	struct kf_choice c;
	uint64_t now = 5 * MS;

	(void)state;
	kf_choice_init(&c, &said, true, false);
	go(&c, &now, KF_WAIT_LINK, 1, chosen);
	assert_int_equal(chosen[KF_WIRE_PAGES], 1000);
	assert_false(kf_choice_may(&c, KF_WIRE_LZ4));
	kf_choice_init(&c, &file, false, false);
	go(&c, &now, KF_WAIT_LINK, 1, chosen);
	assert_int_equal(chosen[KF_WIRE_LZ4], 1000);
	assert_false(kf_choice_may(&c, KF_WIRE_ZSTD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_who_waits),
		cmocka_unit_test(no_core_to_spare),
		cmocka_unit_test(turns_back),
		cmocka_unit_test(both_wait),
		cmocka_unit_test(is_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
