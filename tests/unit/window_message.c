// SPDX-License-Identifier: GPL-2.0-or-later
// The WINDOW message: from stretches of bits to verdicts that decode to the same bits, in the worst patterns too.
#include "tests/unit/unit.h"

#include "sender/dump/window.h"

#define STRETCH KF_STRETCH_PFNS

static uint64_t map[STRETCH / 64];
static struct kf_stretch stretch;
static struct kf_scan scan = { .bitmap = map, .stretches = &stretch, .stretch_count = 1 };
static uint8_t payload[1 << 21];

enum pattern { NONE, ALL, EVEN, ODD, NOISE, FIRST, LAST, PATTERNS };

static bool kept(enum pattern p, uint64_t pfn)
{
	uint64_t seed = pfn;

	switch (p) {
	case ALL:
		return true;
	case EVEN:
		return pfn % 2 == 0;
	case ODD:
		return pfn % 2 == 1;
	case NOISE:
		return next_random(&seed) % 3 == 0;
	case FIRST:
		return pfn % STRETCH == 0;
	case LAST:
		return pfn % STRETCH == STRETCH - 1;
	default:
		return false;
	}
}

static void make_stretch(enum pattern p, uint64_t first, uint64_t end)
{
	stretch = (struct kf_stretch){ .first = first, .end = end };
	memset(map, 0, sizeof(map));
	for (uint64_t pfn = first; pfn < end; pfn++)
		if (kept(p, pfn))
			kf_bitmap_set(map, pfn - first, pfn - first + 1);
	scan.first = first;
	scan.end = end;
	stretch.tally.pages[KF_KEPT] = kf_bitmap_count(map, 0, end - first);
	stretch.tally.pages[KF_FREE] = end - first - stretch.tally.pages[KF_KEPT];
}

/* The message as the receiver will read it. */
static void check_message(const char *name, struct kf_window_builder *b, enum pattern p, uint64_t first, uint64_t end)
{
	struct kf_pages none = { .zero = 0 };
	struct kf_message m, back;
	struct kf_writer w = kf_writer_on(payload, sizeof(payload));
	struct kf_reader runs;
	struct kf_range range;
	struct kf_error err;
	uint64_t pfn = first, walked = first;

	kf_window_message(b, &none, &m);
	kf_encode(&w, &m);
	CHECK(name, !w.failed && kf_written(&w) <= kf_payload_max(KF_MSG_WINDOW));
	CHECK_OK(name, kf_decode(&back, KF_MSG_WINDOW, payload, kf_written(&w), &err), &err);
	CHECK_EQ(name, back.window.first, first);
	CHECK_EQ(name, back.window.end, end);
	runs = kf_reader_on(back.window.runs, back.window.runs_bytes);
	while (kf_verdict_next(&runs, &pfn, &range)) {
		for (; walked < range.first; walked++)
			CHECK(name, !kept(p, walked));
		for (; walked < range.end; walked++)
			CHECK(name, kept(p, walked));
	}
	for (; walked < end; walked++)
		CHECK(name, !kept(p, walked));
}

/* As many stretches as fit, then the message, and again; the builder is one for all. */
static void every_pattern(void **state)
{
	struct kf_window_builder b;
	struct kf_error err;
	uint64_t at = 0, windows = 0;

	(void)state;
	CHECK_OK("builder", kf_window_init(&b, &err), &err);
	for (unsigned int round = 0; round < 3; round++)
		for (int p = 0; p < PATTERNS; p++) {
			uint64_t first = at;
			char name[48];
			unsigned int n = 0;

			snprintf(name, sizeof(name), "pattern %d, round %u", p, round);
			do {
				make_stretch((enum pattern)p, at, at + STRETCH);
				CHECK_OK(name, kf_window_add(&b, &scan, 0, &err), &err);
				at += STRETCH;
			} while (!kf_window_is_full(&b) && ++n < 100);
			check_message(name, &b, (enum pattern)p, first, at);
			CHECK_EQ(name, b.windows, ++windows);
		}
	kf_window_deinit(&b);
}

/* A window of free memory only must end too, so that the receiver hears of progress. */
static void windows_have_an_end(void **state)
{
	struct kf_window_builder b;
	struct kf_error err;
	uint64_t at = 0;

	(void)state;
	CHECK_OK("builder", kf_window_init(&b, &err), &err);
	do {
		make_stretch(NONE, at, at + STRETCH);
		CHECK_OK("add", kf_window_add(&b, &scan, 0, &err), &err);
		at += STRETCH;
	} while (!kf_window_is_full(&b) && at < (1ull << 26));
	assert_true(at < (1ull << 26));
	kf_window_deinit(&b);
}

static void the_last_stretch_is_shorter(void **state)
{
	(void)state;
	for (uint64_t len = 1; len < 130; len += 3)
		for (int p = 0; p < PATTERNS; p++) {
			struct kf_window_builder b;
			struct kf_error err;

			CHECK_OK("builder", kf_window_init(&b, &err), &err);
			make_stretch((enum pattern)p, 0, len);
			CHECK_OK("add", kf_window_add(&b, &scan, 0, &err), &err);
			check_message("short", &b, (enum pattern)p, 0, len);
			kf_window_deinit(&b);
		}
}

static void carries_tallies_and_lists(void **state)
{
	struct kf_range undecided[] = { { 100, 200 }, { 200, 300 }, { STRETCH + 5, STRETCH + 6 } };
	struct kf_pages pages = { .zero = 7, .unreadable_pages = 2 };
	struct kf_stretch two[2];
	static uint64_t two_maps[2 * STRETCH / 64];
	struct kf_scan both = { .bitmap = two_maps, .stretches = two, .stretch_count = 2, .undecided = undecided, .end = 2 * STRETCH };
	struct kf_window_builder b;
	struct kf_message m;
	struct kf_error err;
	struct kf_sum128 sum = { 0 };

	(void)state;
	memset(two_maps, 0xff, sizeof(two_maps));
	for (unsigned int i = 0; i < 2; i++) {
		two[i] = (struct kf_stretch){ .first = i * STRETCH, .end = (i + 1) * STRETCH, .undecided = i ? 3 : 2 };
		two[i].tally.pages[KF_KEPT] = STRETCH;
		two[i].tally.undecided = i ? 1 : 200;
	}
	two[0].in = (struct kf_carry){ 50, KF_FREE };
	two[0].out = two[1].in = (struct kf_carry){ STRETCH + 9, KF_USER };
	two[1].out = (struct kf_carry){ 2 * STRETCH + 1, KF_CACHE };
	CHECK_OK("builder", kf_window_init(&b, &err), &err);
	CHECK_OK("add", kf_window_add(&b, &both, 0, &err), &err);
	CHECK_OK("add", kf_window_add(&b, &both, 1, &err), &err);
	assert_true(kf_ranges_add(&pages.unreadable, 3, 5));
	kf_window_message(&b, &pages, &m);
	assert_int_equal(m.window.in.end, 50);
	assert_int_equal(m.window.in.why, KF_FREE);
	assert_int_equal(m.window.out.end, 2 * STRETCH + 1);
	assert_int_equal(m.window.out.why, KF_CACHE);
	assert_int_equal(m.window.tally.pages[KF_KEPT], 2 * STRETCH);
	assert_int_equal(m.window.tally.undecided, 201);
	assert_int_equal(m.window.tally.zero, 7);
	assert_int_equal(m.window.tally.unreadable, 2);
	assert_int_equal(m.window.unreadable.count, 1);
	assert_int_equal(m.window.undecided.count, 2);
	assert_int_equal(kf_range_at(&m.window.undecided, 0).end, 300);
	kf_sum_verdicts(&sum, 0, two_maps, COUNT(two_maps));
	assert_true(sum.low == b.verdicts.low && sum.high == b.verdicts.high);
	assert_int_equal(b.total.zero, 7);
	kf_ranges_free(&pages.unreadable);
	kf_window_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pattern),
		cmocka_unit_test(windows_have_an_end),
		cmocka_unit_test(the_last_stretch_is_shorter),
		cmocka_unit_test(carries_tallies_and_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
