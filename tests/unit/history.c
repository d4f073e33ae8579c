// SPDX-License-Identifier: GPL-2.0-or-later
// Where a dump may go on: the ends of windows from the newest durable one on, each with its carry, and nothing else.
#include "tests/unit/unit.h"

#include "sender/dump/history.h"

static struct kf_history h;
static const struct kf_carry none;

static void add(uint64_t pfn, uint64_t carry, bool vital)
{
	struct kf_history_point p = { .pfn = pfn, .carry = { carry, carry ? KF_USER : 0 }, .vital = vital, .windows = pfn / 1024 };

	assert_true(kf_history_has_room(&h, 1));
	kf_history_add(&h, &p);
}

static const struct kf_history_point *find(uint64_t pfn, uint64_t carry, bool vital)
{
	struct kf_carry c = { carry, carry ? KF_USER : 0 };

	return kf_history_find(&h, pfn, &c, vital);
}

/* The vital pages, and windows to 8192; one is left with a carry. */
static void begin(void)
{
	struct kf_error err;

	CHECK_OK("init", kf_history_init(&h, &err), &err);
	add(0, 0, true);
	for (uint64_t pfn = 1024; pfn <= 8192; pfn += 1024)
		add(pfn, pfn == 4096 ? 9000 : 0, true);
}

static void what_a_receiver_may_name(void **state)
{
	struct kf_carry other = { 9000, KF_CACHE };

	(void)state;
	begin();
	assert_non_null(find(0, 0, false));
	assert_non_null(find(0, 0, true));
	assert_true(find(0, 0, false) != find(0, 0, true));
	assert_int_equal(find(3072, 0, true)->windows, 3);
	assert_int_equal(find(4096, 9000, true)->windows, 4);
	assert_null(find(4096, 0, true));	/* without its carry */
	assert_null(find(4096, 9001, true));
	assert_null(kf_history_find(&h, 4096, &other, true));
	assert_null(find(3072, 9000, true));	/* with one that it does not have */
	assert_null(find(3072, 0, false));	/* windows, but not the vital pages before them */
	assert_null(find(3073, 0, true));
	assert_null(find(512, 0, true));
	assert_null(find(9216, 0, true));
	assert_null(find(KF_PFN_MAX, 0, true));
	kf_history_deinit(&h);
}

static void durable_is_forgotten(void **state)
{
	(void)state;
	begin();
	kf_history_durable(&h, 0, false);	/* the intro */
	assert_non_null(find(0, 0, false));
	kf_history_durable(&h, 0, true);
	assert_null(find(0, 0, false));
	assert_non_null(find(0, 0, true));
	kf_history_durable(&h, 5000, true);	/* inside a window: the end before it */
	assert_null(find(3072, 0, true));
	assert_non_null(find(4096, 9000, true));
	assert_int_equal(h.count, 5);
	kf_history_durable(&h, 2048, true);	/* an older word changes nothing */
	assert_int_equal(h.count, 5);
	kf_history_durable(&h, 1 << 20, true);	/* more than we sent: the last end stays */
	assert_non_null(find(8192, 0, true));
	assert_int_equal(h.count, 1);
	kf_history_deinit(&h);
}

static void rewound(void **state)
{
	(void)state;
	begin();
	kf_history_rewind(&h, find(4096, 9000, true));
	assert_null(find(5120, 0, true));
	assert_non_null(find(4096, 9000, true));
	add(6144, 0, true);
	assert_int_equal(h.count, 7);
	kf_history_rewind(&h, find(0, 0, false));
	assert_int_equal(h.count, 1);
	kf_history_reset(&h);
	assert_int_equal(h.count, 1);
	assert_non_null(kf_history_find(&h, 0, &none, false));
	kf_history_deinit(&h);
}

/* Round the ring many times, with as much on its way as there is room for. */
static void the_ring(void **state)
{
	struct kf_error err;
	uint64_t pfn = 0;

	(void)state;
	CHECK_OK("init", kf_history_init(&h, &err), &err);
	while (pfn < 5ull * KF_HISTORY_MAX * 1024) {
		while (kf_history_has_room(&h, 1))
			add(pfn += 1024, 0, false);
		assert_false(kf_history_has_room(&h, 1));
		assert_int_equal(h.count, KF_HISTORY_MAX);
		assert_int_equal(find(pfn, 0, false)->windows, pfn / 1024);
		kf_history_durable(&h, pfn - 700 * 1024, false);
		assert_int_equal(h.count, 701);
		assert_true(kf_history_has_room(&h, KF_HISTORY_MAX - 701));
		assert_int_equal(find(pfn - 700 * 1024, 0, false)->windows, pfn / 1024 - 700);
		assert_null(find(pfn - 701 * 1024, 0, false));
	}
	kf_history_deinit(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_receiver_may_name),
		cmocka_unit_test(durable_is_forgotten),
		cmocka_unit_test(rewound),
		cmocka_unit_test(the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
