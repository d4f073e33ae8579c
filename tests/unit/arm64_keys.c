// SPDX-License-Identifier: GPL-2.0-or-later
// What VMCOREINFO tells of an arm64 kernel, what it may leave out, and what no kernel can have.
#include "tests/unit/unit.h"

#include "sender/kernel/kernel.h"
#include "tests/unit/arm64/board.h"

#define RAM (64ull << 20)

static struct board b;
static struct kf_vmcore vc;
static struct kf_kernel k;

static void open_board(void)
{
	struct kf_error err;

	board_finish(&b);
	CHECK_OK("open", kf_vmcore_open(&vc, b.core.path, &err), &err);
	CHECK_OK("kernel", kf_kernel_init(&k, &vc, b.info, strlen(b.info), &err), &err);
}

static void close_board(void)
{
	kf_kernel_deinit(&k);
	kf_vmcore_close(&vc);
}

/* Opens, checks and closes; the kernel must be understood. */
static void understood(const char *name)
{
	open_board();
	CHECK_TEXT(name, k.why_not, "");
	CHECK(name, k.translates);
	close_board();
}

/* Also, what is taken for the kernel's addresses begins where so many bits do. */
static void understood_with(const char *name, unsigned int used)
{
	open_board();
	CHECK_TEXT(name, k.why_not, "");
	CHECK_EQ(name, k.tr.kernel_start, UINT64_MAX << used);
	close_board();
}

static void not_understood(const char *name, const char *why)
{
	open_board();
	CHECK(name, !k.translates && !k.filters);
	if (!strstr(k.why_not, why))
		fail_msg("%s: '%s', wanted '%s' in it", name, k.why_not, why);
	close_board();
}

/* The root table by its address in the image, in the linear map, and in the linear map of a kernel that has no other. */
static void where_the_root_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];

		board_create(&b, p, RAM);
		understood(p->name);
		board_key(&b, "SYMBOL(swapper_pg_dir)", "%" PRIx64, board_linear_va(&b, b.root));
		understood(p->name);
		board_drop_key(&b, "NUMBER(kimage_voffset)");
		understood(p->name);
		board_drop_key(&b, "SYMBOL(swapper_pg_dir)");
		not_understood(p->name, "SYMBOL(swapper_pg_dir)");
		board_destroy(&b);
	}
}

static void phys_offset(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		uint64_t page_offset = UINT64_MAX << (p->old_layout ? p->used - 1 : p->used), wanted;

		board_create(&b, p, RAM);
		wanted = BOARD_RAM - (b.linear_va - page_offset);
		open_board();
		CHECK_EQ(p->name, k.tr.phys_base, wanted);
		close_board();
		/* Then the PT_LOAD of the linear map has it. */
		board_drop_key(&b, "NUMBER(PHYS_OFFSET)");
		board_key(&b, "SYMBOL(swapper_pg_dir)", "%" PRIx64, board_linear_va(&b, b.root));
		open_board();
		CHECK_EQ(p->name, k.tr.phys_base, wanted);
		CHECK(p->name, k.translates);
		close_board();
		board_destroy(&b);
	}
}

/* On a machine with fewer bits than configured newer kernels give PHYS_OFFSET as if all addresses were in use. */
static void phys_offset_before_all_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		uint64_t offset;

		if (p->configured == p->used)
			continue;
		board_create(&b, p, RAM);
		offset = BOARD_RAM - (b.linear_va - (UINT64_MAX << p->configured));
		assert_true(offset >> 63);
		board_key(&b, "NUMBER(PHYS_OFFSET)", "0x%" PRIx64, offset);
		board_key(&b, "SYMBOL(swapper_pg_dir)", "%" PRIx64, board_linear_va(&b, b.root));
		open_board();
		CHECK(p->name, k.translates);
		CHECK_EQ(p->name, k.tr.phys_base, offset);	/* as it is exported: readers of the dump know it so */
		close_board();
		board_destroy(&b);
	}
}

/* Kernels before 4.12 do not export VA_BITS, kernels before 5.9 not which of them are in use. */
static void widths_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];

		board_create(&b, p, RAM);
		board_drop_key(&b, "NUMBER(TCR_EL1_T1SZ)");
		if (p->configured == 52 && p->page_shift == 16)	/* 5.4: a linear address tells */
			board_key(&b, "SYMBOL(mem_section)", "%" PRIx64, b.linear_va);
		if (p->configured == p->used || p->page_shift == 16)
			understood_with(p->name, p->used);
		board_drop_key(&b, "NUMBER(VA_BITS)");
		if (p->configured < 52 && !(p->page_shift == 14 && p->used == 48))
			understood_with(p->name, p->used);
		board_drop_key(&b, "SYMBOL(_stext)");
		not_understood(p->name, "NUMBER(VA_BITS)");
		board_destroy(&b);
	}
}

/* 52 bits for users only: the kernel has 48, but its root table is as long as that of 52. */
static void users_with_more_bits(void **state)
{
	struct board_plan p = *board_plan("64K, 48 bits");

	(void)state;
	p.root_bits = 10;
	board_create(&b, &p, RAM);
	board_key(&b, "NUMBER(MAX_USER_VA_BITS)", "52");
	understood("root of 52 bits");
	board_drop_key(&b, "NUMBER(MAX_USER_VA_BITS)");
	not_understood("the same, unsaid", "init_uts_ns");
	board_destroy(&b);
}

static void impossible_values(void **state)
{
	static const struct { const char *key, *value, *why; } rows[] = {
		{ "PAGESIZE", "8192", "PAGESIZE=8192 on aarch64" }, { "PAGESIZE", "32768", "PAGESIZE=32768" }, { "PAGESIZE", "5000", "PAGESIZE=5000" },
		{ "NUMBER(VA_BITS)", "35", "NUMBER(VA_BITS)=35" }, { "NUMBER(VA_BITS)", "53", "NUMBER(VA_BITS)=53" },
		{ "NUMBER(VA_BITS)", "0", "NUMBER(VA_BITS)" }, { "NUMBER(VA_BITS)", "-1", "NUMBER(VA_BITS)=-1" },
		{ "NUMBER(TCR_EL1_T1SZ)", "0x0", "NUMBER(TCR_EL1_T1SZ)=0 " }, { "NUMBER(TCR_EL1_T1SZ)", "0xb", "NUMBER(TCR_EL1_T1SZ)=11 " },
		{ "NUMBER(TCR_EL1_T1SZ)", "0xc", "NUMBER(TCR_EL1_T1SZ)=12 " }, { "NUMBER(TCR_EL1_T1SZ)", "0x1d", "NUMBER(TCR_EL1_T1SZ)=29 " },
		{ "NUMBER(TCR_EL1_T1SZ)", "-1", "NUMBER(TCR_EL1_T1SZ)=-1 " },
		{ "NUMBER(kimage_voffset)", "0x1234", "init_uts_ns" },
	};

	(void)state;
	board_create(&b, board_plan("4K, 48 bits"), RAM);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char before[KEYS_MAX];

		memcpy(before, b.info, sizeof(before));
		board_key(&b, rows[i].key, "%s", rows[i].value);
		not_understood(rows[i].value, rows[i].why);
		CHECK_EQ(rows[i].value, k.page_shift, 12);
		memcpy(b.info, before, sizeof(before));
	}
	understood("as it was");
	board_destroy(&b);
}

/* SPARSEMEM's numbers where they are not exported. */
static void sections_and_memory(void **state)
{
	static const struct {
		const char *plan, *length, *physmem;
		unsigned int section_bits, memory_bits;
	} rows[] = {
		{ "4K, 48 bits", NULL, NULL, 30, 48 },
		{ "4K, 48 bits", "1024", NULL, 30, 48 },	/* 2^18 sections, 256 in a root */
		{ "4K, 48 bits", "8192", NULL, 27, 48 },
		{ "16K, 47 bits", "256", NULL, 30, 48 },
		{ "16K, 47 bits", "2048", NULL, 27, 48 },
		{ "64K, 48 bits", "64", NULL, 30, 48 },
		{ "64K, 48 bits", "128", NULL, 29, 48 },
		{ "64K, 48 bits, memory of 52", "2048", "52", 29, 52 },
		{ "64K, 52 bits", "1024", NULL, 30, 52 },
		{ "64K, 52 bits", "2048", NULL, 29, 52 },
		{ "4K, 48 bits", "8192", "99", 30, 99 },	/* refused later, as no model has such memory */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		board_create(&b, board_plan(rows[i].plan), RAM);
		board_key(&b, "SIZE(mem_section)", "16");
		board_drop_key(&b, "NUMBER(MAX_PHYSMEM_BITS)");
		if (rows[i].length)
			board_key(&b, "LENGTH(mem_section)", "%s", rows[i].length);
		if (rows[i].physmem)
			board_key(&b, "NUMBER(MAX_PHYSMEM_BITS)", "%s", rows[i].physmem);
		open_board();
		CHECK(rows[i].plan, k.translates);
		CHECK_EQ(rows[i].plan, k.tr.section_bits, rows[i].section_bits);
		CHECK_EQ(rows[i].plan, k.tr.memory_bits, rows[i].memory_bits);
		close_board();
		board_destroy(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_the_root_is),
		cmocka_unit_test(phys_offset),
		cmocka_unit_test(phys_offset_before_all_memory),
		cmocka_unit_test(widths_left_out),
		cmocka_unit_test(users_with_more_bits),
		cmocka_unit_test(impossible_values),
		cmocka_unit_test(sections_and_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
