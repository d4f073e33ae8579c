// SPDX-License-Identifier: GPL-2.0-or-later
// Eras of the kernel; see era.h. The keys of 6.1 and 6.12 are those of Debian's kernels, line by line.
#include "tests/unit/image/era.h"

#include "tests/unit/unit.h"

#define KEYS_OF_ALL \
	"PAGESIZE=4096\n" \
	"SIZE(page)=64\n" \
	"OFFSET(page.flags)=0\n" \
	"OFFSET(page._refcount)=52\n" \
	"OFFSET(page.mapping)=24\n" \
	"OFFSET(page.lru)=8\n" \
	"OFFSET(page._mapcount)=48\n" \
	"OFFSET(page.private)=40\n" \
	"OFFSET(page.compound_head)=8\n" \
	"LENGTH(zone.free_area)=11\n" \
	"LENGTH(free_area.free_list)=5\n" \
	"NUMBER(NR_FREE_PAGES)=0\n"

#define KEYS_OF_OLD \
	"PAGESIZE=4096\n" \
	"SIZE(page)=64\n" \
	"OFFSET(page.flags)=0\n" \
	"OFFSET(page._count)=28\n" \
	"OFFSET(page.mapping)=8\n" \
	"OFFSET(page.lru)=32\n" \
	"OFFSET(page._mapcount)=24\n" \
	"OFFSET(page.private)=48\n" \
	"OFFSET(list_head.next)=0\n" \
	"OFFSET(list_head.prev)=8\n" \
	"LENGTH(zone.free_area)=11\n" \
	"NUMBER(PG_lru)=5\n" \
	"NUMBER(PG_private)=11\n" \
	"NUMBER(PG_swapcache)=16\n" \
	"NUMBER(PG_slab)=7\n" \
	"NUMBER(PG_hwpoison)=23\n" \
	"NUMBER(PG_head_mask)=16384\n" \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"

#define FLAGS_OF_OLD \
	.lru = 5, .private_ = 11, .swapcache = 16, .swapbacked = 19, .slab = 7, .head = 14, .hwpoison = 23, .buddy = 0xffffff80

/* Order and destructor stand in the first tail's list_head, and no key says so. */
const struct era era_3_18 = {
	.name = "3.18", .release = "3.18.0-test",
	.keys = KEYS_OF_OLD
		"SYMBOL(free_huge_page)=ffffffff811a2b30\n",
	FLAGS_OF_OLD, .order = ORDER_U16_AT_40, .hugetlb = HUGETLB_BY_FUNCTION_AT_32, .old = true,
};

/* The same place by keys that came later; the destructor is still a function. */
const struct era era_4_3 = {
	.name = "4.3", .release = "4.3.0-test",
	.keys = KEYS_OF_OLD
		"OFFSET(page.compound_order)=40\n"
		"OFFSET(page.compound_dtor)=32\n"
		"SYMBOL(free_huge_page)=ffffffff811a2b30\n",
	FLAGS_OF_OLD, .order = ORDER_U16_AT_40, .hugetlb = HUGETLB_BY_FUNCTION_AT_32, .old = true,
};

/* The two fields moved, and are exported from 4.6 on only. */
const struct era era_4_5 = {
	.name = "4.5", .release = "4.5.0-test",
	.keys = KEYS_OF_OLD
		"SYMBOL(free_huge_page)=ffffffff811a2b30\n",
	FLAGS_OF_OLD, .order = ORDER_UNTOLD, .hugetlb = HUGETLB_UNTOLD, .old = true,
};

/* PG_swapbacked is not exported: it is 6 above PG_private. */
const struct era era_4_9 = {
	.name = "4.9", .release = "4.9.0-test",
	.keys = KEYS_OF_ALL
		"OFFSET(page.compound_dtor)=16\n"
		"OFFSET(page.compound_order)=18\n"
		"NUMBER(PG_lru)=5\n"
		"NUMBER(PG_private)=12\n"
		"NUMBER(PG_swapcache)=9\n"
		"NUMBER(PG_slab)=7\n"
		"NUMBER(PG_hwpoison)=22\n"
		"NUMBER(PG_head_mask)=32768\n"
		"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-128\n"
		"NUMBER(HUGETLB_PAGE_DTOR)=2\n",
	.lru = 5, .private_ = 12, .swapcache = 9, .swapbacked = 18, .slab = 7, .head = 15, .hwpoison = 22,
	.buddy = 0xffffff80, .order = ORDER_U16_AT_18, .hugetlb = HUGETLB_BY_U16_AT_16,
};

const struct era era_6_1 = {
	.name = "6.1", .release = "6.1.0-test",
	.keys = KEYS_OF_ALL
		"OFFSET(page.compound_dtor)=16\n"
		"OFFSET(page.compound_order)=17\n"
		"NUMBER(PG_lru)=4\n"
		"NUMBER(PG_private)=13\n"
		"NUMBER(PG_swapcache)=10\n"
		"NUMBER(PG_swapbacked)=19\n"
		"NUMBER(PG_slab)=9\n"
		"NUMBER(PG_head_mask)=65536\n"
		"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
		"NUMBER(HUGETLB_PAGE_DTOR)=2\n"
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n",
	.lru = 4, .private_ = 13, .swapcache = 10, .swapbacked = 19, .slab = 9, .head = 16, .hwpoison = -1,
	.buddy = 0xffffff7f, .offline = 0xfffffeff, .order = ORDER_BYTE_AT_17, .hugetlb = HUGETLB_BY_BYTE_AT_16,
};

const struct era era_6_4 = {
	.name = "6.4", .release = "6.4.0-test",
	.keys = KEYS_OF_ALL
		"OFFSET(folio._folio_dtor)=80\n"
		"OFFSET(folio._folio_order)=81\n"
		"NUMBER(PG_lru)=4\n"
		"NUMBER(PG_private)=13\n"
		"NUMBER(PG_swapcache)=10\n"
		"NUMBER(PG_swapbacked)=19\n"
		"NUMBER(PG_slab)=9\n"
		"NUMBER(PG_hwpoison)=22\n"
		"NUMBER(PG_head_mask)=65536\n"
		"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
		"NUMBER(HUGETLB_PAGE_DTOR)=2\n"
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n",
	.lru = 4, .private_ = 13, .swapcache = 10, .swapbacked = 19, .slab = 9, .head = 16, .hwpoison = 22,
	.buddy = 0xffffff7f, .offline = 0xfffffeff, .order = ORDER_BYTE_AT_17, .hugetlb = HUGETLB_BY_BYTE_AT_16,
};

const struct era era_6_7 = {
	.name = "6.7", .release = "6.7.0-test",
	.keys = KEYS_OF_ALL
		"NUMBER(PG_lru)=5\n"
		"NUMBER(PG_private)=14\n"
		"NUMBER(PG_swapcache)=11\n"
		"NUMBER(PG_swapbacked)=19\n"
		"NUMBER(PG_slab)=10\n"
		"NUMBER(PG_hwpoison)=22\n"
		"NUMBER(PG_head_mask)=64\n"
		"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
		"NUMBER(PG_hugetlb)=8\n"
		"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\n",
	.lru = 5, .private_ = 14, .swapcache = 11, .swapbacked = 19, .slab = 10, .head = 6, .hwpoison = 22,
	.buddy = 0xffffff7f, .offline = 0xfffffeff, .order = ORDER_IN_FLAGS, .hugetlb = HUGETLB_BY_TAIL_FLAG_8,
};

#define KEYS_OF_6_12 KEYS_OF_ALL \
	"NUMBER(PG_lru)=5\n" \
	"NUMBER(PG_private)=14\n" \
	"NUMBER(PG_swapcache)=10\n" \
	"NUMBER(PG_swapbacked)=17\n" \
	"NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=-184549376\n" \
	"NUMBER(PG_hwpoison)=20\n" \
	"NUMBER(PG_head_mask)=64\n" \
	"NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-268435456\n" \
	"NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=-201326592\n" \
	"NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-251658240\n"

const struct era era_6_12 = {
	.name = "6.12", .release = "6.12.0-test",
	.keys = KEYS_OF_6_12,
	.lru = 5, .private_ = 14, .swapcache = 10, .swapbacked = 17, .slab = -1, .head = 6, .hwpoison = 20,
	.buddy = 0xf0000000, .slab_type = 0xf5000000, .offline = 0xf1000000, .hugetlb_type = 0xf4000000,
	.order = ORDER_IN_FLAGS, .hugetlb = HUGETLB_BY_TYPE,
};

const struct era era_6_18 = {
	.name = "6.18", .release = "6.18.0-test",
	.keys = KEYS_OF_6_12
		"NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=-150994944\n",
	.lru = 5, .private_ = 14, .swapcache = 10, .swapbacked = 17, .slab = -1, .head = 6, .hwpoison = 20,
	.buddy = 0xf0000000, .slab_type = 0xf5000000, .offline = 0xf1000000, .hugetlb_type = 0xf4000000,
	.unaccepted = 0xf7000000, .order = ORDER_IN_FLAGS, .hugetlb = HUGETLB_BY_TYPE,
};

static uint32_t word_of(const struct era *e, enum page_type type)
{
	switch (type) {
	case TYPE_BUDDY:
		return e->buddy;
	case TYPE_SLAB:
		return e->slab_type;
	case TYPE_OFFLINE:
		return e->offline;
	case TYPE_UNACCEPTED:
		return e->unaccepted;
	case TYPE_HUGETLB:
		return e->hugetlb_type;
	case TYPE_NONE:
		break;
	}
	return 0xffffffff;	/* _mapcount of a page that nobody maps */
}

bool era_knows(const struct era *e, const struct page_spec *spec)
{
	return !((spec->flags & PAGE_SLAB && e->slab < 0) || (spec->flags & PAGE_HWPOISON && e->hwpoison < 0) ||
		 (spec->tail && e->old) || word_of(e, spec->type) == 0);
}

static uint64_t flags_of(const struct era *e, unsigned int flags)
{
	const int bits[] = { e->lru, e->private_, e->swapcache, e->swapbacked, e->slab, e->head, e->hwpoison };
	uint64_t word = 0x57ffffc000000000;	/* zone and node stand in the upper bits */

	for (unsigned int i = 0; i < COUNT(bits); i++)
		if (flags >> i & 1) {
			assert_true(bits[i] >= 0);
			word |= 1ull << bits[i];
		}
	return word;
}

static void put(uint8_t *out, size_t at, unsigned int width, uint64_t value)
{
	for (unsigned int i = 0; i < width; i++)
		out[at + i] = (uint8_t)(value >> 8 * i);
}

static void put_first_tail(const struct era *e, uint8_t *out, const struct page_spec *spec, uint64_t *flags)
{
	if (e->order == ORDER_IN_FLAGS)
		*flags = (*flags & ~0xffull) | spec->order;
	else if (e->order == ORDER_BYTE_AT_17)
		put(out, 17, 1, spec->order);
	else if (e->order == ORDER_U16_AT_18)
		put(out, 18, 2, spec->order);
	else
		put(out, 40, 2, spec->order);
	if (!spec->hugetlb)
		return;
	if (e->hugetlb == HUGETLB_BY_TAIL_FLAG_8)
		*flags |= 1u << 8;
	else if (e->hugetlb == HUGETLB_BY_BYTE_AT_16)
		put(out, 16, 1, 2);
	else if (e->hugetlb == HUGETLB_BY_U16_AT_16)
		put(out, 16, 2, 2);
	else if (e->hugetlb == HUGETLB_BY_FUNCTION_AT_32 || e->hugetlb == HUGETLB_UNTOLD)
		put(out, 32, 8, ERA_FREE_HUGE_PAGE);
}

void era_page(const struct era *e, uint8_t out[ERA_PAGE_BYTES], const struct page_spec *spec)
{
	uint64_t flags = flags_of(e, spec->flags);

	memset(out, 0, ERA_PAGE_BYTES);
	if (!e->old)
		put(out, 8, 8, spec->tail ? 0xffffea0000001001 : 0xffffea0000001008);
	put(out, e->old ? 8 : 24, 8, spec->mapping);
	put(out, e->old ? 48 : 40, 8, spec->private_word);
	put(out, e->old ? 24 : 48, 4, word_of(e, spec->type));
	put(out, e->old ? 28 : 52, 4, 1);
	if (spec->order || spec->hugetlb)
		put_first_tail(e, out, spec, &flags);
	put(out, 0, 8, flags);
}
