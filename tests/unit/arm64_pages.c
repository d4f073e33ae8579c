// SPDX-License-Identifier: GPL-2.0-or-later
// The page decision on arm64, from the sections to the verdicts, with pages of 4, 16 and 64 KiB.
//
// Called with the name of a plan and a path in TMPDIR it leaves that vmcore there, for foreign judges.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/filter/scan.h"
#include "tests/unit/arm64/board.h"

#define RAM (2ull << 30)
/* Pages that a test may judge away; image, tables and struct pages lie before them. */
#define PLAIN (BOARD_RAM + (128ull << 20))

struct setup {
	const char *plan;
	unsigned int section_bits, buddy_orders;
	unsigned int roots;		/* LENGTH(mem_section) */
};

static const struct setup setups[] = {
	{ "4K, 48 bits", 27, 11, 8192 },
	{ "4K, 39 bits, before 5.4", 30, 11, 1024 },
	{ "4K, 52 bits", 27, 11, 131072 },
	{ "16K, 47 bits", 27, 12, 2048 },
	{ "16K, 52 bits", 27, 12, 32768 },
	{ "64K, 48 bits", 29, 14, 128 },
	{ "64K, 52 bits", 29, 14, 2048 },
	{ "64K, 52 bits on a machine with 48", 29, 14, 2048 },
};

static struct board b;
static uint64_t vmemmap;
static uint8_t *class_of;	/* of each page of RAM */

static uint64_t page_bytes(void)
{
	return 1ull << b.plan->page_shift;
}

static uint64_t ram_pages(void)
{
	return RAM >> b.plan->page_shift;
}

/* Struct pages by pages, but with 4 KiB by blocks of 2 MiB, as kernels do. */
static void map_struct_pages(void)
{
	unsigned int shift = b.plan->page_shift == 12 ? 21 : b.plan->page_shift;
	uint64_t va = vmemmap + (BOARD_RAM >> b.plan->page_shift) * ERA_PAGE_BYTES, bytes = ram_pages() * ERA_PAGE_BYTES;

	for (uint64_t at = 0; at < bytes; at += 1ull << shift)
		board_map(&b, va + at, BOARD_STRUCT_PAGES + at, shift);
}

static void make_sections(const struct setup *s)
{
	uint64_t roots = board_take(&b, page_bytes(), page_bytes()), array = board_take(&b, page_bytes(), page_bytes());
	uint64_t first = BOARD_RAM >> s->section_bits, count = RAM >> s->section_bits;

	board_map(&b, board_image_va(&b, roots), roots, b.plan->page_shift);
	board_map(&b, board_linear_va(&b, array), array, b.plan->page_shift);
	core_put_u64(&b.core, roots, board_linear_va(&b, array));
	for (uint64_t i = first; i < first + count; i++)
		core_put_u64(&b.core, array + 16 * i, vmemmap | 0x1f);
	board_key(&b, "SYMBOL(mem_section)", "%" PRIx64, board_image_va(&b, roots));
	board_key(&b, "LENGTH(mem_section)", "%u", s->roots);
	board_key(&b, "SIZE(mem_section)", "16");
	board_key(&b, "OFFSET(mem_section.section_mem_map)", "0");
	board_key(&b, "NUMBER(SECTION_SIZE_BITS)", "%u", s->section_bits);
	board_key(&b, "LENGTH(zone.free_area)", "%u", s->buddy_orders);
}

/* Page I of RAM, and the COUNT pages that share its verdict. */
static void place(uint64_t i, uint64_t count, const struct page_spec *spec, uint8_t class)
{
	uint8_t bytes[ERA_PAGE_BYTES];

	era_page(&era_6_12, bytes, spec);
	core_put(&b.core, BOARD_STRUCT_PAGES + i * ERA_PAGE_BYTES, bytes, sizeof(bytes));
	for (uint64_t p = i; p < i + count && p < ram_pages(); p++) {
		assert_int_equal(class_of[p], KF_KEPT);
		class_of[p] = class;
	}
}

static void fill(const struct setup *s)
{
	const struct page_spec anon = { .flags = PAGE_LRU | PAGE_SWAPBACKED, .mapping = 0xffff000000000001 };
	const struct page_spec cache = { .flags = PAGE_LRU, .mapping = 0xffff000000000008 };
	const struct page_spec private = { .flags = PAGE_LRU | PAGE_PRIVATE, .mapping = 0xffff000000000008 };
	const struct page_spec poison = { .flags = PAGE_HWPOISON };
	uint64_t plain = (PLAIN - BOARD_RAM) >> b.plan->page_shift, largest = s->buddy_orders - 1u, at;

	place(plain, 1, &anon, KF_USER);
	place(plain + 1, 1, &cache, KF_CACHE);
	place(plain + 2, 1, &private, KF_CACHE_PRIVATE);
	place(plain + 4, 1, &poison, KF_HWPOISON);
	place(plain + 8, 8, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = 3 }, KF_FREE);
	place(plain + 511, 1, &cache, KF_CACHE);
	place(plain + 512, 32, &(struct page_spec){ .flags = PAGE_HEAD | PAGE_LRU, .mapping = 0xffff000000000001 }, KF_USER);
	place(plain + 513, 0, &(struct page_spec){ .tail = true, .order = 5 }, KF_KEPT);
	place(plain + 600, 1, &(struct page_spec){ .type = TYPE_SLAB }, KF_KEPT);
	at = (plain + 1024 + (1ull << largest) - 1) & ~((1ull << largest) - 1);
	place(at, 1ull << largest, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = largest }, KF_FREE);
	place(ram_pages() - 1, 1, &anon, KF_USER);
	place(ram_pages() - 2, 1, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = s->buddy_orders }, KF_KEPT);	/* no such order */
	for (uint64_t i = plain; i < plain + 1024; i += 3)
		core_put_u64(&b.core, BOARD_RAM + i * page_bytes() + page_bytes() - 8, i * 0x123456789);
}

static void make(const struct setup *s)
{
	board_create(&b, board_plan(s->plan), RAM);
	vmemmap = board_nowhere(&b);
	class_of = calloc(ram_pages(), 1);
	assert_non_null(class_of);
	map_struct_pages();
	make_sections(s);
	fill(s);
	board_finish(&b);
}

static void check_verdicts(const char *name, struct kf_kernel *k, const struct kf_ram *ram)
{
	struct kf_tally tally = { 0 };
	uint64_t wanted[KF_CLASSES] = { 0 }, base = BOARD_RAM >> b.plan->page_shift;
	struct kf_error err;
	struct kf_scan s;

	CHECK_OK(name, kf_scan_init(&s, k, ram, 31, 2048, &err), &err);
	while (kf_scan_next(&s)) {
		for (size_t i = 0; i < s.stretch_count; i++)
			kf_tally_add(&tally, &s.stretches[i].tally);
		for (uint64_t pfn = s.first > base ? s.first : base; pfn < s.end; pfn++)
			if (kf_bit(s.bitmap, pfn - s.first) != (class_of[pfn - base] == KF_KEPT))
				fail_msg("%s: page 0x%" PRIx64 " kept %d, class %d", name, pfn, kf_bit(s.bitmap, pfn - s.first), class_of[pfn - base]);
	}
	for (uint64_t i = 0; i < ram_pages(); i++)
		wanted[class_of[i]]++;
	for (int i = 0; i < KF_CLASSES; i++)
		CHECK_EQ(name, tally.pages[i], wanted[i]);
	CHECK_EQ(name, tally.undecided, 0);
	kf_scan_deinit(&s);
}

static void every_page_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(setups); i++)
		for (int by_pread = 0; by_pread < 2; by_pread++) {
			struct kf_vmcore vc;
			struct kf_kernel k;
			struct kf_ram ram;
			struct kf_error err;

			make(&setups[i]);
			CHECK_OK(setups[i].plan, kf_vmcore_open(&vc, b.core.path, &err), &err);
			vc.needs_pread = by_pread;
			CHECK_OK(setups[i].plan, kf_kernel_init(&k, &vc, b.info, strlen(b.info), &err), &err);
			CHECK_OK(setups[i].plan, kf_ram_init(&ram, &vc, k.page_shift, &err), &err);
			kf_kernel_find_memmap(&k, ram.max_mapnr);
			CHECK_TEXT(setups[i].plan, k.why_not, "");
			CHECK(setups[i].plan, k.filters);
			check_verdicts(setups[i].plan, &k, &ram);
			kf_ram_deinit(&ram);
			kf_kernel_deinit(&k);
			kf_vmcore_close(&vc);
			board_destroy(&b);
			free(class_of);
		}
}

static int leave(const char *plan, const char *path)
{
	for (size_t i = 0; i < COUNT(setups); i++)
		if (strcmp(setups[i].plan, plan) == 0) {
			make(&setups[i]);
			return rename(b.core.path, path) ? 1 : 0;
		}
	return 2;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_size),
	};

	if (argc == 3)
		return leave(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
