// SPDX-License-Identifier: GPL-2.0-or-later
// Struct pages that cannot be read: their pages are kept, counted and listed, and nothing else is lost by it.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/filter/scan.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"
#include "tests/unit/image/scene.h"

#define STRETCH 8192u
#define PER_PAGE 64u	/* struct pages in 4 KiB */

static const struct machine_plan small = { .ram = 512ull << 20, .levels = 4, .era = &era_6_12, .small_vmemmap = true };
static const struct machine_plan large = { .ram = 512ull << 20, .levels = 4, .era = &era_6_12 };

static struct scene scene;
static struct opened o;
static bool *lost;	/* for each pfn: its struct page cannot be read */

static void begin(const struct machine_plan *plan)
{
	scene_create(&scene, plan);
	lost = calloc(scene.max_mapnr, sizeof(*lost));
}

static void end(void)
{
	opened_destroy(&o);
	scene_destroy(&scene);
	free(lost);
}

/* Makes the struct pages of [first, end) unreadable: by an entry that is absent, or one that points to no memory. */
static void lose(uint64_t first, uint64_t stop, bool absent)
{
	for (uint64_t pfn = first; pfn < stop; pfn++) {
		if (pfn % PER_PAGE == 0)
			core_put_u64(&scene.m.core, machine_entry(&scene.m, scene.m.vmemmap + pfn * ERA_PAGE_BYTES, 12),
				     absent ? 0 : 0xa0000 | 0x163);
		lost[pfn] = true;
	}
}

/* The scan's verdicts against the scene's, where lost struct pages keep their pages unless a range covers them. */
static void check(const char *name, size_t buffer)
{
	uint64_t undecided = 0, listed = 0;
	struct kf_scan s;
	struct kf_error err;

	CHECK_OK(name, kf_scan_init(&s, &o.kernel, &o.ram, 31, buffer, &err), &err);
	while (kf_scan_next(&s)) {
		uint64_t before = 0;

		for (size_t i = 0; i < s.stretch_count; i++) {
			const struct kf_stretch *st = &s.stretches[i];

			undecided += st->tally.undecided;
			for (uint64_t pfn = st->first; pfn < st->end; pfn++)
				CHECK_EQ(name, kf_bit(s.bitmap, pfn - s.first), scene_at(&scene, pfn, 31) == SCENE_KEPT);
		}
		CHECK_EQ(name, s.stretches[s.stretch_count - 1].undecided, s.undecided_count);
		for (size_t i = 0; i < s.undecided_count; i++) {
			const struct kf_range *r = &s.undecided[i];

			CHECK(name, r->first >= before && r->first >= s.first && r->end <= s.end && r->first < r->end);
			before = r->end;
			listed += r->end - r->first;
			for (uint64_t pfn = r->first; pfn < r->end; pfn++)
				CHECK(name, lost[pfn] && scene_at(&scene, pfn, 31) == SCENE_KEPT);
		}
	}
	CHECK_EQ(name, undecided, listed);
	for (uint64_t pfn = 0; pfn < scene.max_mapnr; pfn++)
		listed -= lost[pfn] && scene.class_of[pfn] == SCENE_KEPT;
	CHECK_EQ(name, listed, 0);
	kf_scan_deinit(&s);
}

static void check_all(const char *name)
{
	static const size_t buffers[] = { 1024, 3 * 1024, 64 * 1024 };

	opened_create(&o, &scene.m);
	assert_true(o.kernel.filters);
	for (size_t i = 0; i < COUNT(buffers); i++)
		check(name, buffers[i]);
	o.vc.needs_pread = true;
	check(name, 1024);
}

static void a_page_of_struct_pages(void **state)
{
	(void)state;
	for (unsigned int absent = 0; absent < 2; absent++) {
		begin(&small);
		lose(0x5000, 0x5000 + PER_PAGE, absent);
		scene_anon(&scene, 0x5000 - 3, 3);
		scene_cache(&scene, 0x5000 + PER_PAGE, 2);
		check_all(absent ? "absent" : "no memory there");
		end();
	}
}

static void every_other_page_of_them(void **state)
{
	(void)state;
	begin(&small);
	for (uint64_t pfn = 2 * STRETCH; pfn < 4 * STRETCH; pfn += 2 * PER_PAGE) {
		lose(pfn, pfn + PER_PAGE, false);
		scene_anon(&scene, pfn + PER_PAGE, 1);
		scene_free_block(&scene, pfn + PER_PAGE + 4, 2);
	}
	check_all("every other one");
	end();
}

/* What a readable head excludes is not examined, so it does not matter that it could not be. */
static void inside_of_an_excluded_range(void **state)
{
	(void)state;
	begin(&small);
	scene_huge(&scene, 6 * STRETCH, 9);
	lose(6 * STRETCH + PER_PAGE, 6 * STRETCH + 512 + PER_PAGE, false);
	scene_free_block(&scene, 8 * STRETCH - 4, 10);
	lose(8 * STRETCH, 8 * STRETCH + 2 * PER_PAGE, false);
	/* The rest of what is lost is kept: behind the huge page, and nothing behind the block. */
	check_all("inside");
	end();
}

/* Pages that are no RAM are not counted, whatever became of their struct pages. */
static void around_a_hole(void **state)
{
	(void)state;
	begin(&small);
	lose(0, 4 * PER_PAGE, true);
	lose(4 * PER_PAGE, 5 * PER_PAGE, true);
	check_all("hole");
	end();
}

static void a_whole_section(void **state)
{
	(void)state;
	begin(&small);
	lose(MACHINE_SECTION / 4096, 2 * MACHINE_SECTION / 4096, true);
	scene_anon(&scene, MACHINE_SECTION / 4096 - 1, 1);
	check_all("section");
	end();
}

/* The file was cut in the middle of the struct pages after it was opened: SIGBUS where whole blocks are mapped. */
static void cut_after_opening(void **state)
{
	static const struct machine_plan *const plans[] = { &small, &large };
	uint64_t cut = 5 * STRETCH + 100 * PER_PAGE;	/* first struct page that is lost */
	struct kf_error err;

	(void)state;
	CHECK_OK("guard", kf_guard_install(&err), &err);
	for (size_t i = 0; i < COUNT(plans); i++) {
		const struct core *core = &scene.m.core;

		begin(plans[i]);
		scene_anon(&scene, cut - 2, 2);
		opened_create(&o, &scene.m);
		assert_int_equal(ftruncate(core->fd, (off_t)(core->segments[2].offset + scene.m.section_pages[0] +
							      cut * ERA_PAGE_BYTES - MACHINE_HIGH)), 0);
		for (uint64_t pfn = cut; pfn < scene.max_mapnr; pfn++)
			lost[pfn] = true;
		check("cut", 1024);
		check("cut", 64 * 1024);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_of_struct_pages),
		cmocka_unit_test(every_other_page_of_them),
		cmocka_unit_test(inside_of_an_excluded_range),
		cmocka_unit_test(around_a_hole),
		cmocka_unit_test(a_whole_section),
		cmocka_unit_test(cut_after_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
