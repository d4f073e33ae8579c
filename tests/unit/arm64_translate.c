// SPDX-License-Identifier: GPL-2.0-or-later
// Translation on arm64: every page size and width of addresses, pages and blocks, what is not there, memory beyond 48 bits.
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

static void check(const char *name, uint64_t va, uint64_t paddr, uint64_t bytes)
{
	struct kf_mapping got;

	CHECK(name, kf_translate(&k.tr, va, &got));
	CHECK_EQ(name, got.paddr, paddr);
	CHECK_EQ(name, got.bytes, bytes);
	CHECK(name, got.writable);
}

static void check_absent(const char *name, uint64_t va)
{
	struct kf_mapping got;

	CHECK(name, !kf_translate(&k.tr, va, &got));
}

static unsigned int block_shift(const struct board_plan *p)
{
	return 2 * p->page_shift - 3;
}

static void every_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		uint64_t page = 1ull << p->page_shift, block = 1ull << block_shift(p), va;

		board_create(&b, p, RAM);
		va = board_nowhere(&b);
		board_map(&b, va + 5 * page, BOARD_RAM + 0x30000, p->page_shift);
		board_map(&b, va + block - page, BOARD_RAM + 0x40000, p->page_shift);
		board_map(&b, va + 2 * block, 0x80000000, block_shift(p));
		open_board();
		CHECK_TEXT(p->name, k.why_not, "");
		CHECK(p->name, k.translates);
		CHECK_EQ(p->name, k.tr.levels, p->levels);
		CHECK_EQ(p->name, k.page_shift, p->page_shift);
		CHECK_TEXT(p->name, k.uts[KF_UTS_MACHINE], "aarch64");
		check(p->name, va + 5 * page + 0x123, BOARD_RAM + 0x30123, page - 0x123);
		check(p->name, va + block - 1, BOARD_RAM + 0x40000 + page - 1, 1);
		check(p->name, va + 2 * block, 0x80000000, block);
		check(p->name, va + 2 * block + 0x54321, 0x80054321, block - 0x54321);
		check_absent(p->name, va);
		check_absent(p->name, va + 6 * page);
		check_absent(p->name, va + block);
		check_absent(p->name, va + (1ull << 33));
		check_absent(p->name, 5 * page);	/* a user's address */
		check_absent(p->name, (va & ~(UINT64_MAX << p->used)) + 5 * page);
		close_board();
		board_destroy(&b);
	}
}

/* 4 KiB pages have blocks of 1 GiB too; no other page size has a second one. */
static void larger_blocks(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		unsigned int shift = 3 * p->page_shift - 6;
		uint64_t va;

		if (shift > p->root_shift)
			continue;
		board_create(&b, p, RAM);
		va = board_nowhere(&b) & UINT64_MAX << shift;
		board_map(&b, va, 0, shift);
		open_board();
		if (p->page_shift == 12)
			check(p->name, va + 0x12345678, 0x12345678, (1ull << 30) - 0x12345678);
		else
			check_absent(p->name, va + 0x12345678);
		close_board();
		board_destroy(&b);
	}
}

/* The lower two bits of an entry, at the last level and one above. */
static void types_of_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];

		for (unsigned int type = 0; type < 4; type++) {
			uint64_t page = 1ull << p->page_shift, block = 1ull << block_shift(p), va, last, above, again;

			board_create(&b, p, RAM);
			va = board_nowhere(&b);
			board_map(&b, va, BOARD_RAM + 0x30000, p->page_shift);
			board_map(&b, va + 2 * block, 0x80000000, block_shift(p));
			last = board_entry(&b, va, p->page_shift);
			above = board_entry(&b, va + 2 * block, block_shift(p));
			core_put_u64(&b.core, last, (core_get_u64(&b.core, last) & ~3ull) | type);
			core_put_u64(&b.core, above, (core_get_u64(&b.core, above) & ~3ull) | type);
			/* The same table once more, by an entry of this type. */
			again = core_get_u64(&b.core, board_entry(&b, va, block_shift(p)));
			core_put_u64(&b.core, board_entry(&b, va + 3 * block, block_shift(p)), (again & ~3ull) | type);
			board_map(&b, va + page, BOARD_RAM + 0x30000, p->page_shift);
			open_board();
			CHECK(p->name, k.translates);
			if (type == 3)
				check(p->name, va, BOARD_RAM + 0x30000, page);
			else
				check_absent(p->name, va);
			if (type == 1)
				check(p->name, va + 2 * block, 0x80000000, block);
			else
				check_absent(p->name, va + 2 * block);	/* as a table it lies where no memory is */
			if (type == 3)
				check(p->name, va + 3 * block + page, BOARD_RAM + 0x30000, page);
			else if (type != 1)
				check_absent(p->name, va + 3 * block + page);
			close_board();
			board_destroy(&b);
		}
	}
}

/* Attributes are no address, and where addresses end at 48 bits, what stands there is none either. */
static void attributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		uint64_t all = 0xffff000000000cff, block = 1ull << block_shift(p), va, entry;

		if (p->high == HIGH_NONE)
			all |= 0x0000000000000300 | (p->page_shift == 16 ? 0xf000 : 0);
		else if (p->high == HIGH_AT_12)
			all |= 0x300;
		else
			all &= ~(3ull << 48);
		board_create(&b, p, RAM);
		va = board_nowhere(&b);
		core_put_u64(&b.core, board_entry(&b, va, p->page_shift), all | (BOARD_RAM + 0x30000) | 3);
		entry = board_entry(&b, va + 2 * block, block_shift(p));
		core_put_u64(&b.core, entry, ((all | 0x80000000) & ~3ull) | 1 | (1ull << 16 & (block - 1)));	/* nT */
		open_board();
		check(p->name, va + 8, BOARD_RAM + 0x30008, (1ull << p->page_shift) - 8);
		check(p->name, va + 2 * block + 8, 0x80000008, block - 8);
		close_board();
		board_destroy(&b);
	}
}

/* Tables, pages and blocks whose addresses need all 52 bits. */
static void memory_beyond_48_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		uint64_t page = 1ull << p->page_shift, block = 1ull << block_shift(p), va;

		if (p->high == HIGH_NONE)
			continue;
		board_create(&b, p, RAM);
		board_add_high(&b);
		va = board_nowhere(&b);
		core_put_u64(&b.core, board_entry(&b, va, block_shift(p)), board_address_bits(&b, BOARD_HIGH + page) | 3);
		core_put_u64(&b.core, BOARD_HIGH + page + 7 * 8, board_address_bits(&b, BOARD_HIGH + 0x200000) | 0x403);
		board_map(&b, va + 2 * block, 0xd000100000000, block_shift(p));
		open_board();
		check(p->name, va + 7 * page + 16, BOARD_HIGH + 0x200010, page - 16);
		check(p->name, va + 2 * block + 16, 0xd000100000010, block - 16);
		close_board();
		board_destroy(&b);
	}
}

static void who_may_write(void **state)
{
	static const struct {
		const char *name;
		uint64_t set, clear, set_above;
		bool writable;
	} rows[] = {
		{ "as data", 0, 0, 0, true },
		{ "read-only, and the processor may change that", 1 << 7, 0, 0, true },
		{ "read-only", 1 << 7, 1ull << 51, 0, false },
		{ "without that right of the processor", 0, 1ull << 51, 0, true },
		{ "by a table that is read-only", 0, 0, 1ull << 62, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_mapping got;
		uint64_t va, last, above;

		board_create(&b, board_plan("4K, 48 bits"), RAM);
		va = board_nowhere(&b);
		board_map(&b, va, BOARD_RAM + 0x30000, 12);
		last = board_entry(&b, va, 12);
		above = board_entry(&b, va, 30);
		core_put_u64(&b.core, last, (core_get_u64(&b.core, last) & ~rows[i].clear) | rows[i].set);
		core_put_u64(&b.core, above, core_get_u64(&b.core, above) | rows[i].set_above);
		open_board();
		CHECK(rows[i].name, kf_translate(&k.tr, va, &got));
		CHECK_EQ(rows[i].name, got.writable, rows[i].writable);
		close_board();
		board_destroy(&b);
	}
}

/* A table where no memory is, and one that is its own. */
static void damaged_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < board_plan_count; i++) {
		const struct board_plan *p = &board_plans[i];
		unsigned int shift = block_shift(p);
		struct kf_mapping got;
		uint64_t va, at;

		board_create(&b, p, RAM);
		va = board_nowhere(&b);
		core_put_u64(&b.core, board_entry(&b, va, shift), 0x300000000003);
		at = board_entry(&b, va + (1ull << shift), shift);
		core_put_u64(&b.core, at, (at & UINT64_MAX << p->page_shift) | 3);
		open_board();
		check_absent(p->name, va);
		(void)kf_translate(&k.tr, va + (1ull << shift), &got);	/* whatever it gives, it ends */
		close_board();
		board_destroy(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form),
		cmocka_unit_test(larger_blocks),
		cmocka_unit_test(types_of_entries),
		cmocka_unit_test(attributes),
		cmocka_unit_test(memory_beyond_48_bits),
		cmocka_unit_test(who_may_write),
		cmocka_unit_test(damaged_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
