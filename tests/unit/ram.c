// SPDX-License-Identifier: GPL-2.0-or-later
// Which pfns are RAM, have data, may be examined: from PT_LOADs that overlap, end inside a page, or have no bytes.
#include "tests/unit/unit.h"

#include "common/bitmap.h"
#include "sender/vmcore/ram.h"

#define SEGMENT(p, mem, file) { .paddr = (p), .memsz = (mem), .filesz = (file) }

struct wanted {
	size_t count;
	struct kf_range ranges[3];
};

static const struct row {
	const char *name;
	struct kf_segment segments[3];
	size_t segment_count;
	struct wanted ram, data, examined;
	uint64_t max_mapnr;
} rows[] = {
	{ "whole pages", { SEGMENT(0x1000, 0x3000, 0x3000) }, 1, { 1, { { 1, 4 } } }, { 1, { { 1, 4 } } }, { 1, { { 1, 4 } } }, 4 },
	{ "ends inside a page", { SEGMENT(0x1000, 0x9ec00, 0x9ec00) }, 1, { 1, { { 1, 0xa0 } } }, { 1, { { 1, 0xa0 } } },
	  { 1, { { 1, 0xa0 } } }, 0xa0 },
	{ "begins inside a page", { SEGMENT(0x1800, 0x2800, 0x2800) }, 1, { 1, { { 1, 4 } } }, { 1, { { 1, 4 } } },
	  { 1, { { 2, 4 } } }, 4 },
	{ "all inside one page", { SEGMENT(0x1400, 0x400, 0x400) }, 1, { 1, { { 1, 2 } } }, { 1, { { 1, 2 } } }, { 0, { { 0, 0 } } }, 2 },
	{ "no bytes in the file", { SEGMENT(0x1000, 0x3000, 0) }, 1, { 1, { { 1, 4 } } }, { 0, { { 0, 0 } } }, { 0, { { 0, 0 } } }, 4 },
	{ "fewer bytes than memory", { SEGMENT(0x1000, 0x4000, 0x1800) }, 1, { 1, { { 1, 5 } } }, { 1, { { 1, 3 } } },
	  { 1, { { 1, 3 } } }, 5 },
	{ "two halves of one page", { SEGMENT(0x1000, 0x1800, 0x1800), SEGMENT(0x2800, 0x1800, 0x1800) }, 2,
	  { 1, { { 1, 4 } } }, { 1, { { 1, 4 } } }, { 1, { { 1, 4 } } }, 4 },
	{ "the image twice", { SEGMENT(0x2000, 0x1000, 0x1000), SEGMENT(0x1000, 0x5000, 0x5000) }, 2,
	  { 1, { { 1, 6 } } }, { 1, { { 1, 6 } } }, { 1, { { 1, 6 } } }, 6 },
	{ "out of order, with a hole", { SEGMENT(0x8000, 0x1000, 0x1000), SEGMENT(0x1000, 0x1000, 0x1000) }, 2,
	  { 2, { { 1, 2 }, { 8, 9 } } }, { 2, { { 1, 2 }, { 8, 9 } } }, { 2, { { 1, 2 }, { 8, 9 } } }, 9 },
	{ "touching", { SEGMENT(0x1000, 0x1000, 0x1000), SEGMENT(0x2000, 0x1000, 0x1000) }, 2,
	  { 1, { { 1, 3 } } }, { 1, { { 1, 3 } } }, { 1, { { 1, 3 } } }, 3 },
	{ "one of no length counts for the end only", { SEGMENT(0x1000, 0x1000, 0x1000), SEGMENT(0x9000, 0, 0) }, 2,
	  { 1, { { 1, 2 } } }, { 1, { { 1, 2 } } }, { 1, { { 1, 2 } } }, 9 },
	{ "bytes in one of two that overlap", { SEGMENT(0x1000, 0x4000, 0), SEGMENT(0x2000, 0x1000, 0x1000) }, 2,
	  { 1, { { 1, 5 } } }, { 1, { { 2, 3 } } }, { 1, { { 2, 3 } } }, 5 },
};

static void check_set(const char *name, const char *which, const struct kf_range_set *set, const struct wanted *wanted)
{
	char story[128];

	snprintf(story, sizeof(story), "%s, %s", name, which);
	CHECK_EQ(story, set->count, wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		CHECK_EQ(story, set->ranges[i].first, wanted->ranges[i].first);
		CHECK_EQ(story, set->ranges[i].end, wanted->ranges[i].end);
	}
}

static void every_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct row row = rows[i];
		struct kf_vmcore vc = { .segments = row.segments, .segment_count = row.segment_count };
		struct kf_ram ram;
		struct kf_error err;

		CHECK_OK(row.name, kf_ram_init(&ram, &vc, 12, &err), &err);
		check_set(row.name, "RAM", &ram.ram, &row.ram);
		check_set(row.name, "data", &ram.data, &row.data);
		check_set(row.name, "examined", &ram.examined, &row.examined);
		CHECK_EQ(row.name, ram.max_mapnr, row.max_mapnr);
		kf_ram_deinit(&ram);
	}
}

static struct kf_range three[] = { { 2, 5 }, { 8, 9 }, { 64, 200 } };
static const struct kf_range_set set = { three, 3 };

static bool naive_has(uint64_t pfn)
{
	return (pfn >= 2 && pfn < 5) || pfn == 8 || (pfn >= 64 && pfn < 200);
}

static void questions_about_a_set(void **state)
{
	(void)state;
	for (uint64_t first = 0; first < 210; first++) {
		const struct kf_range *r = kf_range_at_or_after(&set, first);
		uint64_t pages = 0;

		assert_true(first < 200 ? r && r->end > first && (r == three || r[-1].end <= first) : !r);
		for (uint64_t end = first; end < 210; end++) {
			assert_int_equal(kf_range_set_pages(&set, first, end), pages);
			pages += naive_has(end);
		}
	}
}

static void bits_of_a_set(void **state)
{
	(void)state;
	for (uint64_t first = 0; first < 130; first += 64)
		for (uint64_t end = first; end < 210; end++) {
			uint64_t map[4] = { 0 };

			kf_range_set_fill(&set, map, first, end);
			for (uint64_t pfn = first; pfn < first + 256; pfn++)
				assert_int_equal(kf_bit(map, pfn - first), pfn < end && naive_has(pfn));
		}
}

static void clipping(void **state)
{
	static const struct {
		uint64_t to, max_mapnr;
		struct wanted ram;
	} clips[] = {
		{ 300, 200, { 3, { { 2, 5 }, { 8, 9 }, { 64, 200 } } } },
		{ 200, 200, { 3, { { 2, 5 }, { 8, 9 }, { 64, 200 } } } },
		{ 100, 100, { 3, { { 2, 5 }, { 8, 9 }, { 64, 100 } } } },
		{ 64, 64, { 2, { { 2, 5 }, { 8, 9 } } } },
		{ 4, 4, { 1, { { 2, 4 } } } },
		{ 1, 1, { 0, { { 0, 0 } } } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(clips); i++) {
		struct kf_segment segments[] = {
			SEGMENT(0x2000, 0x3000, 0x3000), SEGMENT(0x8000, 0x1000, 0x1000), SEGMENT(0x40000, 0x88000, 0x88000),
		};
		struct kf_vmcore vc = { .segments = segments, .segment_count = 3 };
		struct kf_ram ram;
		struct kf_error err;

		CHECK_OK("ram", kf_ram_init(&ram, &vc, 12, &err), &err);
		kf_ram_clip(&ram, clips[i].to);
		assert_int_equal(ram.max_mapnr, clips[i].max_mapnr);
		check_set("clipped", "RAM", &ram.ram, &clips[i].ram);
		check_set("clipped", "data", &ram.data, &clips[i].ram);
		check_set("clipped", "examined", &ram.examined, &clips[i].ram);
		kf_ram_deinit(&ram);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(questions_about_a_set),
		cmocka_unit_test(bits_of_a_set),
		cmocka_unit_test(clipping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
