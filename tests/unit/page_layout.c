// SPDX-License-Identifier: GPL-2.0-or-later
// From VMCOREINFO's keys to struct page's layout: each era, each key that lacks, each value that cannot be.
#include "tests/unit/unit.h"

#include "sender/kernel/layout.h"
#include "tests/unit/image/era.h"
#include "tests/unit/image/keys.h"

static enum kf_status layout_of(const char *release, const char *keys, struct kf_layout *l, struct kf_error *err)
{
	char text[2 * KEYS_MAX];
	struct kf_vmcoreinfo vi;

	snprintf(text, sizeof(text), "OSRELEASE=%s\n%s", release, keys);
	kf_vmcoreinfo_parse(&vi, text, strlen(text));
	return kf_layout_init(l, &vi, err);
}

/* A field as its offset in the struct page and its width in bits; 0, 0 is none. */
static void check_field(const char *name, const struct kf_field *f, uint32_t offset, unsigned int bits)
{
	CHECK_EQ(name, f->mask, bits ? UINT64_MAX >> (64 - bits) : 0);
	CHECK_EQ(name, f->word % 8, 0);
	CHECK_EQ(name, f->word + f->shift / 8, offset);
	CHECK_EQ(name, f->shift % 8, 0);
}

static void of_6_1(void **state)
{
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	CHECK_OK("6.1", layout_of(era_6_1.release, era_6_1.keys, &l, &err), &err);
	assert_int_equal(l.size, 64);
	assert_int_equal(l.flags, 0);
	assert_int_equal(l.compound, 8);
	assert_int_equal(l.mapping, 24);
	assert_int_equal(l.private_, 40);
	assert_int_equal(l.mapcount, 48);
	assert_true(l.has_compound && l.has_buddy && l.has_offline);
	assert_false(l.has_slab || l.has_unaccepted);
	assert_int_equal(l.lru, 1u << 4);
	assert_int_equal(l.private_flag, 1u << 13);
	assert_int_equal(l.swapcache, 1u << 10);
	assert_int_equal(l.swapbacked, 1u << 19);
	assert_int_equal(l.slab_flag, 1u << 9);
	assert_int_equal(l.head, 1u << 16);
	assert_int_equal(l.hwpoison, 0);
	assert_int_equal(l.buddy, 0xffffff7f);
	assert_int_equal(l.offline, 0xfffffeff);
	check_field("order", &l.order, 17, 8);
	check_field("hugetlb", &l.hugetlb, 16, 8);
	assert_false(l.hugetlb_in_head);
	assert_int_equal(l.hugetlb_values[0], 2);
	assert_int_equal(l.hugetlb_values[1], 2);
	assert_int_equal(l.buddy_orders, 11);
}

static void of_6_12(void **state)
{
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	CHECK_OK("6.12", layout_of(era_6_12.release, era_6_12.keys, &l, &err), &err);
	assert_true(l.has_compound && l.has_buddy && l.has_offline && l.has_slab);
	assert_false(l.has_unaccepted);
	assert_int_equal(l.lru, 1u << 5);
	assert_int_equal(l.private_flag, 1u << 14);
	assert_int_equal(l.swapcache, 1u << 10);
	assert_int_equal(l.swapbacked, 1u << 17);
	assert_int_equal(l.slab_flag, 0);	/* not 1 << 7, which is PG_waiters there */
	assert_int_equal(l.head, 64);
	assert_int_equal(l.hwpoison, 1u << 20);
	assert_int_equal(l.buddy, 0xf0000000);
	assert_int_equal(l.slab, 0xf5000000);
	assert_int_equal(l.offline, 0xf1000000);
	check_field("order", &l.order, 0, 8);
	check_field("hugetlb", &l.hugetlb, 48, 32);
	assert_true(l.hugetlb_in_head);
	assert_int_equal(l.hugetlb_values[0], 0xf4000000);
	assert_int_equal(l.hugetlb_values[1], 0xf4000000);
}

static void other_eras(void **state)
{
	static const struct {
		const struct era *era;
		uint32_t order;
		unsigned int order_bits;
		uint32_t hugetlb;
		unsigned int hugetlb_bits;
		bool in_head;
		uint64_t values[2];
	} rows[] = {
		{ &era_3_18, 40, 16, 32, 64, false, { ERA_FREE_HUGE_PAGE, ERA_FREE_HUGE_PAGE } },
		{ &era_4_3, 40, 16, 32, 64, false, { ERA_FREE_HUGE_PAGE, ERA_FREE_HUGE_PAGE } },
		{ &era_4_5, 0, 0, 0, 0, false, { 1, 1 } },
		{ &era_4_9, 18, 16, 16, 16, false, { 2, 2 } },
		{ &era_6_4, 17, 8, 16, 8, false, { 2, 2 } },
		{ &era_6_18, 0, 8, 48, 32, true, { 0xf4000000, 0xf4000000 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct era *e = rows[i].era;
		struct kf_layout l;
		struct kf_error err;

		CHECK_OK(e->name, layout_of(e->release, e->keys, &l, &err), &err);
		check_field(e->name, &l.order, rows[i].order, rows[i].order_bits);
		check_field(e->name, &l.hugetlb, rows[i].hugetlb, rows[i].hugetlb_bits);
		CHECK_EQ(e->name, l.hugetlb_in_head, rows[i].in_head);
		CHECK_EQ(e->name, l.hugetlb_values[0], rows[i].values[0]);
		CHECK_EQ(e->name, l.hugetlb_values[1], rows[i].values[1]);
		CHECK_EQ(e->name, l.swapbacked, e->old ? 0 : 1ull << e->swapbacked);
		CHECK_EQ(e->name, l.has_unaccepted, e->unaccepted != 0);
	}
}

static void of_6_7(void **state)
{
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	CHECK_OK("6.7", layout_of(era_6_7.release, era_6_7.keys, &l, &err), &err);
	check_field("order", &l.order, 0, 8);
	assert_int_equal(l.hugetlb.word, 0);
	assert_int_equal(l.hugetlb.shift, 8);
	assert_int_equal(l.hugetlb.mask, 1);
	assert_int_equal(l.hugetlb_values[0], 1);
}

/* The widths of two fields, and whether they lie in a list, go by the release and by nothing else. */
static void widths_by_release(void **state)
{
	static const struct {
		const char *release;
		unsigned int order_bits, hugetlb_bits;
	} rows[] = {
		{ "4.15.0-99-generic", 16, 16 }, { "4.16.0", 8, 8 }, { "4.4.0", 16, 16 }, { "4.3.99", 16, 64 },
		{ "3.10.0-1160.el7", 16, 64 }, { "2.6.32", 16, 64 }, { "5.10.0", 8, 8 }, { "10.2", 8, 8 }, { "unknown", 8, 8 }, { "", 8, 8 },
	};
	char keys[KEYS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_layout l;
		struct kf_error err;

		CHECK_OK(rows[i].release, layout_of(rows[i].release, era_4_3.keys, &l, &err), &err);
		check_field(rows[i].release, &l.order, 40, rows[i].order_bits);
		check_field(rows[i].release, &l.hugetlb, 32, rows[i].hugetlb_bits);
		/* And without their keys. */
		keys_change(keys, era_3_18.keys, "SYMBOL(free_huge_page)", NULL);
		CHECK_OK(rows[i].release, layout_of(rows[i].release, keys, &l, &err), &err);
		check_field(rows[i].release, &l.order, rows[i].hugetlb_bits == 64 ? 40 : 0, rows[i].hugetlb_bits == 64 ? 16 : 0);
		check_field(rows[i].release, &l.hugetlb, 0, 0);
	}
}

/* Some kernels export the id and the function: either makes a page hugetlb. What has no place is not looked for. */
static void two_destructors(void **state)
{
	static const struct {
		const char *name, *drop, *line;
		uint64_t values[2];
		unsigned int bits;
	} rows[] = {
		{ "both", "none", "NUMBER(HUGETLB_PAGE_DTOR)=2", { 2, ERA_FREE_HUGE_PAGE }, 64 },
		{ "the id", "SYMBOL(free_huge_page)", "NUMBER(HUGETLB_PAGE_DTOR)=2", { 2, 2 }, 64 },
		{ "the function", "none", "NUMBER(HUGETLB_PAGE_DTOR)=none", { ERA_FREE_HUGE_PAGE, ERA_FREE_HUGE_PAGE }, 64 },
		{ "neither", "SYMBOL(free_huge_page)", NULL, { 1, 1 }, 0 },
		{ "no place", "OFFSET(page.compound_dtor)", NULL, { 1, 1 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX];
		struct kf_layout l;
		struct kf_error err;

		keys_change(keys, era_4_3.keys, rows[i].drop, rows[i].line);
		CHECK_OK(rows[i].name, layout_of("4.3.0", keys, &l, &err), &err);
		check_field(rows[i].name, &l.hugetlb, rows[i].bits ? 32 : 0, rows[i].bits);
		CHECK_EQ(rows[i].name, l.hugetlb_values[0], rows[i].values[0]);
		CHECK_EQ(rows[i].name, l.hugetlb_values[1], rows[i].values[1]);
	}
}

static void keys_that_lack(void **state)
{
	static const struct {
		const char *key;
		bool needed;
	} rows[] = {
		{ "SIZE(page)", true }, { "OFFSET(page.flags)", true }, { "OFFSET(page.mapping)", true },
		{ "OFFSET(page._refcount)", true },
		{ "OFFSET(page._mapcount)", false }, { "OFFSET(page.private)", false }, { "OFFSET(page.compound_head)", false },
		{ "OFFSET(page.lru)", false }, { "LENGTH(zone.free_area)", false }, { "NUMBER(PG_lru)", false },
		{ "NUMBER(PG_private)", false }, { "NUMBER(PG_swapcache)", false }, { "NUMBER(PG_swapbacked)", false },
		{ "NUMBER(PG_slab)", false }, { "NUMBER(PG_head_mask)", false }, { "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", false },
		{ "NUMBER(HUGETLB_PAGE_DTOR)", false }, { "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", false },
		{ "OFFSET(page.compound_order)", false }, { "OFFSET(page.compound_dtor)", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX];
		struct kf_layout l;
		struct kf_error err;
		enum kf_status st;

		keys_change(keys, era_6_1.keys, rows[i].key, NULL);
		CHECK(rows[i].key, strlen(keys) < strlen(era_6_1.keys));
		st = layout_of(era_6_1.release, keys, &l, &err);
		if (rows[i].needed)
			CHECK_REFUSED(rows[i].key, st, KF_ABSENT, &err, rows[i].key);
		else
			CHECK_OK(rows[i].key, st, &err);
	}
}

static void what_stands_for_them(void **state)
{
	static const char few[] = "SIZE(page)=64\nOFFSET(page.flags)=0\nOFFSET(page._count)=28\nOFFSET(page.mapping)=8\n";
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	CHECK_OK("few", layout_of("3.10.0", few, &l, &err), &err);
	assert_int_equal(l.lru, 1u << 5);
	assert_int_equal(l.private_flag, 1u << 11);
	assert_int_equal(l.swapcache, 1u << 15);
	assert_int_equal(l.swapbacked, 0);	/* PG_swapcache above PG_private: there is none */
	assert_int_equal(l.head, 1u << 14);
	assert_int_equal(l.slab_flag, 1u << 7);
	assert_int_equal(l.hwpoison, 0);
	assert_false(l.has_compound || l.has_buddy || l.has_slab || l.has_offline || l.has_unaccepted);
	check_field("order", &l.order, 0, 0);
	check_field("hugetlb", &l.hugetlb, 0, 0);
	assert_int_equal(l.buddy_orders, 0);
}

/* A type's number without the place of its word, or a buddy's without the place of its order, is of no use. */
static void types_need_their_places(void **state)
{
	char keys[KEYS_MAX];
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	keys_change(keys, era_6_18.keys, "OFFSET(page._mapcount)", NULL);
	CHECK_OK("no _mapcount", layout_of("6.18.0", keys, &l, &err), &err);
	assert_false(l.has_buddy || l.has_slab || l.has_offline || l.has_unaccepted);
	check_field("no _mapcount", &l.hugetlb, 0, 0);
	keys_change(keys, era_6_18.keys, "OFFSET(page.private)", NULL);
	CHECK_OK("no private", layout_of("6.18.0", keys, &l, &err), &err);
	assert_false(l.has_buddy);
	assert_true(l.has_slab && l.has_offline);
	keys_change(keys, era_6_18.keys, "LENGTH(zone.free_area)", NULL);
	CHECK_OK("no free_area", layout_of("6.18.0", keys, &l, &err), &err);
	assert_false(l.has_unaccepted);		/* its size would not be known */
	assert_true(l.has_buddy);
}

static void newest_name_of_compound_head(void **state)
{
	char keys[KEYS_MAX];
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	keys_change(keys, era_6_18.keys, "OFFSET(page.compound_head)", "OFFSET(page.compound_info)=8");
	CHECK_OK("compound_info", layout_of("7.3.0", keys, &l, &err), &err);
	assert_true(l.has_compound);
	assert_int_equal(l.compound, 8);
}

static void values_that_cannot_be(void **state)
{
	static const struct {
		const char *key, *line;
	} rows[] = {
		{ "SIZE(page)", "SIZE(page)=0" },
		{ "SIZE(page)", "SIZE(page)=31" },
		{ "SIZE(page)", "SIZE(page)=257" },
		{ "SIZE(page)", "SIZE(page)=-64" },
		{ "SIZE(page)", "SIZE(page)=4294967360" },
		{ "SIZE(page)", "SIZE(page)=60" },
		{ "OFFSET(page.flags)", "OFFSET(page.flags)=57" },
		{ "OFFSET(page.flags)", "OFFSET(page.flags)=28" },
		{ "OFFSET(page.flags)", "OFFSET(page.flags)=-8" },
		{ "OFFSET(page.mapping)", "OFFSET(page.mapping)=64" },
		{ "OFFSET(page.mapping)", "OFFSET(page.mapping)=28" },
		{ "OFFSET(page._mapcount)", "OFFSET(page._mapcount)=61" },
		{ "OFFSET(page.private)", "OFFSET(page.private)=4294967296" },
		{ "OFFSET(page.compound_head)", "OFFSET(page.compound_head)=60" },
		{ "OFFSET(page.compound_order)", "OFFSET(page.compound_order)=64" },
		{ "OFFSET(page.compound_dtor)", "OFFSET(page.compound_dtor)=9223372036854775807" },
		{ "LENGTH(zone.free_area)", "LENGTH(zone.free_area)=-11" },
		{ "LENGTH(zone.free_area)", "LENGTH(zone.free_area)=4294967307" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX];
		struct kf_layout l;
		struct kf_error err;

		keys_change(keys, era_6_1.keys, rows[i].key, rows[i].line);
		CHECK_REFUSED(rows[i].line, layout_of("6.1.0", keys, &l, &err), KF_INVALID, &err, rows[i].key);
	}
}

/* The first and the last value that a kernel can have, and those beyond them; of the mask with one bit, some. */
static void numbers_at_their_ends(void **state)
{
	static const struct ends {
		const char *below, *first, *last, *beyond;
	} bit = { "-1", "0", "63", "64" }, type = { "-2147483649", "-2147483648", "-2", "-1" },
	  mask = { "0", "1", "-9223372036854775808", "3" };
	static const struct {
		const char *key;
		struct ends ends;
	} rows[] = {
		{ "NUMBER(PG_lru)", bit }, { "NUMBER(PG_private)", bit }, { "NUMBER(PG_swapcache)", bit },
		{ "NUMBER(PG_swapbacked)", bit }, { "NUMBER(PG_slab)", bit }, { "NUMBER(PG_hwpoison)", bit }, { "NUMBER(PG_hugetlb)", bit },
		{ "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", type }, { "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", type },
		{ "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", type }, { "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", type },
		{ "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)", type },
		{ "NUMBER(HUGETLB_PAGE_DTOR)", { "0", "1", "9223372036854775807", "-1" } },
		{ "LENGTH(zone.free_area)", { "0", "1", "41", "42" } },
		{ "NUMBER(PG_head_mask)", mask }, { "NUMBER(PG_head_mask)", { "96", "64", "65536", "-1" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *const values[] = { rows[i].ends.below, rows[i].ends.first, rows[i].ends.last, rows[i].ends.beyond };

		for (size_t k = 0; k < COUNT(values); k++) {
			char keys[KEYS_MAX], line[128];
			struct kf_layout l;
			struct kf_error err;
			enum kf_status st;

			snprintf(line, sizeof(line), "%s=%s", rows[i].key, values[k]);
			keys_change(keys, era_6_18.keys, rows[i].key, line);
			st = layout_of("6.18.0", keys, &l, &err);
			if (k == 1 || k == 2)
				CHECK_OK(line, st, &err);
			else
				CHECK_REFUSED(line, st, KF_INVALID, &err, line);
		}
	}
}

static void sizes_at_their_ends(void **state)
{
	static const struct {
		const char *line;
		bool possible;
	} rows[] = {
		{ "SIZE(page)=24", false }, { "SIZE(page)=32", true }, { "SIZE(page)=36", false }, { "SIZE(page)=40", true },
		{ "SIZE(page)=56", true }, { "SIZE(page)=80", true }, { "SIZE(page)=256", true }, { "SIZE(page)=264", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX];
		struct kf_layout l;
		struct kf_error err;
		enum kf_status st;

		snprintf(keys, sizeof(keys), "%s\nOFFSET(page.flags)=0\nOFFSET(page._count)=28\nOFFSET(page.mapping)=8\n", rows[i].line);
		st = layout_of("6.1.0", keys, &l, &err);
		if (rows[i].possible)
			CHECK_OK(rows[i].line, st, &err);
		else
			CHECK_REFUSED(rows[i].line, st, KF_INVALID, &err, rows[i].line);
	}
}

/* No two fields lie in one place; in neighbouring places they may. */
static void fields_in_one_place(void **state)
{
	static const struct {
		const char *key;
		unsigned int at;	/* in 6.1 */
	} rows[] = {
		{ "OFFSET(page.flags)", 0 }, { "OFFSET(page.compound_head)", 8 }, { "OFFSET(page.mapping)", 24 },
		{ "OFFSET(page.private)", 40 }, { "OFFSET(page._mapcount)", 48 },
	};
	const size_t mapcount = COUNT(rows) - 1;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t k = 0; k < COUNT(rows); k++)
			for (unsigned int more = 0; more <= (k == mapcount ? 4 : 0); more += 4) {
				char keys[KEYS_MAX], line[64];
				struct kf_layout l;
				struct kf_error err;

				snprintf(line, sizeof(line), "%s=%u", rows[k].key, rows[i].at + more);
				keys_change(keys, era_6_1.keys, rows[k].key, line);
				if (i == k) {
					CHECK_OK(line, layout_of("6.1.0", keys, &l, &err), &err);
					continue;
				}
				CHECK_REFUSED(line, layout_of("6.1.0", keys, &l, &err), KF_INVALID, &err, rows[k].key);
				CHECK(line, strstr(err.text, rows[i].key) != NULL);
			}
}

/* Before its bit was exported. */
static void where_swapbacked_was(void **state)
{
	static const struct {
		unsigned int private_bit, swapcache_bit;
		uint64_t swapbacked;
	} rows[] = {
		{ 12, 9, 1ull << 18 }, { 12, 11, 1ull << 18 }, { 12, 12, 0 }, { 12, 13, 0 },
		{ 57, 10, 1ull << 63 }, { 58, 10, 0 }, { 63, 10, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX], changed[KEYS_MAX], line[64];
		struct kf_layout l;
		struct kf_error err;

		snprintf(line, sizeof(line), "NUMBER(PG_private)=%u", rows[i].private_bit);
		keys_change(keys, era_4_9.keys, "NUMBER(PG_private)", line);
		snprintf(line, sizeof(line), "NUMBER(PG_swapcache)=%u", rows[i].swapcache_bit);
		keys_change(changed, keys, "NUMBER(PG_swapcache)", line);
		CHECK_OK(line, layout_of("4.9.0", changed, &l, &err), &err);
		CHECK_EQ(line, l.swapbacked, rows[i].swapbacked);
	}
}

/* Before 4.4: OFFSET(list_head) is added to that of lru. */
static void lists_that_cannot_be(void **state)
{
	static const struct {
		const char *key, *line;
	} rows[] = {
		{ "OFFSET(page.lru)", "OFFSET(page.lru)=56" },
		{ "OFFSET(page.lru)", "OFFSET(page.lru)=-16" },
		{ "OFFSET(list_head.prev)", "OFFSET(list_head.prev)=32" },
		{ "OFFSET(list_head.prev)", "OFFSET(list_head.prev)=7" },
		{ "OFFSET(list_head.next)", "OFFSET(list_head.next)=-40" },
		{ "OFFSET(list_head.next)", "OFFSET(list_head.next)=4" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char keys[KEYS_MAX];
		struct kf_layout l;
		struct kf_error err;

		keys_change(keys, era_3_18.keys, rows[i].key, rows[i].line);
		CHECK_REFUSED(rows[i].line, layout_of("3.18.0", keys, &l, &err), KF_INVALID, &err, "OFFSET(page.lru)");
	}
}

/* A field may be the struct page's last. */
static void fields_at_the_end(void **state)
{
	char keys[KEYS_MAX];
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	keys_change(keys, era_6_1.keys, "OFFSET(page.compound_order)", "OFFSET(page.compound_order)=63");
	CHECK_OK("byte", layout_of("6.1.0", keys, &l, &err), &err);
	check_field("byte", &l.order, 63, 8);
	keys_change(keys, era_4_3.keys, "OFFSET(page.compound_dtor)", "OFFSET(page.compound_dtor)=56");
	CHECK_OK("word", layout_of("4.3.0", keys, &l, &err), &err);
	check_field("word", &l.hugetlb, 56, 64);
	keys_change(keys, era_6_1.keys, "OFFSET(page.flags)", "OFFSET(page.flags)=56");
	CHECK_OK("flags", layout_of("6.1.0", keys, &l, &err), &err);
	assert_int_equal(l.flags, 56);
	keys_change(keys, era_6_1.keys, "OFFSET(page._mapcount)", "OFFSET(page._mapcount)=60");
	CHECK_OK("_mapcount", layout_of("6.1.0", keys, &l, &err), &err);
	assert_int_equal(l.mapcount, 60);
	keys_change(keys, era_6_1.keys, "OFFSET(page._mapcount)", "OFFSET(page._mapcount)=52");
	CHECK_OK("_mapcount", layout_of("6.1.0", keys, &l, &err), &err);
	keys_change(keys, era_6_1.keys, "OFFSET(page.private)", "OFFSET(page.private)=56");
	CHECK_OK("private", layout_of("6.1.0", keys, &l, &err), &err);
	assert_int_equal(l.private_, 56);
}

static void folio_offsets_that_cannot_be(void **state)
{
	static const char *const lines[] = { "=17", "=63", "=128", "=-1", "=4294967377" };
	static const char *const keys_of[] = { "OFFSET(folio._folio_order)", "OFFSET(folio._folio_dtor)" };

	(void)state;
	for (size_t k = 0; k < COUNT(keys_of); k++)
		for (size_t i = 0; i < COUNT(lines); i++) {
			char keys[KEYS_MAX], line[64];
			struct kf_layout l;
			struct kf_error err;

			snprintf(line, sizeof(line), "%s%s", keys_of[k], lines[i]);
			keys_change(keys, era_6_4.keys, keys_of[k], line);
			CHECK_REFUSED(line, layout_of("6.4.0", keys, &l, &err), KF_INVALID, &err, keys_of[k]);
		}
}

static void when_pages_are_looked_at(void **state)
{
	struct kf_layout with_poison, without_poison, nothing;
	struct kf_error err;

	(void)state;
	CHECK_OK("6.12", layout_of("6.12.0", era_6_12.keys, &with_poison, &err), &err);
	CHECK_OK("6.1", layout_of("6.1.0", era_6_1.keys, &without_poison, &err), &err);
	nothing = without_poison;
	nothing.has_buddy = false;
	for (unsigned int level = 0; level < 32; level++) {
		assert_true(kf_layout_must_scan(&with_poison, level));
		assert_int_equal(kf_layout_must_scan(&without_poison, level), level > 1);
		assert_int_equal(kf_layout_must_scan(&nothing, level), (level & 14) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_6_1),
		cmocka_unit_test(of_6_12),
		cmocka_unit_test(of_6_7),
		cmocka_unit_test(other_eras),
		cmocka_unit_test(widths_by_release),
		cmocka_unit_test(two_destructors),
		cmocka_unit_test(lists_that_cannot_be),
		cmocka_unit_test(fields_at_the_end),
		cmocka_unit_test(keys_that_lack),
		cmocka_unit_test(what_stands_for_them),
		cmocka_unit_test(types_need_their_places),
		cmocka_unit_test(newest_name_of_compound_head),
		cmocka_unit_test(values_that_cannot_be),
		cmocka_unit_test(folio_offsets_that_cannot_be),
		cmocka_unit_test(numbers_at_their_ends),
		cmocka_unit_test(sizes_at_their_ends),
		cmocka_unit_test(fields_in_one_place),
		cmocka_unit_test(where_swapbacked_was),
		cmocka_unit_test(when_pages_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
