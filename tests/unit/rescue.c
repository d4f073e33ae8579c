// SPDX-License-Identifier: GPL-2.0-or-later
// The safety net: pages that kferry's understanding rests on stay against their flags; counts that cannot be are said.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/dump/dump.h"
#include "sender/filter/scan.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/opened.h"

/* Text of 4 MiB, behind it 2 MiB of data; all beyond what the machine uses itself. */
#define IMAGE_VA (MACHINE_KERNEL_VA + (32ull << 20))
#define IMAGE_PA (96ull << 20)
#define TEXT_BYTES (4ull << 20)
#define READ_ONLY_2M 0x1e1ull
#define READ_ONLY_4K 0x161ull

static const struct machine_plan plans[] = {
	{ .ram = 300ull << 20, .levels = 4, .era = &era_6_1 },
	{ .ram = 300ull << 20, .levels = 5, .era = &era_6_12, .small_vmemmap = true },
	{ .ram = 300ull << 20, .levels = 4, .era = &era_6_12, .plain_sparse = true },
};

static void map_image(struct machine *m)
{
	for (uint64_t at = 0; at < TEXT_BYTES; at += 2 << 20)
		core_put_u64(&m->core, machine_entry(m, IMAGE_VA + at, 21), (IMAGE_PA + at) | READ_ONLY_2M);
	for (uint64_t at = TEXT_BYTES; at < TEXT_BYTES + (2 << 20); at += 4096)
		machine_map(m, IMAGE_VA + at, IMAGE_PA + at, 12);
	/* Given away, once a module's text, now something else: still read-only here, and no part of the kernel. */
	core_put_u64(&m->core, machine_entry(m, IMAGE_VA + TEXT_BYTES + 0x7000, 12), (IMAGE_PA + TEXT_BYTES + 0x7000) | READ_ONLY_4K);
	machine_key(m, "SYMBOL(_stext)", "%" PRIx64, (uint64_t)(IMAGE_VA + 0x1000));
}

static uint64_t table_of(struct machine *m, uint64_t va, unsigned int shift)
{
	return machine_entry(m, va, shift) / 4096;
}

struct row {
	const char *name;
	uint64_t pfn;
	bool stays;
};

static size_t list_rows(struct machine *m, struct row *rows)
{
	size_t n = 0;
	unsigned int memmap_shift = m->plan.small_vmemmap ? 12 : 21;

	rows[n++] = (struct row){ "the root table", m->root / 4096, true };
	rows[n++] = (struct row){ "a table to the struct pages", table_of(m, m->vmemmap, memmap_shift), true };
	rows[n++] = (struct row){ "the last of them", table_of(m, m->vmemmap + (2ull << 21), memmap_shift), true };
	rows[n++] = (struct row){ "a table to kernel text", table_of(m, IMAGE_VA, 21), true };
	rows[n++] = (struct row){ "memory sections", (m->sections - MACHINE_KERNEL_VA + MACHINE_KERNEL) / 4096, true };
	rows[n++] = (struct row){ "text", IMAGE_PA / 4096, true };
	rows[n++] = (struct row){ "its last page", (IMAGE_PA + TEXT_BYTES) / 4096 - 1, true };
	rows[n++] = (struct row){ "data behind it", (IMAGE_PA + TEXT_BYTES) / 4096, false };
	rows[n++] = (struct row){ "given away and read-only", (IMAGE_PA + TEXT_BYTES) / 4096 + 7, false };
	rows[n++] = (struct row){ "the page before text", IMAGE_PA / 4096 - 1, false };
	return n;
}

/* Rows may share a page; it counts once. */
static uint64_t pages_that_stay(const struct row *rows, size_t n)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < n; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again = again || rows[k].pfn == rows[i].pfn;
		pages += rows[i].stays && !again;
	}
	return pages;
}

static struct kf_tally scan_beside(struct opened *o, const struct kf_range_set *vital, unsigned int level, const struct row *rows, size_t n)
{
	struct kf_tally t = { 0 };
	struct kf_scan s;
	struct kf_error err;

	CHECK_OK("scan", kf_scan_init(&s, &o->kernel, &o->ram, level, 1024, &err), &err);
	s.vital = vital;
	while (kf_scan_next(&s)) {
		for (size_t i = 0; i < n; i++)
			if (rows[i].pfn >= s.first && rows[i].pfn < s.end)
				CHECK_EQ(rows[i].name, kf_bit(s.bitmap, rows[i].pfn - s.first), rows[i].stays);
		for (size_t i = 0; i < s.stretch_count; i++)
			kf_tally_add(&t, &s.stretches[i].tally);
	}
	kf_scan_deinit(&s);
	return t;
}

static struct kf_tally scan_all(struct opened *o, unsigned int level, const struct row *rows, size_t n)
{
	return scan_beside(o, NULL, level, rows, n);
}

static void damaged_flags(void **state)
{
	static void (*const damages[])(struct machine *m, uint64_t pfn) = { machine_cache, machine_anon };

	(void)state;
	for (size_t p = 0; p < COUNT(plans); p++)
		for (size_t d = 0; d < COUNT(damages); d++) {
			struct machine m;
			struct opened o;
			struct row rows[16];
			struct kf_tally t;
			size_t n;

			machine_create(&m, &plans[p]);
			map_image(&m);
			n = list_rows(&m, rows);
			for (size_t i = 0; i < n; i++)
				damages[d](&m, rows[i].pfn);
			opened_create(&o, &m);
			assert_true(o.kernel.filters);
			t = scan_all(&o, 31, rows, n);
			CHECK_EQ("rescued", t.rescued, pages_that_stay(rows, n));
			CHECK_EQ("gone", t.pages[d ? KF_USER : KF_CACHE], 3);
			opened_destroy(&o);
			machine_destroy(&m);
		}
}

/* One huge page that claims text and what lies around it, over the edges of stretches: only text stays. */
static void a_huge_page_over_text(void **state)
{
	struct machine m;
	struct opened o;
	struct kf_tally t;

	(void)state;
	machine_create(&m, &plans[0]);
	map_image(&m);
	machine_huge(&m, 64ull << 20 >> 12, 14);
	opened_create(&o, &m);
	t = scan_all(&o, 31, NULL, 0);
	CHECK_EQ("rescued", t.rescued, TEXT_BYTES / 4096);
	CHECK_EQ("gone", t.pages[KF_USER], (1 << 14) - TEXT_BYTES / 4096);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* The same, and pages before, in and behind text have gone as vital ones. */
static void a_huge_page_over_text_and_vital_pages(void **state)
{
	static struct kf_range gone[] = {
		{ 0x4001, 0x4003 }, { IMAGE_PA / 4096 - 1, IMAGE_PA / 4096 + 2 }, { (IMAGE_PA + TEXT_BYTES) / 4096 + 5, (IMAGE_PA + TEXT_BYTES) / 4096 + 6 },
		{ 0x7fff, 0x8004 },	/* reaches beyond the huge page, where pages are kept anyway */
	};
	const struct kf_range_set vital = { gone, COUNT(gone) };
	struct machine m;
	struct opened o;
	struct kf_tally t;

	(void)state;
	machine_create(&m, &plans[0]);
	map_image(&m);
	machine_huge(&m, 64ull << 20 >> 12, 14);
	opened_create(&o, &m);
	t = scan_beside(&o, &vital, 31, NULL, 0);
	CHECK_EQ("rescued", t.rescued, TEXT_BYTES / 4096 + 2 + 1 + 1 + 1);
	CHECK_EQ("gone", t.pages[KF_USER], (1 << 14) - (TEXT_BYTES / 4096 + 2 + 1 + 1 + 1));
	opened_destroy(&o);
	machine_destroy(&m);
}

/* A vital page between two that the understanding rests on, all in one excluded range. */
static void a_vital_page_between(void **state)
{
	struct kf_range gone[1];
	const struct kf_range_set vital = { gone, 1 };
	const struct kf_range *r;
	struct machine m;
	struct opened o;
	uint64_t rescued;

	(void)state;
	machine_create(&m, &plans[1]);
	machine_huge(&m, MACHINE_KERNEL / 4096, 11);
	opened_create(&o, &m);
	r = kf_range_at_or_after(&o.kernel.relied.pages, MACHINE_KERNEL / 4096);
	while (r[1].first % 1024 == 0 || r->end / 1024 != r[1].first / 1024)	/* a window's edge may come between them */
		r++;
	assert_true(r[1].first < (MACHINE_KERNEL + MACHINE_KERNEL_BYTES) / 4096);
	gone[0] = (struct kf_range){ r->end, r->end + 1 };
	rescued = scan_all(&o, 31, NULL, 0).rescued;
	CHECK_EQ("rescued", scan_beside(&o, &vital, 31, NULL, 0).rescued, rescued + 1);
	opened_destroy(&o);
	machine_destroy(&m);
}

/* The net is for flags of cache and processes only: makedumpfile's verdict holds for all other classes. */
static void free_pages_are_free(void **state)
{
	struct machine m;
	struct opened o;
	struct kf_tally t;

	(void)state;
	machine_create(&m, &plans[1]);
	map_image(&m);
	machine_free_block(&m, IMAGE_PA / 4096, 10);
	opened_create(&o, &m);
	t = scan_all(&o, 31, NULL, 0);
	CHECK_EQ("rescued", t.rescued, 0);
	CHECK_EQ("free", t.pages[KF_FREE], 1 << 10);
	opened_destroy(&o);
	machine_destroy(&m);
}

static void many_ranges(void **state)
{
	struct kf_relied r = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 200000; i++)
		kf_relied_note(&r, 2 * (i * 7919 % 200003), 2 * (i * 7919 % 200003) + 1);
	assert_true(r.full);
	assert_true(r.pages.count <= 65536);
	kf_relied_deinit(&r);
	for (uint64_t i = 0; i < 200000; i++)	/* the same again and again takes no room */
		kf_relied_note(&r, 3 * (i % 100), 3 * (i % 100) + 1);
	kf_range_set_normalise(&r.pages);
	assert_false(r.full);
	assert_int_equal(r.pages.count, 100);
	kf_relied_deinit(&r);
	kf_relied_deinit(&r);
}

/* What a run says on level 4; the caller frees it. */
static char *said(struct machine *m, unsigned int level)
{
	char *text = NULL;
	size_t len;
	struct kf_log log = { .out = open_memstream(&text, &len), .level = KF_LOG_ERROR, .program = "test" };
	struct kf_dump_setup setup = {
		.vmcore = m->core.path, .level = level, .rest = KF_REST_ZSTD, .wire = KF_WIRE_LZ4, .threads = 1,
		.cyclic_buffer = 64 << 10, .dry_run = true,
	};
	struct kf_error err;

	machine_finish(m);
	CHECK_OK("dry run", kf_dump_run(&setup, &log, &err), &err);
	fclose(log.out);
	return text;
}

static void check_said(struct machine *m, unsigned int level, const char *wanted)
{
	char *text = said(m, level);

	if (wanted ? !strstr(text, wanted) : *text)
		fail_msg("level %u: '%s', wanted '%s'", level, text, wanted ? wanted : "");
	free(text);
}

static void check_silent(struct machine *m, unsigned int level, const char *unwanted)
{
	char *text = said(m, level);

	if (strstr(text, unwanted))
		fail_msg("level %u: '%s', and '%s' is false", level, text, unwanted);
	free(text);
}

static void words_for_what_cannot_be(void **state)
{
	struct machine m;

	(void)state;
	machine_create(&m, &plans[0]);
	check_said(&m, 31, "no page was left out at dump level 31");
	check_said(&m, 1, NULL);
	machine_cache(&m, 0x8000);
	check_said(&m, 31, "no free page was found among 76");
	check_said(&m, 15, NULL);
	machine_free_block(&m, 0x8001, 0);
	check_said(&m, 31, NULL);
	machine_cache(&m, m.root / 4096);
	check_said(&m, 31, "1 pages of page tables");
	/* Where keys do not tell free pages, that is said once, and by another line. */
	machine_drop_key(&m, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)");
	check_silent(&m, 16, "left out");
	machine_destroy(&m);

	/* Nothing is known of pages whose struct pages cannot be read. */
	machine_create(&m, &plans[1]);
	for (uint64_t at = 0; at < 3ull << 21; at += 4096)
		core_put_u64(&m.core, machine_entry(&m, m.vmemmap + at, 12), 0);
	check_silent(&m, 31, "left out");
	check_silent(&m, 31, "no free page");
	machine_destroy(&m);

	machine_create(&m, &plans[1]);
	for (uint64_t pfn = 1; pfn <= MACHINE_LOW_END / 4096; pfn++)
		machine_free_block(&m, pfn, 0);
	for (uint64_t pfn = MACHINE_HIGH / 4096; pfn < 300ull << 8; pfn += 1 << 8)
		machine_free_block(&m, pfn, 8);
	check_said(&m, 31, "almost every page was left out: 0 of 76");
	check_said(&m, 15, "no page was left out");
	machine_destroy(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_flags),
		cmocka_unit_test(a_huge_page_over_text),
		cmocka_unit_test(a_huge_page_over_text_and_vital_pages),
		cmocka_unit_test(a_vital_page_between),
		cmocka_unit_test(free_pages_are_free),
		cmocka_unit_test(many_ranges),
		cmocka_unit_test(words_for_what_cannot_be),
	};
	struct kf_error err;

	if (kf_guard_install(&err))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
