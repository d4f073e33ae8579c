// SPDX-License-Identifier: GPL-2.0-or-later
// DISCONTIGMEM: nodes in any order with gaps between them, which begin and end anywhere; nodes that cannot be.
#include "tests/unit/unit.h"

#include "sender/filter/structview.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"

/* Out of order, one without memory, one inside a block of 512, gaps in the middle and at the end. */
static const struct machine_plan plan = {
	.ram = 256ull << 20, .levels = 4, .era = &era_4_9, .model = MACHINE_DISCONTIGMEM, .node_count = 5,
	.nodes = { { 0x8205, 0xf123 }, { 0x10, 0x6007 }, { 0, 0 }, { 0x6123, 0x6131 }, { 0x6007, 0x6101 } },
};
#define END 0x10000u

static struct machine m;
static struct opened o;

static const struct kf_memmap_range wanted[] = {
	{ .first = 0, .end = 0x10 }, { .first = 0x10, .end = 0x6007, .has = true }, { .first = 0x6007, .end = 0x6101, .has = true },
	{ .first = 0x6101, .end = 0x6123 }, { .first = 0x6123, .end = 0x6131, .has = true }, { .first = 0x6131, .end = 0x8205 },
	{ .first = 0x8205, .end = 0xf123, .has = true }, { .first = 0xf123, .end = UINT64_MAX },
};

static void check_ranges(const char *name)
{
	CHECK(name, o.kernel.filters);
	CHECK_TEXT(name, o.kernel.memmap.model->name, "DISCONTIGMEM");
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const uint64_t last = wanted[i].end < END ? wanted[i].end - 1 : END;
		const uint64_t pfns[] = { wanted[i].first, (wanted[i].first + last) / 2, last };

		for (size_t k = 0; k < COUNT(pfns); k++) {
			struct kf_memmap_range r;

			kf_memmap_find(&o.kernel.memmap, pfns[k], &r);
			CHECK_EQ(name, r.has, wanted[i].has);
			CHECK(name, !r.unknown);
			CHECK_EQ(name, r.first, wanted[i].first);
			CHECK_EQ(name, r.end, wanted[i].end);
			if (r.has)
				CHECK_EQ(name, r.va, machine_struct_page_va(&m, r.first));
		}
	}
	CHECK_EQ(name, kf_memmap_end(&o.kernel.memmap), 0xf123);
	CHECK_EQ(name, o.ram.max_mapnr, 0xf123);	/* what has no struct pages at the end is cut off */
}

static void nodes_in_any_order(void **state)
{
	(void)state;
	machine_create(&m, &plan);
	opened_create(&o, &m);
	check_ranges("as planned");
	opened_destroy(&o);
	/* It comes before both other models. */
	machine_key(&m, "SYMBOL(mem_map)", "%" PRIx64, machine_kernel_va(m.online));
	machine_key(&m, "SYMBOL(mem_section)", "%" PRIx64, machine_kernel_va(m.online));
	machine_key(&m, "SIZE(mem_section)", "16");
	machine_key(&m, "OFFSET(mem_section.section_mem_map)", "0");
	opened_create(&o, &m);
	check_ranges("with other models' keys");
	opened_destroy(&o);
	machine_destroy(&m);
}

/* A node that ends behind memory ends with it; one that begins there is not looked at. */
static void nodes_beyond_memory(void **state)
{
	struct kf_memmap_range r;

	(void)state;
	machine_create(&m, &plan);
	core_put_u64(&m.core, m.pgdat[0] + MACHINE_PGDAT_SPANNED, UINT64_MAX);
	core_put_u64(&m.core, m.pgdat[2] + MACHINE_PGDAT_START, END);
	core_put_u64(&m.core, m.pgdat[2] + MACHINE_PGDAT_SPANNED, 0x1000);
	opened_create(&o, &m);
	assert_true(o.kernel.filters);
	kf_memmap_find(&o.kernel.memmap, 0x9000, &r);
	assert_true(r.has && r.first == 0x8205 && r.end == END);
	assert_int_equal(o.ram.max_mapnr, END);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* Kernels without the map of online nodes have one. */
static void one_node_without_a_map(void **state)
{
	static const char *const keys[] = { "SYMBOL(node_online_map)", "SIZE(nodemask_t)" };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct kf_memmap_range r;

		machine_create(&m, &plan);
		machine_drop_key(&m, keys[i]);
		opened_create(&o, &m);
		CHECK(keys[i], o.kernel.filters);
		kf_memmap_find(&o.kernel.memmap, 0x9000, &r);
		CHECK(keys[i], r.has && r.first == 0x8205);
		kf_memmap_find(&o.kernel.memmap, 0x20, &r);
		CHECK(keys[i], !r.has && r.first == 0 && r.end == 0x8205);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* Without one of these keys it is another model, and here there is none. */
static void keys_that_lack(void **state)
{
	static const char *const keys[] = {
		"SYMBOL(node_data)", "LENGTH(node_data)", "SIZE(pglist_data)", "OFFSET(pglist_data.node_mem_map)",
		"OFFSET(pglist_data.node_start_pfn)", "OFFSET(pglist_data.node_spanned_pages)",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		machine_create(&m, &plan);
		machine_drop_key(&m, keys[i]);
		opened_create(&o, &m);
		CHECK(keys[i], !o.kernel.filters && strstr(o.kernel.why_not, "no memory model"));
		opened_destroy(&o);
		machine_create(&m, &plan);
		machine_drop_key(&m, keys[i]);
		core_put_u64(&m.core, m.online, machine_struct_page_va(&m, 0));
		machine_key(&m, "SYMBOL(mem_map)", "%" PRIx64, machine_kernel_va(m.online));
		opened_create(&o, &m);
		CHECK(keys[i], o.kernel.filters);
		CHECK_TEXT(keys[i], o.kernel.memmap.model->name, "FLATMEM");
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* The largest machine that a kernel can be built for, and a nodemask longer than its nodes. */
static void as_many_as_there_can_be(void **state)
{
	(void)state;
	machine_create(&m, &plan);
	machine_key(&m, "LENGTH(node_data)", "1024");
	opened_create(&o, &m);
	check_ranges("1024 nodes");
	opened_destroy(&o);
	core_put_u64(&m.core, machine_take(&m, 128, 8), 0x1f);
	machine_key(&m, "SYMBOL(node_online_map)", "%" PRIx64, machine_kernel_va(m.free - 128));
	machine_key(&m, "SIZE(nodemask_t)", "128");
	machine_key(&m, "LENGTH(node_data)", "5");
	opened_create(&o, &m);
	check_ranges("5 nodes of a map for 1024");
	opened_destroy(&o);
	/* The last that such a map has. */
	machine_key(&m, "LENGTH(node_data)", "1024");
	core_put_u64(&m.core, m.free - 8, 1ull << 63);
	opened_create(&o, &m);
	assert_false(o.kernel.filters);
	assert_string_equal(o.kernel.why_not, "node 1023 of DISCONTIGMEM cannot be read");
	opened_destroy(&o);
	machine_destroy(&m);
}

static void values_that_cannot_be(void **state)
{
	static const struct {
		const char *key, *value, *why;
	} rows[] = {
		{ "LENGTH(node_data)", "0", "with 0 nodes" }, { "LENGTH(node_data)", "-1", "not credible" },
		{ "LENGTH(node_data)", "1025", "with 1025 nodes" }, { "LENGTH(node_data)", "3", "node 3 is online" },
		{ "SIZE(pglist_data)", "0", "not credible" }, { "SIZE(pglist_data)", "7", "not credible" },
		{ "SIZE(pglist_data)", "159", "not credible" },		/* the last field ends at 160 */
		{ "OFFSET(pglist_data.node_mem_map)", "-8", "not credible" }, { "OFFSET(pglist_data.node_mem_map)", "313", "not credible" },
		{ "OFFSET(pglist_data.node_start_pfn)", "313", "not credible" },
		{ "OFFSET(pglist_data.node_spanned_pages)", "313", "not credible" },
		{ "OFFSET(pglist_data.node_spanned_pages)", "4294967296", "not credible" },
		{ "SIZE(nodemask_t)", "0", "SIZE(nodemask_t)" }, { "SIZE(nodemask_t)", "129", "SIZE(nodemask_t)" },
		{ "SIZE(nodemask_t)", "-1", "SIZE(nodemask_t)" },
		{ "SYMBOL(node_data)", "ffffffff7f000000", "node 0 of DISCONTIGMEM cannot be read" },
		{ "SYMBOL(node_online_map)", "ffffffff7f000000", "node_online_map at" },
		{ "SYMBOL(node_data)", "7f0000000000", "node 0 of DISCONTIGMEM cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		machine_key(&m, rows[i].key, "%s", rows[i].value);
		opened_create(&o, &m);
		CHECK(rows[i].key, o.kernel.translates && !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s=%s: '%s' does not say '%s'", rows[i].key, rows[i].value, o.kernel.why_not, rows[i].why);
		CHECK_EQ(rows[i].key, o.ram.max_mapnr, END);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* A field may be the last of pglist_data. */
static void fields_at_the_end(void **state)
{
	static const struct {
		const char *key;
		uint64_t at;
	} rows[] = {
		{ "OFFSET(pglist_data.node_mem_map)", MACHINE_PGDAT_MEM_MAP },
		{ "OFFSET(pglist_data.node_start_pfn)", MACHINE_PGDAT_START },
		{ "OFFSET(pglist_data.node_spanned_pages)", MACHINE_PGDAT_SPANNED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		for (size_t n = 0; n < plan.node_count; n++) {
			uint64_t word = core_get_u64(&m.core, m.pgdat[n] + rows[i].at);

			core_put_u64(&m.core, m.pgdat[n] + rows[i].at, 0x5555);
			core_put_u64(&m.core, m.pgdat[n] + MACHINE_PGDAT_BYTES - 8, word);
		}
		machine_key(&m, rows[i].key, "%u", MACHINE_PGDAT_BYTES - 8);
		opened_create(&o, &m);
		check_ranges(rows[i].key);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* A node that lies makes all of them doubtful: without it, its memory would look like none. */
static void nodes_that_cannot_be(void **state)
{
	static const struct {
		const char *name;
		size_t node;
		uint64_t field, value;
		const char *why;
	} rows[] = {
		{ "overlap by its start", 0, MACHINE_PGDAT_START, 0x6130, "overlap at pfn 0x6130" },
		{ "overlap by its length", 1, MACHINE_PGDAT_SPANNED, 0x5ff8, "overlap at pfn 0x6007" },
		{ "the same twice", 3, MACHINE_PGDAT_START, 0x6007, "overlap at pfn 0x6007" },
		{ "no struct pages", 1, MACHINE_PGDAT_MEM_MAP, 0, "node 1 has its struct pages at 0x0" },
		{ "struct pages of user space", 4, MACHINE_PGDAT_MEM_MAP, 0x7f0000000000, "node 4" },
		{ "struct pages between words", 0, MACHINE_PGDAT_MEM_MAP, 0xffff888002000001, "node 0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		core_put_u64(&m.core, m.pgdat[rows[i].node] + rows[i].field, rows[i].value);
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.translates && !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", rows[i].name, o.kernel.why_not, rows[i].why);
		CHECK_EQ(rows[i].name, o.ram.max_mapnr, END);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* Words of the array and of the map of online nodes: pointers to nothing, nodes that no array has. */
static void arrays_that_cannot_be(void **state)
{
	static const struct {
		const char *name;
		bool online;
		uint64_t value;
		const char *why;
	} rows[] = {
		{ "a node without a pgdat", false, 0, "node 1 of DISCONTIGMEM cannot be read" },
		{ "a pgdat that is not mapped", false, 0xffffc90000000000, "node 1 of DISCONTIGMEM cannot be read" },
		{ "a pgdat behind all addresses", false, UINT64_MAX - 0x90, "node 1 of DISCONTIGMEM cannot be read" },
		{ "online, without a pgdat", true, 1ull << 63, "node 63 of DISCONTIGMEM cannot be read" },
		{ "none online", true, 0, "no node" },
		{ "only the one without memory", true, 4, "no node" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_create(&m, &plan);
		core_put_u64(&m.core, rows[i].online ? m.online : m.node_data + 8, rows[i].value);
		opened_create(&o, &m);
		CHECK(rows[i].name, o.kernel.translates && !o.kernel.filters);
		if (!strstr(o.kernel.why_not, rows[i].why))
			fail_msg("%s: '%s' does not say '%s'", rows[i].name, o.kernel.why_not, rows[i].why);
		opened_destroy(&o);
		machine_destroy(&m);
	}
	machine_create(&m, &plan);	/* a node that is online, and behind the array's end */
	machine_key(&m, "LENGTH(node_data)", "4");
	opened_create(&o, &m);
	assert_string_equal(o.kernel.why_not, "node 4 is online, of 4 that there can be");
	opened_destroy(&o);
	machine_destroy(&m);
}

static struct kf_structview view;
static struct kf_judged judged;

static void check_judged(const char *name, uint64_t first, uint64_t end, uint64_t wanted_end, size_t excluded)
{
	kf_structview_judge(&view, 31, first, end, &judged);
	CHECK_EQ(name, judged.end, wanted_end);
	CHECK_EQ(name, judged.excluded_count, excluded);
	CHECK_EQ(name, judged.undecided_count, 0);
}

/*
 * A block of 512 pfns holds the end of one node, a gap, a whole node, and a gap. What lies around a node's struct pages
 * would be taken for more of them: they are made to look like the cache's.
 */
static void nodes_that_share_a_block(void **state)
{
	const struct page_spec cache = { .flags = PAGE_LRU };
	uint8_t page[ERA_PAGE_BYTES], behind[ERA_PAGE_BYTES];
	struct kf_error err;

	(void)state;
	CHECK_OK("guard", kf_guard_install(&err), &err);
	era_page(&era_4_9, page, &cache);
	for (unsigned int copy = 0; copy < 2; copy++) {
		machine_create(&m, &plan);
		for (uint64_t pfn = 0x6000; pfn < 0x6200; pfn++)
			for (uint64_t at = 0; at < MACHINE_NODE_SHIFT; at += ERA_PAGE_BYTES)
				core_put(&m.core, machine_struct_page(&m, pfn) + at, page, sizeof(page));
		for (uint64_t pfn = 0x6000; pfn < 0x6131; pfn++)
			machine_page(&m, pfn, &(struct page_spec){ 0 });
		machine_page(&m, 0x6002, &cache);	/* four in their places */
		machine_page(&m, 0x6008, &cache);
		/* Its first tail would be behind the node's end, and make it 256 pages. */
		machine_page(&m, 0x6100, &(struct page_spec){ .flags = PAGE_LRU | PAGE_HEAD });
		era_page(&era_4_9, behind, &(struct page_spec){ .order = 8 });
		core_put(&m.core, machine_struct_page(&m, 0x6100) + ERA_PAGE_BYTES, behind, sizeof(behind));
		machine_page(&m, 0x6130, &cache);
		opened_create(&o, &m);
		o.vc.needs_pread = copy;
		CHECK_OK("view", kf_structview_init(&view, &o.kernel, &err), &err);
		check_judged("end of a node", 0x6000, 0x7000, 0x6007, 1);
		check_judged("end of a node, later", 0x6003, 0x7000, 0x6007, 0);
		check_judged("the next node", 0x6007, 0x7000, 0x6101, 2);
		assert_int_equal(judged.excluded[0].first, 0x6008);
		assert_int_equal(judged.excluded[1].first, 0x6100);
		assert_int_equal(judged.excluded[1].pages, 1);
		check_judged("a gap", 0x6101, 0x7000, 0x6123, 0);
		check_judged("a node inside the block", 0x6123, 0x7000, 0x6131, 1);
		assert_int_equal(judged.excluded[0].first, 0x6130);
		check_judged("a gap that goes on", 0x6131, 0x7000, 0x7000, 0);
		kf_structview_deinit(&view);
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

/* Damage anywhere in the nodes: nothing crashes or hangs, and what is found is in order. */
static void noise(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (unsigned int round = 0; round < 200; round++) {
		struct kf_memmap_range r;
		uint64_t words = next_random(&seed) % 4;

		machine_create(&m, &plan);
		for (uint64_t i = 0; i <= words; i++) {
			uint64_t at = m.node_data + next_random(&seed) % (m.pgdat[4] + MACHINE_PGDAT_BYTES - m.node_data) / 8 * 8;

			core_put_u64(&m.core, at, next_random(&seed) >> next_random(&seed) % 64);
		}
		opened_create(&o, &m);
		for (uint64_t pfn = 0, n = 0; o.kernel.filters && pfn < END; pfn = r.end) {
			kf_memmap_find(&o.kernel.memmap, pfn, &r);
			assert_true(r.first == pfn && r.end > pfn && n++ < 20);
		}
		opened_destroy(&o);
		machine_destroy(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_in_any_order),
		cmocka_unit_test(nodes_beyond_memory),
		cmocka_unit_test(one_node_without_a_map),
		cmocka_unit_test(keys_that_lack),
		cmocka_unit_test(as_many_as_there_can_be),
		cmocka_unit_test(values_that_cannot_be),
		cmocka_unit_test(fields_at_the_end),
		cmocka_unit_test(nodes_that_cannot_be),
		cmocka_unit_test(arrays_that_cannot_be),
		cmocka_unit_test(nodes_that_share_a_block),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
