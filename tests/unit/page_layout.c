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
	assert_int_equal(l.order_rule, KF_ORDER_BYTE);
	assert_int_equal(l.order_offset, 17);
	assert_int_equal(l.hugetlb_rule, KF_HUGETLB_BYTE);
	assert_int_equal(l.hugetlb_offset, 16);
	assert_int_equal(l.hugetlb_value, 2);
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
	assert_int_equal(l.order_rule, KF_ORDER_FLAGS);
	assert_int_equal(l.hugetlb_rule, KF_HUGETLB_WORD);
	assert_int_equal(l.hugetlb_value, 0xf4000000);
}

static void other_eras(void **state)
{
	static const struct {
		const struct era *era;
		enum kf_order_rule order;
		uint32_t order_offset;
		enum kf_hugetlb_rule hugetlb;
		uint32_t hugetlb_offset, hugetlb_value;
	} rows[] = {
		{ &era_4_9, KF_ORDER_U16, 18, KF_HUGETLB_U16, 16, 2 },
		{ &era_6_4, KF_ORDER_BYTE, 17, KF_HUGETLB_BYTE, 16, 2 },
		{ &era_6_7, KF_ORDER_FLAGS, 0, KF_HUGETLB_TAIL_FLAG, 0, 8 },
		{ &era_6_18, KF_ORDER_FLAGS, 0, KF_HUGETLB_WORD, 0, 0xf4000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct era *e = rows[i].era;
		struct kf_layout l;
		struct kf_error err;

		CHECK_OK(e->name, layout_of(e->release, e->keys, &l, &err), &err);
		CHECK_EQ(e->name, l.order_rule, rows[i].order);
		CHECK_EQ(e->name, l.order_offset, rows[i].order_offset);
		CHECK_EQ(e->name, l.hugetlb_rule, rows[i].hugetlb);
		CHECK_EQ(e->name, l.hugetlb_offset, rows[i].hugetlb_offset);
		CHECK_EQ(e->name, l.hugetlb_value, rows[i].hugetlb_value);
		CHECK_EQ(e->name, l.swapbacked, 1ull << e->swapbacked);
		CHECK_EQ(e->name, l.has_unaccepted, e->unaccepted != 0);
	}
}

/* The width of two fields goes by the release, and by nothing else. */
static void widths_by_release(void **state)
{
	static const struct {
		const char *release;
		enum kf_order_rule order;
	} rows[] = {
		{ "4.15.0-99-generic", KF_ORDER_U16 }, { "4.16.0", KF_ORDER_BYTE }, { "3.10.0-1160.el7", KF_ORDER_U16 },
		{ "5.10.0", KF_ORDER_BYTE }, { "unknown", KF_ORDER_BYTE }, { "", KF_ORDER_BYTE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_layout l;
		struct kf_error err;

		CHECK_OK(rows[i].release, layout_of(rows[i].release, era_4_9.keys, &l, &err), &err);
		CHECK_EQ(rows[i].release, l.order_rule, rows[i].order);
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
	assert_int_equal(l.order_rule, KF_ORDER_NONE);
	assert_int_equal(l.hugetlb_rule, KF_HUGETLB_NONE);
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
	assert_int_not_equal(l.hugetlb_rule, KF_HUGETLB_WORD);
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
		{ "OFFSET(page.flags)", "OFFSET(page.flags)=57" },
		{ "OFFSET(page.flags)", "OFFSET(page.flags)=-8" },
		{ "OFFSET(page.mapping)", "OFFSET(page.mapping)=64" },
		{ "OFFSET(page._mapcount)", "OFFSET(page._mapcount)=61" },
		{ "OFFSET(page.private)", "OFFSET(page.private)=4294967296" },
		{ "OFFSET(page.compound_head)", "OFFSET(page.compound_head)=60" },
		{ "OFFSET(page.compound_order)", "OFFSET(page.compound_order)=63" },
		{ "OFFSET(page.compound_dtor)", "OFFSET(page.compound_dtor)=9223372036854775807" },
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

/* Flags that no word has are no flags of a kernel. */
static void bits_beyond_the_word(void **state)
{
	char keys[KEYS_MAX];
	struct kf_layout l;
	struct kf_error err;

	(void)state;
	keys_change(keys, era_6_12.keys, "NUMBER(PG_lru)", "NUMBER(PG_lru)=64");
	CHECK_REFUSED("PG_lru=64", layout_of("6.12.0", keys, &l, &err), KF_INVALID, &err, "PG_lru");
	keys_change(keys, era_6_12.keys, "NUMBER(PG_hwpoison)", "NUMBER(PG_hwpoison)=-1");
	CHECK_REFUSED("PG_hwpoison=-1", layout_of("6.12.0", keys, &l, &err), KF_INVALID, &err, "PG_hwpoison");
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
		cmocka_unit_test(other_eras),
		cmocka_unit_test(widths_by_release),
		cmocka_unit_test(keys_that_lack),
		cmocka_unit_test(what_stands_for_them),
		cmocka_unit_test(types_need_their_places),
		cmocka_unit_test(newest_name_of_compound_head),
		cmocka_unit_test(values_that_cannot_be),
		cmocka_unit_test(folio_offsets_that_cannot_be),
		cmocka_unit_test(bits_beyond_the_word),
		cmocka_unit_test(when_pages_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
