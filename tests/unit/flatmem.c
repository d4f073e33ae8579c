// SPDX-License-Identifier: GPL-2.0-or-later
// FLATMEM: one array of struct pages, which ends with memory and may begin anywhere.
#include "tests/unit/unit.h"

#include "sender/filter/structview.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"

/* Its last block has 5 struct pages. */
static const struct machine_plan plan = {
	.ram = (200ull << 20) + 0x5000, .levels = 4, .era = &era_3_18, .model = MACHINE_FLATMEM,
};
#define END ((200u << 8) + 5u)

static struct machine m;
static struct opened o;

static void one_range(void **state)
{
	struct kf_memmap_range r;

	(void)state;
	machine_create(&m, &plan);
	opened_create(&o, &m);
	assert_true(o.kernel.filters);
	assert_string_equal(o.kernel.memmap.model->name, "FLATMEM");
	for (uint64_t pfn = 0; pfn < END; pfn += 1237) {
		kf_memmap_find(&o.kernel.memmap, pfn, &r);
		assert_true(r.has && !r.unknown && r.first == 0 && r.end == END);
		assert_true(r.va == machine_struct_page_va(&m, 0));
	}
	kf_memmap_find(&o.kernel.memmap, END, &r);
	assert_false(r.has || r.unknown);
	assert_int_equal(r.first, END);
	assert_true(r.end > END);
	assert_int_equal(kf_memmap_end(&o.kernel.memmap), END);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Other models come first: a kernel with SPARSEMEM may export mem_map too, and keys that lie are no reason to try it. */
static void after_the_other_models(void **state)
{
	const struct machine_plan sparse = { .ram = 200ull << 20, .levels = 4, .era = &era_6_1 };

	(void)state;
	machine_create(&m, &sparse);
	machine_key(&m, "SYMBOL(mem_map)", "%" PRIx64, machine_kernel_va(machine_take(&m, 8, 8)));
	opened_create(&o, &m);
	assert_string_equal(o.kernel.memmap.model->name, "SPARSEMEM");
	opened_destroy(&o);
	machine_key(&m, "SIZE(mem_section)", "7");
	opened_create(&o, &m);
	assert_false(o.kernel.filters);
	assert_non_null(strstr(o.kernel.why_not, "SPARSEMEM"));
	opened_destroy(&o);
	machine_destroy(&m);
}

static void pointers_that_cannot_be(void **state)
{
	static const struct {
		const char *name;
		uint64_t value;
		const char *why;
	} rows[] = {
		{ "none", 0, "mem_map is 0x0" },
		{ "user space", 0x7f0000000000, "mem_map is 0x7f" },
		{ "below the direct map", 0xffff887fffffffc0, "mem_map is" },
		{ "between words", 0xffff888002000004, "mem_map is" },
		{ "over the end of all addresses", 0xffffffffffff0000, "mem_map is" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		core_put_u64(&m.core, m.mem_map, rows[i].value);
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.translates && !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", rows[i].name, o.kernel.why_not, rows[i].why);
		opened_destroy(&o);
		machine_destroy(&m);
	}
	machine_create(&m, &plan);
	machine_key(&m, "SYMBOL(mem_map)", "ffffffff7f000000");
	opened_create(&o, &m);
	assert_false(o.kernel.filters);
	assert_string_equal(o.kernel.why_not, "mem_map at 0xffffffff7f000000 cannot be read");
	opened_destroy(&o);
	machine_destroy(&m);
}

static struct kf_structview view;
static struct kf_judged judged;

static void open_view(bool copy)
{
	struct kf_error err;

	CHECK_OK("guard", kf_guard_install(&err), &err);
	opened_create(&o, &m);
	assert_true(o.kernel.filters);
	o.vc.needs_pread = copy;
	CHECK_OK("view", kf_structview_init(&view, &o.kernel, &err), &err);
}

static void close_view(void)
{
	kf_structview_deinit(&view);
	opened_destroy(&o);
}

/* Behind the last struct page is something else: the last page must not take it for its first tail. */
static void nothing_behind_the_end(void **state)
{
	static const struct page_spec head = { .flags = PAGE_HEAD | PAGE_LRU }, tail = { .order = 4 };

	(void)state;
	for (unsigned int copy = 0; copy < 2; copy++) {
		machine_create(&m, &plan);
		machine_page(&m, END - 1, &head);	/* misaligned for order 4, and aligned for order 2 */
		machine_page(&m, END, &(struct page_spec){ .order = 2, .hugetlb = true });
		machine_page(&m, END - 5, &head);
		machine_page(&m, END - 4, &tail);
		open_view(copy);
		kf_structview_judge(&view, 31, END - 5, END, &judged);
		assert_int_equal(judged.end, END);
		assert_int_equal(judged.excluded_count, 1);
		assert_int_equal(judged.excluded[0].pages, 16);
		kf_structview_judge(&view, 31, END - 1, END, &judged);
		assert_int_equal(judged.excluded_count, 1);
		assert_int_equal(judged.excluded[0].pages, 1);
		assert_int_equal(judged.undecided_count, 0);
		close_view();
		machine_destroy(&m);
	}
}

/* An array that does not begin with a 4 KiB page: a struct page may have its bytes on two of them. */
static void an_array_anywhere(void **state)
{
	const struct machine_plan mapped = {
		.ram = 200ull << 20, .levels = 4, .era = &era_3_18, .model = MACHINE_FLATMEM, .small_vmemmap = true,
	};
	uint64_t pfn = 0x4000, va;

	(void)state;
	machine_create(&m, &mapped);
	core_put_u64(&m.core, m.mem_map, m.vmemmap + 0x28);	/* 40 bytes on: 62 whole ones in the first page */
	va = m.vmemmap + 0x28 + pfn * ERA_PAGE_BYTES;
	core_put_u64(&m.core, machine_entry(&m, va + 0x1000, 12), 0);
	open_view(false);
	kf_structview_judge(&view, 31, pfn, pfn + 512, &judged);
	assert_int_equal(judged.end, pfn + 512);
	assert_int_equal(judged.undecided_count, 1);
	/* Those with a byte on the page that is not there: bytes 0x1000 to 0x1fff from the page's start. */
	assert_int_equal(judged.undecided[0].first, pfn + (0x1000 - 0x28) / 64);
	assert_int_equal(judged.undecided[0].end, pfn + (0x2000 - 0x28 + 63) / 64);
	close_view();
	machine_destroy(&m);
}

/* Judged is what was asked for; the struct page behind it may be a first tail's, in place and copied. */
static void to_the_end_that_was_asked_for(void **state)
{
	static const struct page_spec cache = { .flags = PAGE_LRU }, head = { .flags = PAGE_LRU | PAGE_HEAD };

	(void)state;
	for (unsigned int copy = 0; copy < 2; copy++) {
		machine_create(&m, &plan);
		machine_page(&m, 0x4002, &cache);
		machine_page(&m, 0x4003, &cache);
		machine_page(&m, 0x4004, &head);
		machine_page(&m, 0x4005, &(struct page_spec){ .order = 2 });
		open_view(copy);
		kf_structview_judge(&view, 31, 0x4000, 0x4003, &judged);
		assert_int_equal(judged.end, 0x4003);
		assert_int_equal(judged.excluded_count, 1);
		assert_int_equal(judged.excluded[0].pages, 1);
		kf_structview_judge(&view, 31, 0x4004, 0x4005, &judged);
		assert_int_equal(judged.excluded_count, 1);
		assert_int_equal(judged.excluded[0].pages, 4);
		close_view();
		machine_destroy(&m);
	}
}

/* Of a first tail that cannot be read nothing is known, whatever the same place held when another block was copied. */
static void a_first_tail_that_is_lost(void **state)
{
	const struct machine_plan mapped = {
		.ram = 200ull << 20, .levels = 4, .era = &era_3_18, .model = MACHINE_FLATMEM, .small_vmemmap = true,
	};
	const uint64_t shift = 0x28, pfn = 0x4000, last = (0x1000 - shift) / 64 - 1;	/* the last whole one before the hole */
	uint8_t bytes[2][ERA_PAGE_BYTES];

	(void)state;
	machine_create(&m, &mapped);
	core_put_u64(&m.core, m.mem_map, m.vmemmap + shift);
	era_page(&era_3_18, bytes[0], &(struct page_spec){ .flags = PAGE_LRU | PAGE_HEAD });
	era_page(&era_3_18, bytes[1], &(struct page_spec){ .order = 1 });
	for (uint64_t block = 0; block < 2; block++)
		core_put(&m.core, machine_struct_page(&m, pfn + 512 * block + last) + shift, bytes, sizeof(bytes));
	core_put_u64(&m.core, machine_entry(&m, machine_struct_page_va(&m, pfn + 512) + 0x1000, 12), 0);
	open_view(false);
	kf_structview_judge(&view, 31, pfn, pfn + 512, &judged);
	assert_int_equal(judged.excluded_count, 1);
	assert_int_equal(judged.excluded[0].pages, 2);
	kf_structview_judge(&view, 31, pfn + 512, pfn + 1024, &judged);
	assert_int_equal(judged.excluded_count, 1);
	assert_int_equal(judged.excluded[0].first, pfn + 512 + last);
	assert_int_equal(judged.excluded[0].pages, 1);
	assert_int_equal(judged.undecided[0].first, pfn + 512 + last + 1);
	kf_structview_judge(&view, 31, pfn, pfn + 512, &judged);	/* once more, and only up to the hole */
	kf_structview_judge(&view, 31, pfn + 512, pfn + 512 + last + 1, &judged);
	assert_int_equal(judged.excluded_count, 1);
	assert_int_equal(judged.excluded[0].pages, 1);
	close_view();
	machine_destroy(&m);
}

static void damaged_blocks_are_counted(void **state)
{
	(void)state;
	for (unsigned int copy = 0; copy < 2; copy++) {
		machine_create(&m, &plan);
		machine_free_block(&m, 0x4000, 11);
		machine_free_block(&m, 0x4200, 99);
		machine_free_block(&m, 0x4202, 99);
		open_view(copy);
		kf_structview_judge(&view, 31, 0x4000, 0x4200, &judged);
		kf_structview_judge(&view, 31, 0x4200, 0x4400, &judged);
		assert_int_equal(judged.damaged, 2);
		assert_int_equal(view.damaged, 3);
		close_view();
		machine_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_range),
		cmocka_unit_test(after_the_other_models),
		cmocka_unit_test(pointers_that_cannot_be),
		cmocka_unit_test(nothing_behind_the_end),
		cmocka_unit_test(an_array_anywhere),
		cmocka_unit_test(to_the_end_that_was_asked_for),
		cmocka_unit_test(a_first_tail_that_is_lost),
		cmocka_unit_test(damaged_blocks_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
