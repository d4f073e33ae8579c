// SPDX-License-Identifier: GPL-2.0-or-later
// The digest: the same for every order, partition and number of threads; another for every change of a page.
#include "tests/unit/unit.h"

#include <xxhash.h>

#include "proto/digest.h"

#define PAGES 40u
#define SIZE 4096u

static uint8_t pages[PAGES][SIZE];
static const uint64_t seed0 = 42;

static int fill_pages(void **state)
{
	uint64_t seed = seed0;

	(void)state;
	for (unsigned int i = 0; i < PAGES; i++)
		for (unsigned int k = 0; k < SIZE; k += 8) {
			uint64_t v = next_random(&seed);

			memcpy(pages[i] + k, &v, 8);
		}
	return 0;
}

static bool same(const struct kf_sum128 *a, const struct kf_sum128 *b)
{
	return a->low == b->low && a->high == b->high;
}

static struct kf_sum128 sum_of_all(void)
{
	struct kf_sum128 sum = { 0 };

	for (unsigned int i = 0; i < PAGES; i++)
		kf_sum_page(&sum, i, pages[i], SIZE);
	return sum;
}

static void any_order(void **state)
{
	struct kf_sum128 forward = sum_of_all(), backward = { 0 }, jumping = { 0 };

	(void)state;
	for (unsigned int i = PAGES; i-- > 0;)
		kf_sum_page(&backward, i, pages[i], SIZE);
	for (unsigned int i = 0; i < PAGES; i++)
		kf_sum_page(&jumping, i * 7 % PAGES, pages[i * 7 % PAGES], SIZE);
	assert_true(same(&forward, &backward));
	assert_true(same(&forward, &jumping));
}

static void any_partition(void **state)
{
	struct kf_sum128 whole = sum_of_all();

	(void)state;
	for (unsigned int parts = 1; parts <= PAGES; parts++) {
		struct kf_sum128 part[PAGES] = { { 0 } }, sum = { 0 };

		for (unsigned int i = 0; i < PAGES; i++)
			kf_sum_page(&part[i % parts], i, pages[i], SIZE);
		for (unsigned int i = parts; i-- > 0;)
			kf_sum_add(&sum, &part[i]);
		assert_true(same(&whole, &sum));
	}
}

static void carries_into_the_high_word(void **state)
{
	struct kf_sum128 sum = { UINT64_MAX, 7 };
	const struct kf_sum128 one = { 1, 0 }, most = { UINT64_MAX, UINT64_MAX };

	(void)state;
	kf_sum_add(&sum, &one);
	assert_true(sum.low == 0 && sum.high == 8);
	kf_sum_add(&sum, &most);	/* minus 1 */
	assert_true(sum.low == UINT64_MAX && sum.high == 7);
}

static void notices_changes(void **state)
{
	struct kf_sum128 whole = sum_of_all(), other;

	(void)state;
	pages[3][17] ^= 1;
	other = sum_of_all();
	pages[3][17] ^= 1;
	assert_false(same(&whole, &other));	/* a bit */
	other = (struct kf_sum128){ 0 };
	for (unsigned int i = 0; i < PAGES; i++)	/* two pages in each other's place */
		kf_sum_page(&other, i == 3 ? 4 : i == 4 ? 3 : i, pages[i], SIZE);
	assert_false(same(&whole, &other));
	kf_sum_page(&whole, 3, pages[3], SIZE);		/* one page twice */
	other = sum_of_all();
	assert_false(same(&whole, &other));
}

/* The values themselves, from their definition in digest.h. */
static void is_what_it_is_said_to_be(void **state)
{
	XXH128_hash_t a = XXH3_128bits_withSeed(pages[0], SIZE, 5), b;
	struct kf_sum128 sum = { 0 }, back;
	struct kf_digest encoded;
	const uint64_t words[3] = { 0x10, 0, ~0ull };

	(void)state;
	kf_sum_page(&sum, 5, pages[0], SIZE);
	assert_true(sum.low == a.low64 && sum.high == a.high64);
	kf_sum_encode(&encoded, &sum);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(encoded.bytes[i], (i < 8 ? a.low64 : a.high64) >> i % 8 * 8 & 0xff);
	back = kf_sum_decode(&encoded);
	assert_true(same(&sum, &back));

	sum = (struct kf_sum128){ 0 };
	kf_sum_verdicts(&sum, 9, words, 3);
	a = XXH3_128bits_withSeed(&words[0], 8, 9);
	b = XXH3_128bits_withSeed(&words[2], 8, 11);	/* a group without a kept page adds nothing */
	back = (struct kf_sum128){ a.low64, a.high64 };
	kf_sum_add(&back, &(struct kf_sum128){ b.low64, b.high64 });
	assert_true(same(&sum, &back));
	assert_true(kf_batch_hash(pages, SIZE) == XXH3_64bits(pages, SIZE));
}

static void verdicts_in_pieces(void **state)
{
	uint64_t words[32], seed = seed0;
	struct kf_sum128 whole = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 32; i++)
		words[i] = i % 5 ? next_random(&seed) : 0;
	kf_sum_verdicts(&whole, 100, words, 32);
	for (unsigned int cut = 0; cut <= 32; cut++) {
		struct kf_sum128 sum = { 0 };

		kf_sum_verdicts(&sum, 100 + cut, words + cut, 32 - cut);
		kf_sum_verdicts(&sum, 100, words, cut);
		assert_true(same(&whole, &sum));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(any_partition),
		cmocka_unit_test(carries_into_the_high_word),
		cmocka_unit_test(notices_changes),
		cmocka_unit_test(is_what_it_is_said_to_be),
		cmocka_unit_test(verdicts_in_pieces),
	};

	return cmocka_run_group_tests(tests, fill_pages, NULL);
}
