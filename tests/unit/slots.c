// SPDX-License-Identifier: GPL-2.0-or-later
// Batches being filled, and lists of ranges: what grows together, and that each cap is kept.
#include "tests/unit/unit.h"

#include "sender/dump/pages.h"

static struct kf_slot s;

static int begin(void **state)
{
	struct kf_error err;

	(void)state;
	CHECK_OK("slot", kf_slot_init(&s, &err), &err);
	kf_slot_begin_batch(&s);
	return 0;
}

static int end(void **state)
{
	(void)state;
	kf_slot_deinit(&s);
	return 0;
}

static void check_run(uint32_t i, uint64_t first, uint32_t count, enum kf_run_kind kind)
{
	struct kf_run run = kf_run_at(s.runs, i);

	assert_int_equal(run.first, first);
	assert_int_equal(run.count, count);
	assert_int_equal(run.kind, kind);
}

static void neighbours_of_one_kind_are_a_run(void **state)
{
	(void)state;
	kf_slot_append(&s, 10, KF_RUN_DATA, 12);
	kf_slot_append(&s, 11, KF_RUN_DATA, 12);
	kf_slot_append(&s, 12, KF_RUN_ZERO, 12);
	kf_slot_append(&s, 13, KF_RUN_ZERO, 12);
	kf_slot_append(&s, 15, KF_RUN_ZERO, 12);
	kf_slot_append(&s, 16, KF_RUN_DATA, 12);
	assert_int_equal(s.run_count, 4);
	check_run(0, 10, 2, KF_RUN_DATA);
	check_run(1, 12, 2, KF_RUN_ZERO);
	check_run(2, 15, 1, KF_RUN_ZERO);
	check_run(3, 16, 1, KF_RUN_DATA);
	assert_int_equal(s.raw_bytes, 3 * 4096);
	assert_int_equal(s.pages, 6);
	assert_ptr_equal(kf_slot_next(&s), s.raw + 3 * 4096);
	kf_slot_begin_batch(&s);
	assert_int_equal(s.run_count + s.raw_bytes + s.pages, 0);
	kf_slot_append(&s, 17, KF_RUN_DATA, 12);	/* would have touched the run before */
	assert_int_equal(s.run_count, 1);
}

static void room(void **state)
{
	static const struct {
		const char *name;
		enum kf_run_kind kind;
		unsigned int shift;
		uint64_t step;
		uint32_t pages;		/* that fit */
	} rows[] = {
		{ "data", KF_RUN_DATA, 12, 1, KF_SLOT_RAW / 4096 },
		{ "data of 64 KiB", KF_RUN_DATA, 16, 1, KF_SLOT_RAW / 65536 },
		{ "zeros", KF_RUN_ZERO, 12, 1, KF_BATCH_PAGES_MAX },
		{ "zeros apart", KF_RUN_ZERO, 12, 2, KF_SLOT_RUNS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t n = 0;

		kf_slot_begin_batch(&s);
		while (kf_slot_has_room(&s, rows[i].shift))
			kf_slot_append(&s, n++ * rows[i].step, rows[i].kind, rows[i].shift);
		CHECK_EQ(rows[i].name, n, rows[i].pages);
		CHECK(rows[i].name, s.raw_bytes <= KF_SLOT_RAW && s.run_count <= KF_SLOT_RUNS);
	}
}

static void ranges_grow_and_merge(void **state)
{
	struct kf_range_list_builder b = { 0 };
	struct kf_ranges list;

	(void)state;
	assert_true(kf_ranges_add(&b, 1, 2));
	assert_true(kf_ranges_add(&b, 2, 5));
	assert_true(kf_ranges_add(&b, 7, 8));
	assert_int_equal(b.count, 2);
	list = (struct kf_ranges){ b.table, b.count };
	assert_int_equal(kf_range_at(&list, 0).first, 1);
	assert_int_equal(kf_range_at(&list, 0).end, 5);
	assert_int_equal(kf_range_at(&list, 1).end, 8);
	kf_ranges_reset(&b);
	assert_true(kf_ranges_add(&b, 8, 9));	/* would have touched the one before */
	assert_int_equal(b.count, 1);
	assert_int_equal(kf_range_at(&(struct kf_ranges){ b.table, 1 }, 0).first, 8);
	kf_ranges_free(&b);
}

static void ranges_keep_to_their_cap(void **state)
{
	struct kf_range_list_builder b = { 0 };

	(void)state;
	for (uint64_t i = 0; i < KF_LISTED_MAX; i++)
		assert_true(kf_ranges_add(&b, 2 * i, 2 * i + 1));
	assert_false(kf_ranges_add(&b, 1u << 20, (1u << 20) + 1));
	assert_true(kf_ranges_add(&b, 2 * KF_LISTED_MAX - 1, 2 * KF_LISTED_MAX));	/* the last one may still grow */
	assert_int_equal(b.count, KF_LISTED_MAX);
	kf_ranges_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(neighbours_of_one_kind_are_a_run, begin, end),
		cmocka_unit_test_setup_teardown(room, begin, end),
		cmocka_unit_test(ranges_grow_and_merge),
		cmocka_unit_test(ranges_keep_to_their_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
