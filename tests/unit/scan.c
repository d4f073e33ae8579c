// SPDX-License-Identifier: GPL-2.0-or-later
// The scan: the same verdicts, counts and carries whatever the window's size, at every level, in place or copied.
#include "tests/unit/unit.h"

#include "sender/filter/scan.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"
#include "tests/unit/image/scene.h"

#define STRETCH KF_STRETCH_PFNS

static struct scene scene;
static struct opened o;

struct totals {
	struct kf_tally tally;
	uint64_t crossings, windows;
};

static void check_stretch(const char *name, const struct kf_scan *s, const struct kf_stretch *st)
{
	uint64_t pages[KF_CLASSES] = { 0 };

	for (uint64_t pfn = st->first; pfn < st->end; pfn++) {
		enum scene_class wanted = scene_at(&scene, pfn, s->level);

		if (kf_bit(s->bitmap, pfn - s->first) != (wanted == SCENE_KEPT))
			fail_msg("%s: pfn 0x%" PRIx64 " kept %d, wanted class %d", name, pfn, kf_bit(s->bitmap, pfn - s->first), wanted);
		if (wanted != SCENE_HOLE)
			pages[wanted]++;
	}
	for (int i = 0; i < KF_CLASSES; i++)
		CHECK_EQ(name, st->tally.pages[i], pages[i]);
	CHECK_EQ(name, st->tally.undecided, 0);
}

/* Windows follow each other without a gap, and each is entered with what the one before was left with. */
static struct totals check_scan(const char *name, unsigned int level, size_t buffer)
{
	struct totals t = { 0 };
	struct kf_carry carry = { 0 };
	struct kf_scan s;
	struct kf_error err;
	uint64_t next = 0;

	CHECK_OK(name, kf_scan_init(&s, &o.kernel, &o.ram, level, buffer, &err), &err);
	while (kf_scan_next(&s)) {
		CHECK_EQ(name, s.first, next);
		CHECK(name, s.stretch_count <= s.stretch_max);
		for (size_t i = 0; i < s.stretch_count; i++) {
			const struct kf_stretch *st = &s.stretches[i];

			CHECK_EQ(name, st->first, next);
			CHECK(name, st->end == st->first + STRETCH || st->end == scene.max_mapnr);
			CHECK_EQ(name, st->in.end, carry.end);
			CHECK_EQ(name, st->in.why, carry.why);
			CHECK(name, !st->out.end || st->out.end > st->end);
			check_stretch(name, &s, st);
			kf_tally_add(&t.tally, &st->tally);
			carry = st->out;
			next = st->end;
		}
		CHECK_EQ(name, s.end, next);
		for (uint64_t bit = s.end - s.first; bit < s.stretch_max * STRETCH; bit++)
			CHECK(name, !kf_bit(s.bitmap, bit));
		t.windows++;
	}
	CHECK_EQ(name, next, scene.max_mapnr);
	CHECK_EQ(name, carry.end, 0);
	t.crossings = s.crossings;
	kf_scan_deinit(&s);
	return t;
}

static const struct machine_plan plans[] = {
	{ .ram = (2ull << 30) + (40ull << 20) + 0x5000, .levels = 4, .era = &era_6_1 },
	{ .ram = (2ull << 30) + (1ull << 20), .levels = 5, .era = &era_6_12 },
	{ .ram = (512ull << 20), .levels = 4, .era = &era_6_12, .small_vmemmap = true },
	{ .ram = (300ull << 20) + 0x1000, .levels = 4, .era = &era_6_7, .plain_sparse = true },
	{ .ram = (300ull << 20) + 0x3000, .levels = 4, .era = &era_3_18, .model = MACHINE_FLATMEM },
	{ .ram = (260ull << 20) + 0x1000, .levels = 4, .era = &era_4_3, .model = MACHINE_FLATMEM, .small_vmemmap = true },
	/* Nodes that begin and end anywhere, without gaps, and not in order. */
	{ .ram = (300ull << 20) + 0x3000, .levels = 4, .era = &era_4_9, .model = MACHINE_DISCONTIGMEM, .node_count = 5,
	  .nodes = { { 0xa123, 0xc205 }, { 0, 0x96 }, { 0xc205, 0xfffff }, { 0, 0 }, { 0x96, 0xa123 } } },
};

static void windows_of_every_size(void **state)
{
	static const size_t buffers[] = { 0, 1, 128, 384, 1024, 2048, 3 * 1024, 5 * 1024, 64 * 1024, 4 << 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++) {
		struct totals first = { 0 };

		scene_create(&scene, &plans[i]);
		scene_fill(&scene);
		opened_create(&o, &scene.m);
		assert_true(o.kernel.filters);
		for (size_t b = 0; b < COUNT(buffers); b++) {
			struct totals t;
			char name[96];

			snprintf(name, sizeof(name), "plan %zu, buffer of %zu bytes", i, buffers[b]);
			t = check_scan(name, 31, buffers[b]);
			if (b == 0)
				first = t;
			CHECK(name, memcmp(&t.tally, &first.tally, sizeof(t.tally)) == 0);
			CHECK_EQ(name, t.windows == 1, buffers[b] / 128 * STRETCH >= scene.max_mapnr);
			/* The two blocks, each edge inside the huge page, and the last block if there is an edge in it. */
			if (buffers[b] <= 1024) {
				uint64_t window = buffers[b] < 1024 ? STRETCH : 8 * STRETCH;
				bool last = (scene.max_mapnr - 3) / window != (scene.max_mapnr - 1) / window;

				if (buffers[b] == 384)
					continue;
				CHECK_EQ(name, t.crossings, 2 + last + (scene.max_mapnr >= 2ull << 18 ? (1ull << 18) / window - 1 : 0));
			}
			if (t.windows == 1)
				CHECK_EQ(name, t.crossings, 0);
		}
		opened_destroy(&o);
		scene_destroy(&scene);
	}
}

static void every_level(void **state)
{
	(void)state;
	for (size_t i = 2; i < COUNT(plans); i++) {
		scene_create(&scene, &plans[i]);
		scene_fill(&scene);
		opened_create(&o, &scene.m);
		for (unsigned int level = 0; level < 32; level++) {
			char name[64];

			snprintf(name, sizeof(name), "plan %zu, level %u", i, level);
			check_scan(name, level, 3 * 1024);
		}
		opened_destroy(&o);
		scene_destroy(&scene);
	}
}

static void without_mapping(void **state)
{
	(void)state;
	for (size_t i = 2; i < COUNT(plans); i++) {
		scene_create(&scene, &plans[i]);
		scene_fill(&scene);
		opened_create(&o, &scene.m);
		o.vc.needs_pread = true;
		check_scan("by pread", 31, 64 * 1024);
		opened_destroy(&o);
		scene_destroy(&scene);
	}
}

/* Nothing is understood, or nothing is asked for: all of RAM is kept, and holes are not. */
static void nothing_judged(void **state)
{
	struct totals t;

	(void)state;
	scene_create(&scene, &plans[2]);
	opened_create(&o, &scene.m);
	o.kernel.filters = false;
	t = check_scan("not understood", 31, 1024);
	assert_int_equal(t.tally.pages[KF_KEPT], kf_range_set_pages(&o.ram.ram, 0, scene.max_mapnr));
	opened_destroy(&o);
	scene_destroy(&scene);
}

/* Entered at any stretch with the carry that is left there, a scan makes what an uninterrupted one makes. */
static void goes_on_anywhere(void **state)
{
	(void)state;
	scene_create(&scene, &plans[0]);
	scene_fill(&scene);
	opened_create(&o, &scene.m);
	for (uint64_t step = 0; step < 2; step++) {
		struct kf_scan whole, again;
		struct kf_error err;
		uint64_t carried = 0;

		CHECK_OK("whole", kf_scan_init(&whole, &o.kernel, &o.ram, 31, 128, &err), &err);
		CHECK_OK("again", kf_scan_init(&again, &o.kernel, &o.ram, 31, step ? 1024 : 128, &err), &err);
		while (kf_scan_next(&whole)) {
			const struct kf_stretch *a = &whole.stretches[0], *b = &again.stretches[0];

			kf_scan_go_on(&again, a->first, &a->in);
			assert_true(kf_scan_next(&again));
			CHECK_EQ("first", b->first, a->first);
			CHECK_EQ("end", b->end, a->end);
			CHECK_EQ("out", b->out.end, a->out.end);
			CHECK_EQ("why", b->out.why, a->out.why);
			assert_memory_equal(&a->tally, &b->tally, sizeof(a->tally));
			assert_memory_equal(whole.bitmap, again.bitmap, 128);
			carried += a->in.end != 0;
		}
		assert_true(carried > 255);
		kf_scan_deinit(&whole);
		kf_scan_deinit(&again);
	}
	opened_destroy(&o);
	scene_destroy(&scene);
}

/* A section without struct pages is kept whole, and what is excluded before it may run into it. */
static void a_section_without_struct_pages(void **state)
{
	uint64_t section = MACHINE_SECTION / 4096, array;

	(void)state;
	scene_create(&scene, &plans[2]);
	scene_cache(&scene, section + 5, 1);
	array = core_get_u64(&scene.m.core, scene.m.sections - MACHINE_KERNEL_VA + MACHINE_KERNEL) - scene.m.direct;
	core_put_u64(&scene.m.core, array + 16, 0);
	scene.class_of[section + 5] = SCENE_KEPT;
	scene_free_block(&scene, section - 4, 3);
	opened_create(&o, &scene.m);
	check_scan("no struct pages", 31, 1024);
	opened_destroy(&o);
	scene_destroy(&scene);
}

/* Memory of which the file has no bytes: counted by itself, never kept, and not examined. */
static void memory_without_data(void **state)
{
	struct core_segment *high;
	struct kf_scan s;
	struct kf_error err;
	uint64_t nodata = 0, kept = 0;

	(void)state;
	scene_create(&scene, &plans[2]);
	high = &scene.m.core.segments[2];
	high->filesz -= 0x5800;		/* half a page, and five whole ones */
	scene_cache(&scene, scene.max_mapnr - 3, 1);
	opened_create(&o, &scene.m);
	CHECK_OK("scan", kf_scan_init(&s, &o.kernel, &o.ram, 31, 1024, &err), &err);
	while (kf_scan_next(&s))
		for (size_t i = 0; i < s.stretch_count; i++) {
			nodata += s.stretches[i].tally.pages[KF_NODATA];
			kept += s.stretches[i].tally.pages[KF_KEPT];
			for (uint64_t pfn = s.stretches[i].first; pfn < s.stretches[i].end; pfn++)
				if (pfn >= scene.max_mapnr - 5)
					assert_false(kf_bit(s.bitmap, pfn - s.first));
				else if (scene.class_of[pfn] == SCENE_KEPT)
					assert_true(kf_bit(s.bitmap, pfn - s.first));
		}
	assert_int_equal(nodata, 5);
	assert_int_equal(kept + nodata, kf_range_set_pages(&o.ram.ram, 0, scene.max_mapnr));
	kf_scan_deinit(&s);
	opened_destroy(&o);
	scene_destroy(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_of_every_size),
		cmocka_unit_test(every_level),
		cmocka_unit_test(without_mapping),
		cmocka_unit_test(nothing_judged),
		cmocka_unit_test(goes_on_anywhere),
		cmocka_unit_test(a_section_without_struct_pages),
		cmocka_unit_test(memory_without_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
