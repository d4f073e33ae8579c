// SPDX-License-Identifier: GPL-2.0-or-later
// Translation on x86_64: pages of 4 KiB, 2 MiB and 1 GiB, what is not there, 4 and 5 levels, memory encryption's bit.
#include "tests/unit/unit.h"

#include "tests/unit/image/opened.h"

#define ENCRYPTED (1ull << 47)

static const struct machine_plan plans[] = {
	{ .ram = 256ull << 20, .levels = 4, .era = &era_6_1 },
	{ .ram = 256ull << 20, .levels = 5, .era = &era_6_12 },
};

static void check(struct opened *o, const char *name, uint64_t va, uint64_t paddr, uint64_t bytes)
{
	struct kf_mapping got;

	CHECK(name, kf_translate(&o->kernel.tr, va, &got));
	CHECK_EQ(name, got.paddr, paddr);
	CHECK_EQ(name, got.bytes, bytes);
}

static void check_absent(struct opened *o, const char *name, uint64_t va)
{
	struct kf_mapping got;
	uint8_t byte;

	CHECK(name, !kf_translate(&o->kernel.tr, va, &got));
	CHECK(name, !kf_virt_read(&o->kernel.tr, va, &byte, 1));
}

static uint64_t vmalloc(const struct machine *m)
{
	return m->plan.levels == 5 ? 0xffa0000000000000 : 0xffffc90000000000;
}

static void every_size_of_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plans); i++) {
		struct machine m;
		struct opened o;
		uint64_t va;

		machine_create(&m, &plans[i]);
		va = vmalloc(&m);
		machine_map(&m, va + 0x5000, 0x3000000, 12);
		machine_map(&m, va + 0x200000, 0x4000000, 21);
		/* Bits above the address, and PAT, which stands where a small page's address begins. */
		core_put_u64(&m.core, machine_entry(&m, va + 0x400000, 21), 0x8000000000000000 | 0x6000000 | 0x1000 | 0xe3);
		core_put_u64(&m.core, machine_entry(&m, va + 0x6000, 12), 0xfff0000000000000 | 0x7000000 | 0xe3);
		opened_create(&o, &m);
		assert_true(o.kernel.translates);
		check(&o, "1 GiB, its start", m.direct, 0, 1ull << 30);
		check(&o, "1 GiB, inside", m.direct + 0x1234567, 0x1234567, (1ull << 30) - 0x1234567);
		check(&o, "2 MiB, inside", MACHINE_KERNEL_VA + 0x345678, MACHINE_KERNEL + 0x345678, 0x200000 - 0x145678);
		check(&o, "2 MiB, last byte", va + 0x3fffff, 0x41fffff, 1);
		check(&o, "2 MiB, all bits set that may be", va + 0x400000, 0x6000000, 0x200000);
		check(&o, "4 KiB", va + 0x5123, 0x3000123, 0xedd);
		check(&o, "4 KiB, bit 7 is no size there", va + 0x6000, 0x7000000, 0x1000);
		check_absent(&o, "no entry", va + 0x7000);
		check_absent(&o, "no entry at 2 MiB", va + 0x600000);
		check_absent(&o, "no entry at 1 GiB", va + (1ull << 30));
		check_absent(&o, "no entry at the root", 0x1000);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* The right to write must be given by every level. */
static void who_may_write(void **state)
{
	static const struct { const char *name; unsigned int read_only_at; } rows[] = {
		{ "all levels say so", 0 }, { "not the last", 12 }, { "not the 2 MiB level", 21 }, { "not the 1 GiB level", 30 },
		{ "not the root", 39 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_mapping got;
		struct machine m;
		struct opened o;

		machine_create(&m, &plans[0]);
		machine_map(&m, vmalloc(&m), 0x3000000, 12);
		if (rows[i].read_only_at) {
			uint64_t at = machine_entry(&m, vmalloc(&m), rows[i].read_only_at);

			core_put_u64(&m.core, at, core_get_u64(&m.core, at) & ~2ull);
		}
		opened_create(&o, &m);
		CHECK(rows[i].name, kf_translate(&o.kernel.tr, vmalloc(&m), &got));
		CHECK_EQ(rows[i].name, got.writable, !rows[i].read_only_at);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

static void an_entry_without_its_present_bit(void **state)
{
	struct machine m;
	struct opened o;

	(void)state;
	machine_create(&m, &plans[0]);
	core_put_u64(&m.core, machine_entry(&m, vmalloc(&m), 12), 0x3000000 | 0x62);
	core_put_u64(&m.core, machine_entry(&m, vmalloc(&m) + 0x200000, 21), 0x3000000 | 0xe2);
	opened_create(&o, &m);
	check_absent(&o, "4 KiB", vmalloc(&m));
	check_absent(&o, "2 MiB", vmalloc(&m) + 0x200000);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* A table where no memory is, and one entry that points to its own table. */
static void damaged_tables(void **state)
{
	struct machine m;
	struct opened o;
	struct kf_mapping got;
	uint64_t va, entry;

	(void)state;
	machine_create(&m, &plans[0]);
	va = vmalloc(&m);
	core_put_u64(&m.core, machine_entry(&m, va, 39), (1ull << 45) | 0x63);
	entry = machine_entry(&m, va + (1ull << 39), 30);
	core_put_u64(&m.core, entry, (entry & ~0xfffull) | 0x63);
	opened_create(&o, &m);
	check_absent(&o, "a table outside of memory", va);
	(void)kf_translate(&o.kernel.tr, va + (1ull << 39), &got);	/* whatever it gives, it ends */
	opened_destroy(&o);
	machine_destroy(&m);
}

static void encrypted_entries(void **state)
{
	struct machine m;
	struct opened o;
	uint64_t va, table, entry;

	(void)state;
	machine_create(&m, &plans[0]);
	va = vmalloc(&m);
	machine_map(&m, va, 0x3000000 | ENCRYPTED, 12);
	table = machine_entry(&m, va, 21);
	entry = core_get_u64(&m.core, table);
	core_put_u64(&m.core, table, entry | ENCRYPTED);
	machine_key(&m, "NUMBER(sme_mask)", "%" PRIu64, (uint64_t)ENCRYPTED);
	opened_create(&o, &m);
	check(&o, "encrypted", va + 0x10, 0x3000010, 0xff0);
	opened_destroy(&o);
	machine_destroy(&m);
}

static void reads_across_mappings(void **state)
{
	struct machine m;
	struct opened o;
	uint64_t va, v64;
	uint8_t out[0x3000];
	uint32_t v32;

	(void)state;
	machine_create(&m, &plans[0]);
	va = vmalloc(&m);
	machine_map(&m, va, 0x3005000, 12);		/* backwards in physical memory */
	machine_map(&m, va + 0x1000, 0x3003000, 12);
	core_put(&m.core, 0x3005ffc, "\x88\x77\x66\x55", 4);
	core_put(&m.core, 0x3003000, "\x44\x33\x22\x11", 4);
	opened_create(&o, &m);
	assert_true(kf_virt_u64(&o.kernel.tr, va + 0xffc, &v64));
	assert_true(v64 == 0x1122334455667788);
	assert_true(kf_virt_u32(&o.kernel.tr, va + 0xffe, &v32));
	assert_int_equal(v32, 0x33445566);
	assert_true(kf_virt_read(&o.kernel.tr, va, out, 0x2000));
	assert_false(kf_virt_read(&o.kernel.tr, va, out, 0x2001));	/* the next page is not there */
	assert_true(kf_virt_read(&o.kernel.tr, va + 0x5000, out, 0));
	opened_destroy(&o);
	machine_destroy(&m);
}

/* More tables than the cache has room for, in both directions. */
static void many_tables(void **state)
{
	struct machine m;
	struct opened o;
	uint64_t va;

	(void)state;
	machine_create(&m, &plans[0]);
	va = vmalloc(&m);
	for (uint64_t i = 0; i < 100; i++)
		machine_map(&m, va + (i << 21), 0x3000000 + (i << 12), 12);
	opened_create(&o, &m);
	for (uint64_t i = 0; i < 200; i++) {
		uint64_t k = i < 100 ? i : 199 - i;

		check(&o, "one of many", va + (k << 21), 0x3000000 + (k << 12), 4096);
	}
	opened_destroy(&o);
	machine_destroy(&m);
}

static void phys_base(void **state)
{
	struct machine m;
	struct opened o;
	uint64_t at;

	(void)state;
	machine_create(&m, &plans[0]);
	opened_create(&o, &m);
	assert_true(o.kernel.tr.phys_base == MACHINE_PHYS_BASE);
	opened_destroy(&o);
	machine_drop_key(&m, "NUMBER(phys_base)");	/* then the PT_LOAD of the image tells */
	opened_create(&o, &m);
	assert_true(o.kernel.tr.phys_base == MACHINE_PHYS_BASE);
	assert_true(o.kernel.translates);
	opened_destroy(&o);
	/* Before 4.10 the variable itself is read. */
	at = machine_take(&m, 8, 8);
	core_put_u64(&m.core, at, MACHINE_PHYS_BASE);
	machine_key(&m, "SYMBOL(phys_base)", "%" PRIx64, machine_kernel_va(at));
	opened_create(&o, &m);
	assert_true(o.kernel.tr.phys_base == MACHINE_PHYS_BASE);
	assert_true(o.kernel.translates);
	opened_destroy(&o);
	/* Right behind the image, where there is memory too: another phys_base would be found. */
	machine_key(&m, "SYMBOL(phys_base)", "%" PRIx64, (uint64_t)(MACHINE_KERNEL_VA + MACHINE_KERNEL_BYTES));
	opened_create(&o, &m);
	assert_true(o.kernel.tr.phys_base == MACHINE_PHYS_BASE);
	assert_true(o.kernel.translates);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* If they disagree, one of them is wrong, and which one cannot be known. */
static void phys_base_and_the_image(void **state)
{
	static const struct {
		const char *name;
		int64_t more;		/* in phys_base */
		bool by_symbol, elsewhere;	/* ELSEWHERE: the root is not in the image's PT_LOAD */
		const char *why;
	} rows[] = {
		{ "number, wrong", 0x200000, false, false, "phys_base is 0xfffffffffe200000, but 0xfffffffffe000000 by the PT_LOAD" },
		{ "variable, wrong", -0x1000, true, false, "phys_base is 0xfffffffffdfff000, but" },
		{ "number, wrong, nothing to compare with", 0x200000, false, true, "init_uts_ns" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine m;
		struct opened o;
		uint64_t at, value = MACHINE_PHYS_BASE + (uint64_t)rows[i].more;

		machine_create(&m, &plans[0]);
		at = machine_take(&m, 8, 8);
		core_put_u64(&m.core, at, value);
		if (rows[i].by_symbol) {
			machine_drop_key(&m, "NUMBER(phys_base)");
			machine_key(&m, "SYMBOL(phys_base)", "%" PRIx64, machine_kernel_va(at));
		} else {
			machine_key(&m, "NUMBER(phys_base)", "%" PRId64, (int64_t)value);
		}
		if (rows[i].elsewhere)
			m.core.segments[0].vaddr = 0xffffffffc0000000;	/* as where modules are */
		opened_create(&o, &m);
		CHECK(rows[i].name, !o.kernel.translates && !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", rows[i].name, o.kernel.why_not, rows[i].why);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* The bit of encrypted memory is no part of the root's address. */
static void an_encrypted_root(void **state)
{
	struct machine m;
	struct opened o;

	(void)state;
	machine_create(&m, &plans[0]);
	machine_key(&m, "NUMBER(sme_mask)", "%" PRIu64, (uint64_t)ENCRYPTED);
	machine_key(&m, "NUMBER(phys_base)", "%" PRId64, (int64_t)(MACHINE_PHYS_BASE + ENCRYPTED));
	opened_create(&o, &m);
	assert_true(o.kernel.tr.root == m.root);
	assert_true(o.kernel.translates && o.kernel.filters);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* The lowest address of the kernel, from the last PT_LOAD of the direct map, or by the release. */
static void where_the_kernel_begins(void **state)
{
	static const struct {
		const char *name, *release;
		unsigned int levels;
		uint64_t vaddr[2];	/* of low and high memory; 1: as it is */
		uint64_t wanted;
	} rows[] = {
		{ "by the last one", "6.1.0", 4, { 1, 1 }, 0xffff888000000000 },
		{ "by the only one", "6.1.0", 4, { 1, 0 }, 0xffff888000000000 },
		{ "none", "6.1.0", 4, { 0, 0 }, 0xffff880000000000 },
		{ "physical addresses in their place", "6.1.0", 4, { 0x1000, MACHINE_HIGH }, 0xffff880000000000 },
		{ "none, old", "2.6.26.8-57", 4, { 0, 0 }, 0xffff810000000000 },
		{ "none, less old", "2.6.27", 4, { 0, 0 }, 0xffff880000000000 },
		{ "none, 5 levels", "6.1.0", 5, { 0, 0 }, 0xff10000000000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct era era = era_3_18;
		const struct machine_plan p = { .ram = 256ull << 20, .levels = rows[i].levels, .era = &era };
		struct machine m;
		struct opened o;

		era.release = rows[i].release;
		machine_create(&m, &p);
		for (size_t k = 0; k < 2; k++)
			if (rows[i].vaddr[k] != 1)
				m.core.segments[1 + k].vaddr = rows[i].vaddr[k];
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.translates && o.kernel.filters);
		CHECK_EQ(rows[i].name, o.kernel.tr.kernel_start, rows[i].wanted);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

static void names_of_the_root(void **state)
{
	static const char *const names[] = { "SYMBOL(init_top_pgt)", "SYMBOL(init_level4_pgt)", "SYMBOL(swapper_pg_dir)" };
	struct machine m;

	(void)state;
	machine_create(&m, &plans[0]);
	for (size_t i = 0; i <= COUNT(names); i++) {
		struct opened o;

		for (size_t k = 0; k < COUNT(names); k++)
			machine_drop_key(&m, names[k]);
		if (i < COUNT(names))
			machine_key(&m, names[i], "%" PRIx64, machine_kernel_va(m.root));
		opened_create(&o, &m);
		CHECK_EQ(i < COUNT(names) ? names[i] : "none", o.kernel.translates, i < COUNT(names));
		if (i == COUNT(names))
			CHECK("none", strstr(o.kernel.why_not, "SYMBOL(init_top_pgt)"));
		opened_destroy(&o);
	}
	machine_destroy(&m);
}

static void another_machine(void **state)
{
	struct machine m;
	struct opened o;

	(void)state;
	machine_create(&m, &plans[0]);
	machine_finish(&m);
	assert_null(kf_arch_of(22));		/* s390 */
	assert_non_null(kf_arch_of(62));
	opened_create(&o, &m);
	assert_string_equal(o.kernel.tr.arch->machine, "x86_64");
	opened_destroy(&o);
	machine_destroy(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_of_page),
		cmocka_unit_test(who_may_write),
		cmocka_unit_test(an_entry_without_its_present_bit),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(encrypted_entries),
		cmocka_unit_test(reads_across_mappings),
		cmocka_unit_test(many_tables),
		cmocka_unit_test(phys_base),
		cmocka_unit_test(phys_base_and_the_image),
		cmocka_unit_test(an_encrypted_root),
		cmocka_unit_test(where_the_kernel_begins),
		cmocka_unit_test(names_of_the_root),
		cmocka_unit_test(another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
