// SPDX-License-Identifier: GPL-2.0-or-later
// Bitmaps against a naive one, at every edge near a word's.
#include "tests/unit/unit.h"

#include "common/bitmap.h"

#define BITS 200u

struct naive {
	uint8_t bit[BITS];
};

static void fill(struct naive *n, uint64_t *map, uint64_t seed)
{
	for (unsigned int i = 0; i < (BITS + 63) / 64; i++)
		map[i] = 0;
	for (unsigned int i = 0; i < BITS; i++) {
		n->bit[i] = next_random(&seed) % 4 ? 1 : 0;
		if (n->bit[i])
			((uint8_t *)map)[i / 8] |= (uint8_t)(1u << i % 8);	/* the file's order of bits */
	}
}

static void assert_same(const struct naive *n, const uint64_t *map)
{
	for (unsigned int i = 0; i < BITS; i++)
		assert_int_equal(n->bit[i], kf_bit(map, i));
}

static unsigned int naive_next(const struct naive *n, unsigned int from, unsigned int end, uint8_t wanted)
{
	while (from < end && n->bit[from] != wanted)
		from++;
	return from < end ? from : end;
}

static void check_range(unsigned int first, unsigned int end, uint64_t seed)
{
	uint64_t map[(BITS + 63) / 64];
	struct naive n;
	unsigned int count = 0;

	fill(&n, map, seed);
	for (unsigned int i = first; i < end; i++)
		count += n.bit[i];
	assert_int_equal(kf_bitmap_count(map, first, end), count);
	assert_int_equal(kf_bitmap_next_set(map, first, end), naive_next(&n, first, end, 1));
	assert_int_equal(kf_bitmap_next_clear(map, first, end), naive_next(&n, first, end, 0));
	for (unsigned int i = first; i < end; i++)
		n.bit[i] = 1;
	kf_bitmap_set(map, first, end);
	assert_same(&n, map);
	if (first < end) {
		assert_int_equal(kf_bitmap_next_clear(map, first, end), end);
		assert_int_equal(kf_bitmap_count(map, first, end), end - first);
	}
	for (unsigned int i = first; i < end; i++)
		n.bit[i] = 0;
	kf_bitmap_clear(map, first, end);
	assert_same(&n, map);
	if (first < end)
		assert_int_equal(kf_bitmap_next_set(map, first, end), end);
}

static void every_range_near_an_edge(void **state)
{
	static const unsigned int edges[] = { 0, 1, 2, 62, 63, 64, 65, 66, 126, 127, 128, 129, 191, 192, 193, 198, 199, 200 };
	const size_t n = sizeof(edges) / sizeof(edges[0]);

	(void)state;
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++)
			for (uint64_t seed = 1; seed < 6; seed++)
				check_range(edges[a], edges[b], seed);
}

static void bytes_are_whole_words(void **state)
{
	(void)state;
	assert_int_equal(kf_bitmap_bytes(0), 0);
	assert_int_equal(kf_bitmap_bytes(1), 8);
	assert_int_equal(kf_bitmap_bytes(63), 8);
	assert_int_equal(kf_bitmap_bytes(64), 8);
	assert_int_equal(kf_bitmap_bytes(65), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_near_an_edge),
		cmocka_unit_test(bytes_are_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
