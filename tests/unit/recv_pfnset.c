// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of pfns, against a bitmap of the same pfns.
#include "tests/unit/unit.h"

#include "common/bitmap.h"
#include "receiver/kdump/pfnset.h"

#define PFNS 256

static void refusals(void **state)
{
	struct kf_pfnset s;
	struct kf_error err;

	(void)state;
	kf_pfnset_init(&s, 3);
	CHECK_REFUSED("empty", kf_pfnset_add(&s, (struct kf_range){ 5, 5 }, &err), KF_INVALID, &err, "is empty");
	CHECK_OK("first", kf_pfnset_add(&s, (struct kf_range){ 5, 8 }, &err), &err);
	CHECK_REFUSED("overlaps", kf_pfnset_add(&s, (struct kf_range){ 7, 9 }, &err), KF_INVALID, &err, "not behind");
	CHECK_REFUSED("before", kf_pfnset_add(&s, (struct kf_range){ 1, 2 }, &err), KF_INVALID, &err, "not behind");
	CHECK_OK("touches", kf_pfnset_add(&s, (struct kf_range){ 8, 9 }, &err), &err);
	assert_int_equal(s.count, 1);
	CHECK_OK("second", kf_pfnset_add(&s, (struct kf_range){ 10, 11 }, &err), &err);
	CHECK_OK("third", kf_pfnset_add(&s, (struct kf_range){ 20, 30 }, &err), &err);
	CHECK_OK("touches the last one", kf_pfnset_add(&s, (struct kf_range){ 30, 31 }, &err), &err);
	CHECK_REFUSED("over the cap", kf_pfnset_add(&s, (struct kf_range){ 40, 41 }, &err), KF_REFUSED, &err, "more than 3");
	assert_int_equal(s.pages, 4 + 1 + 11);
	kf_pfnset_deinit(&s);
	assert_int_equal(s.pages, 0);
	CHECK_OK("can be used again", kf_pfnset_add(&s, (struct kf_range){ 1, 2 }, &err), &err);
	kf_pfnset_deinit(&s);
}

static void fill(struct kf_pfnset *s, uint64_t *map, uint64_t *seed)
{
	struct kf_error err;
	uint64_t pfn = 0;

	while (pfn < PFNS) {
		uint64_t first = pfn + next_random(seed) % 9, end = first + 1 + next_random(seed) % 9;

		if (end > PFNS)
			break;
		CHECK_OK("random", kf_pfnset_add(s, (struct kf_range){ first, end }, &err), &err);
		kf_bitmap_set(map, first, end);
		pfn = end;
	}
}

static void same_as_a_bitmap(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 20; round++) {
		uint64_t map[PFNS / 64] = { 0 };
		struct kf_pfnset s;

		kf_pfnset_init(&s, PFNS);
		fill(&s, map, &seed);
		assert_int_equal(s.pages, kf_bitmap_count(map, 0, PFNS));
		for (uint64_t first = 0; first < PFNS; first += 3)
			for (uint64_t end = first + 1; end <= PFNS; end += 1 + first % 2) {
				struct kf_range r = { first, end };
				uint64_t n = kf_bitmap_count(map, first, end);

				assert_int_equal(kf_pfnset_count(&s, r), n);
				assert_int_equal(kf_pfnset_covers(&s, r), n == end - first);
				assert_int_equal(kf_pfnset_meets(&s, r), n > 0);
			}
		kf_pfnset_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(same_as_a_bitmap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
