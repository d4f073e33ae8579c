// SPDX-License-Identifier: GPL-2.0-or-later
// SPARSEMEM: by roots, in one array, through a pointer; sections that are absent or damaged; where memory ends.
#include "tests/unit/unit.h"

#include "sender/filter/scan.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"

#define SECTION_PFNS (MACHINE_SECTION / 4096)

static const struct machine_plan extreme = { .ram = 512ull << 20, .levels = 4, .era = &era_6_1 };
static const struct machine_plan plain = { .ram = 512ull << 20, .levels = 4, .era = &era_6_1, .plain_sparse = true };
static const struct machine_plan five = { .ram = 512ull << 20, .levels = 5, .era = &era_6_12 };

static struct machine m;
static struct opened o;

/* Physical address of section S's entry. */
static uint64_t entry_of(const struct machine *machine, size_t s)
{
	uint64_t array = machine->sections - MACHINE_KERNEL_VA + MACHINE_KERNEL;

	if (!machine->plan.plain_sparse)
		array = core_get_u64(&machine->core, array) - machine->direct;
	return array + 16 * s;
}

static void check_all_sections(const char *name)
{
	CHECK(name, o.kernel.filters);
	for (uint64_t s = 0; s < 4; s++)
		for (uint64_t pfn = s * SECTION_PFNS; pfn < (s + 1) * SECTION_PFNS; pfn += 5000) {
			struct kf_memmap_range r;

			kf_memmap_find(&o.kernel.memmap, pfn, &r);
			CHECK(name, r.has);
			CHECK_EQ(name, r.first, s * SECTION_PFNS);
			CHECK_EQ(name, r.end, (s + 1) * SECTION_PFNS);
			CHECK_EQ(name, r.va, m.vmemmap + r.first * ERA_PAGE_BYTES);
		}
	CHECK_EQ(name, kf_memmap_end(&o.kernel.memmap), 4 * SECTION_PFNS);
}

static void every_shape(void **state)
{
	static const struct {
		const char *name;
		const struct machine_plan *plan;
	} rows[] = { { "by roots", &extreme }, { "one array", &plain }, { "by roots, 5 levels", &five } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, rows[i].plan);
		opened_create(&o, &m);
		check_all_sections(rows[i].name);
		assert_string_equal(o.kernel.memmap.model->name, "SPARSEMEM");
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* A vmlinux of 4.15 and later has a pointer to the array where VMCOREINFO has the array. */
static void through_a_pointer(void **state)
{
	uint64_t at;

	(void)state;
	machine_create(&m, &extreme);
	at = machine_take(&m, 8, 8);
	core_put_u64(&m.core, at, m.sections);
	machine_key(&m, "SYMBOL(mem_section)", "%" PRIx64, machine_kernel_va(at));
	opened_create(&o, &m);
	check_all_sections("pointer");
	opened_destroy(&o);
	machine_destroy(&m);
}

static void without_a_length(void **state)
{
	(void)state;
	machine_create(&m, &extreme);
	machine_drop_key(&m, "LENGTH(mem_section)");
	opened_create(&o, &m);
	check_all_sections("no LENGTH(mem_section)");
	opened_destroy(&o);
	machine_destroy(&m);
}

static void sizes_that_are_not_exported(void **state)
{
	(void)state;
	machine_create(&m, &extreme);
	machine_drop_key(&m, "NUMBER(SECTION_SIZE_BITS)");
	machine_drop_key(&m, "NUMBER(MAX_PHYSMEM_BITS)");
	opened_create(&o, &m);
	check_all_sections("defaults");
	opened_destroy(&o);
	machine_destroy(&m);
}

static void a_section_that_is_not_there(void **state)
{
	struct kf_memmap_range r;

	(void)state;
	machine_create(&m, &extreme);
	core_put_u64(&m.core, entry_of(&m, 1), core_get_u64(&m.core, entry_of(&m, 1)) & ~1ull);
	opened_create(&o, &m);
	assert_true(o.kernel.filters);
	kf_memmap_find(&o.kernel.memmap, SECTION_PFNS + 5, &r);
	assert_false(r.has);
	assert_int_equal(r.first, SECTION_PFNS);
	assert_int_equal(r.end, 2 * SECTION_PFNS);
	kf_memmap_find(&o.kernel.memmap, 2 * SECTION_PFNS, &r);
	assert_true(r.has);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* The first kernel was booted with mem=: the PT_LOADs go on, struct pages do not. */
static void memory_ends_with_struct_pages(void **state)
{
	(void)state;
	machine_create(&m, &extreme);
	for (size_t s = 2; s < 4; s++)
		core_put_u64(&m.core, entry_of(&m, s), 0);
	opened_create(&o, &m);
	assert_int_equal(kf_memmap_end(&o.kernel.memmap), 2 * SECTION_PFNS);
	assert_int_equal(o.ram.max_mapnr, 2 * SECTION_PFNS);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* A section's struct pages are all there, even behind the end of memory; max_mapnr is none the larger. */
static void a_range_ends_with_its_section(void **state)
{
	const struct machine_plan odd = { .ram = (200ull << 20) + 0x3000, .levels = 4, .era = &era_6_1 };
	struct kf_memmap_range r;

	(void)state;
	machine_create(&m, &odd);
	opened_create(&o, &m);
	kf_memmap_find(&o.kernel.memmap, SECTION_PFNS, &r);
	assert_int_equal(r.end, 2 * SECTION_PFNS);
	assert_int_equal(kf_memmap_end(&o.kernel.memmap), (200u << 8) + 3);
	assert_int_equal(o.ram.max_mapnr, (200u << 8) + 3);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Sections of 2 KiB, so that two make a root: of the two roots the second is where ROOT says. */
static void make_two_roots(uint64_t root)
{
	uint64_t roots, first;

	machine_create(&m, &extreme);
	roots = machine_take(&m, 32, 64);
	first = machine_take(&m, 4096, 4096);
	core_put_u64(&m.core, roots, m.direct + first);
	core_put_u64(&m.core, roots + 8, root);
	for (size_t s = 0; s < 2; s++)
		core_put_u64(&m.core, first + 2048 * s, m.vmemmap | 1);
	machine_key(&m, "SYMBOL(mem_section)", "%" PRIx64, machine_kernel_va(roots));
	machine_key(&m, "SIZE(mem_section)", "2048");
	machine_key(&m, "LENGTH(mem_section)", "%u", 1u << 18);
}

/* What a root that cannot be read holds is not known: its pages are kept and named, and memory does not end before it. */
static void a_root_that_is_lost(void **state)
{
	static const struct {
		const char *name;
		uint64_t root;
		bool unknown;
	} rows[] = { { "no root", 0, false }, { "not mapped", 0xffffc90000000000, true }, { "no address", 0x1234, true } };
	struct kf_error err;

	(void)state;
	CHECK_OK("guard", kf_guard_install(&err), &err);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t undecided = 0;
		struct kf_memmap_range r;
		struct kf_scan scan;

		make_two_roots(rows[i].root);
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.filters);
		kf_memmap_find(&o.kernel.memmap, 3 * SECTION_PFNS + 5, &r);
		CHECK_EQ(rows[i].name, r.has, false);
		CHECK_EQ(rows[i].name, r.unknown, rows[i].unknown);
		CHECK_EQ(rows[i].name, o.ram.max_mapnr, (rows[i].unknown ? 4 : 2) * SECTION_PFNS);
		CHECK_OK(rows[i].name, kf_scan_init(&scan, &o.kernel, &o.ram, 31, 1 << 20, &err), &err);
		while (kf_scan_next(&scan))
			for (size_t k = 0; k < scan.stretch_count; k++)
				undecided += scan.stretches[k].tally.undecided;
		CHECK_EQ(rows[i].name, undecided, rows[i].unknown ? 2 * SECTION_PFNS : 0);
		kf_scan_deinit(&scan);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* By a wrong number RAM would end where the array does, and nobody would notice. */
static void numbers_that_do_not_fit(void **state)
{
	static const struct { const char *name; bool plain; const char *key, *value, *why; } rows[] = {
		{ "an array of 3", true, "LENGTH(mem_section)", "3", "LENGTH(mem_section)=3" },
		{ "one section too many", true, "LENGTH(mem_section)", "524289", "LENGTH(mem_section)=524289" },
		{ "7 roots", false, "LENGTH(mem_section)", "7", "LENGTH(mem_section)=7" },
		{ "a root too few", false, "LENGTH(mem_section)", "2047", "LENGTH(mem_section)=2047" },
		{ "sections of 64 bytes", false, "SIZE(mem_section)", "64", "LENGTH(mem_section)=2048" },
		{ "sections of 8 bytes", false, "SIZE(mem_section)", "8", "LENGTH(mem_section)=2048" },
		{ "one bit of memory less", false, "NUMBER(MAX_PHYSMEM_BITS)", "45", "LENGTH(mem_section)=2048" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, rows[i].plain ? &plain : &extreme);
		machine_key(&m, rows[i].key, "%s", rows[i].value);
		opened_create(&o, &m);
		CHECK(rows[i].name, !o.kernel.filters);
		CHECK(rows[i].name, strstr(o.kernel.why_not, rows[i].why));
		opened_destroy(&o);
		machine_destroy(&m);
	}
	/* Two sections in all, one root, and RAM of four. */
	make_two_roots(0);
	machine_key(&m, "NUMBER(MAX_PHYSMEM_BITS)", "28");
	machine_key(&m, "LENGTH(mem_section)", "1");
	opened_create(&o, &m);
	assert_false(o.kernel.filters);
	assert_non_null(strstr(o.kernel.why_not, "and the kernel can have 2"));
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Where it is not exported, the size of the address space decides between roots and one array. */
static void memory_bits_by_release(void **state)
{
	static const struct {
		const char *release;
		unsigned int levels, length;
	} rows[] = {
		{ "2.6.24", 4, 32 }, { "2.6.25.20-0.1", 4, 32 }, { "2.6.26", 4, 512 }, { "2.6.30.9", 4, 512 }, { "2.6.31", 4, 2048 },
		{ "2.6.32-754.el6", 4, 2048 }, { "3.10.0", 4, 2048 }, { "4.14.0", 5, 131072 }, { "no release", 4, 2048 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct era era = era_3_18;
		struct machine_plan p = { .ram = 512ull << 20, .levels = rows[i].levels, .era = &era };

		era.release = rows[i].release;
		machine_create(&m, &p);
		machine_drop_key(&m, "NUMBER(MAX_PHYSMEM_BITS)");
		machine_drop_key(&m, "NUMBER(SECTION_SIZE_BITS)");
		machine_key(&m, "LENGTH(mem_section)", "%u", rows[i].length);
		opened_create(&o, &m);
		check_all_sections(rows[i].release);
		CHECK_EQ(rows[i].release, o.kernel.memmap.sections_per_root, 256);
		opened_destroy(&o);
		/* Of another length it is one array of sections. (Through the pointer to the first root it is so here.) */
		machine_key(&m, "LENGTH(mem_section)", "%u", rows[i].length / 2);
		opened_create(&o, &m);
		CHECK_EQ(rows[i].release, o.kernel.memmap.sections_per_root, 0);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

static void all_six_flags_are_masked(void **state)
{
	struct kf_memmap_range r;

	(void)state;
	machine_create(&m, &extreme);
	core_put_u64(&m.core, entry_of(&m, 0), m.vmemmap | 0x3f);
	opened_create(&o, &m);
	kf_memmap_find(&o.kernel.memmap, 0, &r);
	assert_true(r.has && r.va == m.vmemmap);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Without sections that can be believed nothing is judged, and the report says why. */
static void no_credible_sections(void **state)
{
	static const struct {
		const char *name;
		uint64_t entry;		/* for section 1 */
		uint64_t others;	/* for all others */
		bool keep;		/* the others as they are */
	} rows[] = {
		{ "an address of user space", 0x7f0000000001, 0, true },
		{ "no section at all", 0, 0, false },
		{ "zeros with flags", 0x1f, 0x1f, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &extreme);
		for (size_t s = 0; s < 4; s++)
			if (s == 1 || !rows[i].keep)
				core_put_u64(&m.core, entry_of(&m, s), s == 1 ? rows[i].entry : rows[i].others);
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.translates);
		CHECK(rows[i].name, !o.kernel.filters);
		CHECK(rows[i].name, strstr(o.kernel.why_not, "mem_section"));
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

static void keys_that_lack_or_lie(void **state)
{
	static const struct {
		const char *key, *value;	/* NULL: lacks */
		const char *why;
	} rows[] = {
		{ "SYMBOL(mem_section)", NULL, "memory model" },
		{ "SIZE(mem_section)", NULL, "memory model" },
		{ "OFFSET(mem_section.section_mem_map)", NULL, "memory model" },
		{ "SYMBOL(mem_section)", "ffffffff7f000000", "mem_section" },
		{ "SYMBOL(mem_section)", "1000", "mem_section" },
		{ "SIZE(mem_section)", "0", "not credible" },
		{ "SIZE(mem_section)", "7", "not credible" },
		{ "SIZE(mem_section)", "8192", "not credible" },
		{ "SIZE(mem_section)", "-16", "not credible" },
		{ "OFFSET(mem_section.section_mem_map)", "9", "not credible" },
		{ "OFFSET(mem_section.section_mem_map)", "-8", "not credible" },
		{ "NUMBER(SECTION_SIZE_BITS)", "12", "not credible" },
		{ "NUMBER(SECTION_SIZE_BITS)", "20", "not credible" },
		{ "NUMBER(SECTION_SIZE_BITS)", "64", "not credible" },
		{ "NUMBER(SECTION_SIZE_BITS)", "-1", "not credible" },
		{ "NUMBER(MAX_PHYSMEM_BITS)", "26", "not credible" },
		{ "NUMBER(MAX_PHYSMEM_BITS)", "64", "not credible" },
		{ "SIZE(page)", NULL, "SIZE(page)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[96];

		snprintf(name, sizeof(name), "%s=%s", rows[i].key, rows[i].value ? rows[i].value : "(absent)");
		machine_create(&m, &extreme);
		if (rows[i].value)
			machine_key(&m, rows[i].key, "%s", rows[i].value);
		else
			machine_drop_key(&m, rows[i].key);
		opened_create(&o, &m);
		CHECK(name, !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", name, o.kernel.why_not, rows[i].why);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape),
		cmocka_unit_test(through_a_pointer),
		cmocka_unit_test(without_a_length),
		cmocka_unit_test(sizes_that_are_not_exported),
		cmocka_unit_test(a_section_that_is_not_there),
		cmocka_unit_test(memory_ends_with_struct_pages),
		cmocka_unit_test(a_range_ends_with_its_section),
		cmocka_unit_test(a_root_that_is_lost),
		cmocka_unit_test(numbers_that_do_not_fit),
		cmocka_unit_test(memory_bits_by_release),
		cmocka_unit_test(all_six_flags_are_masked),
		cmocka_unit_test(no_credible_sections),
		cmocka_unit_test(keys_that_lack_or_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
