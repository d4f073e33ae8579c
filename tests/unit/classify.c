// SPDX-License-Identifier: GPL-2.0-or-later
// The page decision: each rule in each era of the kernel at every dump level; struct pages are made byte by byte.
#include "tests/unit/unit.h"

#include "sender/filter/classify.h"
#include "tests/unit/image/era.h"

#define BASE 0x40000u		/* pfn of the first struct page: aligned for pages of 1 GiB */
#define BLOCK 512u
#define ALWAYS 0x80u		/* at every level */

static const struct era *const eras[] = { &era_3_18, &era_4_3, &era_4_9, &era_6_1, &era_6_4, &era_6_7, &era_6_12, &era_6_18 };

#define ANON 0xffff888100000001ull
#define KSM 0xffff888100000003ull
#define MOVABLE 0xffff888100000002ull
#define FILE_MAPPING 0xffff888100000000ull

/* What is wanted: the first line whose bits the level has. KF_KEPT or no line: kept. */
struct wanted {
	unsigned int levels;
	enum kf_class why;
	uint64_t pages;
};

struct row {
	const char *name;
	unsigned int at;		/* pfn - BASE */
	struct page_spec page, next;
	struct wanted wanted[4];
};

static const struct row rows[] = {
	{ "a page without a mark", 0, { .mapping = 0 }, { 0 }, { { 0 } } },
	{ "a tail that looks anonymous", 1, { .tail = true, .mapping = ANON }, { 0 }, { { 0 } } },
	{ "a tail that looks like a buddy", 0, { .tail = true, .type = TYPE_BUDDY }, { 0 }, { { 0 } } },
	{ "a tail on the LRU", 1, { .tail = true, .flags = PAGE_LRU }, { 0 }, { { 0 } } },
	{ "a poisoned tail", 1, { .tail = true, .flags = PAGE_HWPOISON }, { 0 }, { { 0 } } },

	{ "buddy, one page", 5, { .type = TYPE_BUDDY }, { 0 }, { { 16, KF_FREE, 1 } } },
	{ "buddy, 8 pages", 8, { .type = TYPE_BUDDY, .private_word = 3 }, { 0 }, { { 16, KF_FREE, 8 } } },
	{ "buddy, largest order", 0, { .type = TYPE_BUDDY, .private_word = 10 }, { 0 }, { { 16, KF_FREE, 1024 } } },
	{ "buddy, an order too large", 0, { .type = TYPE_BUDDY, .private_word = 11 }, { 0 }, { { 0 } } },
	{ "buddy, an order beyond sense", 0, { .type = TYPE_BUDDY, .private_word = UINT64_MAX }, { 0 }, { { 0 } } },
	{ "buddy, order with bits above 32", 0, { .type = TYPE_BUDDY, .private_word = 1ull << 32 }, { 0 }, { { 0 } } },
	{ "buddy, order damaged, on the LRU", 0, { .type = TYPE_BUDDY, .private_word = 64, .flags = PAGE_LRU }, { 0 },
	  { { 16, KF_KEPT, 0 }, { 2 | 4, KF_CACHE, 1 } } },
	{ "buddy, on the LRU", 0, { .type = TYPE_BUDDY, .private_word = 1, .flags = PAGE_LRU }, { 0 },
	  { { 16, KF_FREE, 2 }, { 2 | 4, KF_CACHE, 1 } } },
	{ "buddy and slab flag", 0, { .type = TYPE_BUDDY, .flags = PAGE_SLAB }, { 0 }, { { 0 } } },
	{ "unaccepted memory", 0, { .type = TYPE_UNACCEPTED }, { 0 }, { { 16, KF_FREE, 1024 } } },

	{ "page cache", 3, { .flags = PAGE_LRU, .mapping = FILE_MAPPING }, { 0 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "private page cache", 3, { .flags = PAGE_LRU | PAGE_PRIVATE, .mapping = FILE_MAPPING }, { 0 }, { { 4, KF_CACHE_PRIVATE, 1 } } },
	{ "swap cache, swap backed", 3, { .flags = PAGE_SWAPCACHE | PAGE_SWAPBACKED }, { 0 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "swap cache, private", 3, { .flags = PAGE_SWAPCACHE | PAGE_SWAPBACKED | PAGE_PRIVATE }, { 0 }, { { 4, KF_CACHE_PRIVATE, 1 } } },
	{ "the swap cache's bit on another page", 3, { .flags = PAGE_SWAPCACHE }, { 0 }, { { 0 } } },
	{ "private and nothing else", 3, { .flags = PAGE_PRIVATE }, { 0 }, { { 0 } } },
	{ "swap backed and nothing else", 3, { .flags = PAGE_SWAPBACKED }, { 0 }, { { 0 } } },

	{ "anonymous", 3, { .mapping = ANON }, { 0 }, { { 8, KF_USER, 1 } } },
	{ "anonymous on the LRU", 3, { .flags = PAGE_LRU | PAGE_SWAPBACKED, .mapping = ANON }, { 0 }, { { 8, KF_USER, 1 } } },
	{ "anonymous in the swap cache", 3, { .flags = PAGE_LRU | PAGE_SWAPCACHE | PAGE_SWAPBACKED, .mapping = ANON }, { 0 },
	  { { 8, KF_USER, 1 } } },
	{ "merged by KSM", 3, { .mapping = KSM }, { 0 }, { { 8, KF_USER, 1 } } },
	{ "movable by its driver", 3, { .mapping = MOVABLE }, { 0 }, { { 0 } } },
	{ "movable, on the LRU", 3, { .mapping = MOVABLE, .flags = PAGE_LRU }, { 0 }, { { 2 | 4, KF_CACHE, 1 } } },

	{ "slab by flag, odd word over mapping", 3, { .flags = PAGE_SLAB, .mapping = ANON }, { 0 }, { { 0 } } },
	{ "slab by type, odd word over mapping", 3, { .type = TYPE_SLAB, .mapping = ANON }, { 0 }, { { 0 } } },
	{ "slab by flag, on the LRU", 3, { .flags = PAGE_SLAB | PAGE_LRU, .mapping = ANON }, { 0 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "large slab, head", 8, { .flags = PAGE_HEAD, .type = TYPE_SLAB, .mapping = ANON }, { .tail = true, .order = 3 }, { { 0 } } },

	{ "hugetlb, 2 MiB", 0, { .flags = PAGE_HEAD, .type = TYPE_HUGETLB }, { .tail = true, .order = 9, .hugetlb = true },
	  { { 8, KF_USER, 512 } } },
	{ "hugetlb, 1 GiB", 0, { .flags = PAGE_HEAD, .type = TYPE_HUGETLB }, { .tail = true, .order = 18, .hugetlb = true },
	  { { 8, KF_USER, 262144 } } },
	{ "hugetlb, misaligned", 256, { .flags = PAGE_HEAD, .type = TYPE_HUGETLB }, { .tail = true, .order = 9, .hugetlb = true },
	  { { 8, KF_USER, 1 } } },
	{ "hugetlb, order beyond sense", 0, { .flags = PAGE_HEAD, .type = TYPE_HUGETLB }, { .tail = true, .order = 64, .hugetlb = true },
	  { { 8, KF_USER, 1 } } },
	{ "hugetlb, at a block's end", 511, { .flags = PAGE_HEAD, .type = TYPE_HUGETLB }, { 0 }, { { 0 } } },
	{ "a folio's head that is not hugetlb", 16, { .flags = PAGE_HEAD }, { .tail = true, .order = 4 }, { { 0 } } },

	{ "anonymous huge page", 0, { .flags = PAGE_HEAD | PAGE_LRU, .mapping = ANON }, { .tail = true, .order = 9 }, { { 8, KF_USER, 512 } } },
	{ "anonymous huge page, misaligned", 128, { .flags = PAGE_HEAD, .mapping = ANON }, { .tail = true, .order = 9 }, { { 8, KF_USER, 1 } } },
	{ "large folio of the cache", 16, { .flags = PAGE_HEAD | PAGE_LRU, .mapping = FILE_MAPPING }, { .tail = true, .order = 4 },
	  { { 2 | 4, KF_CACHE, 16 } } },
	{ "large private folio", 16, { .flags = PAGE_HEAD | PAGE_LRU | PAGE_PRIVATE, .mapping = FILE_MAPPING }, { .tail = true, .order = 2 },
	  { { 4, KF_CACHE_PRIVATE, 4 } } },
	{ "folio of an order beyond sense", 0, { .flags = PAGE_HEAD | PAGE_LRU }, { .tail = true, .order = 255 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "large folio, one page off", 17, { .flags = PAGE_HEAD | PAGE_LRU }, { .tail = true, .order = 4 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "an order without a head flag", 16, { .flags = PAGE_LRU }, { .tail = true, .order = 4 }, { { 2 | 4, KF_CACHE, 1 } } },
	{ "a folio's head at a block's end", 511, { .flags = PAGE_HEAD | PAGE_LRU }, { 0 }, { { 2 | 4, KF_CACHE, 1 } } },

	{ "poisoned", 3, { .flags = PAGE_HWPOISON }, { 0 }, { { ALWAYS, KF_HWPOISON, 1 } } },
	{ "poisoned page cache", 3, { .flags = PAGE_HWPOISON | PAGE_LRU }, { 0 }, { { 2 | 4, KF_CACHE, 1 }, { ALWAYS, KF_HWPOISON, 1 } } },
	{ "poisoned anonymous", 3, { .flags = PAGE_HWPOISON, .mapping = ANON }, { 0 }, { { 8, KF_USER, 1 }, { ALWAYS, KF_HWPOISON, 1 } } },
	{ "poisoned huge page", 0, { .flags = PAGE_HWPOISON | PAGE_HEAD }, { .tail = true, .order = 9 }, { { ALWAYS, KF_HWPOISON, 512 } } },
	{ "poisoned free page", 8, { .flags = PAGE_HWPOISON, .type = TYPE_BUDDY, .private_word = 3 }, { 0 },
	  { { 16, KF_FREE, 8 }, { ALWAYS, KF_HWPOISON, 1 } } },

	{ "offline", 3, { .type = TYPE_OFFLINE }, { 0 }, { { ALWAYS, KF_OFFLINE, 1 } } },
	{ "offline and slab flag", 3, { .type = TYPE_OFFLINE, .flags = PAGE_SLAB }, { 0 }, { { 0 } } },
	{ "offline, looks anonymous", 3, { .type = TYPE_OFFLINE, .mapping = ANON }, { 0 }, { { 8, KF_USER, 1 }, { ALWAYS, KF_OFFLINE, 1 } } },
};

/* Struct pages of two blocks, all of them without a mark. */
static uint8_t bytes[2 * BLOCK * ERA_PAGE_BYTES];

static struct kf_struct_pages plain_pages(const struct era *e)
{
	const struct page_spec plain = { 0 };

	for (size_t i = 0; i < 2 * BLOCK; i++)
		era_page(e, bytes + i * ERA_PAGE_BYTES, &plain);
	return (struct kf_struct_pages){ bytes, BASE, BASE + 2 * BLOCK };
}

static void put(const struct era *e, unsigned int at, const struct page_spec *spec)
{
	era_page(e, bytes + at * ERA_PAGE_BYTES, spec);
}

static size_t judged(const struct kf_layout *l, unsigned int level, const struct kf_struct_pages *sp, uint64_t first, uint64_t end,
		     struct kf_excluded *out, size_t *damaged)
{
	struct kf_judge j;

	kf_judge_init(&j, l, level);
	return kf_classify(&j, sp, first, end, out, damaged);
}

/* The same, where no free block is damaged. */
static size_t classify(const struct kf_layout *l, unsigned int level, const struct kf_struct_pages *sp, uint64_t first,
		       uint64_t end, struct kf_excluded *out)
{
	size_t damaged = 0, n = judged(l, level, sp, first, end, out, &damaged);

	assert_int_equal(damaged, 0);
	return n;
}

static struct kf_layout layout_of(const struct era *e, const char *more)
{
	char text[4096];
	struct kf_vmcoreinfo vi;
	struct kf_layout l;
	struct kf_error err;

	snprintf(text, sizeof(text), "OSRELEASE=%s\n%s%s", e->release, e->keys, more);
	kf_vmcoreinfo_parse(&vi, text, strlen(text));
	CHECK_OK(e->name, kf_layout_init(&l, &vi, &err), &err);
	return l;
}

static const struct wanted *wanted_at(const struct row *row, unsigned int level)
{
	static const struct wanted kept = { 0, KF_KEPT, 0 };

	for (size_t i = 0; i < COUNT(row->wanted) && row->wanted[i].levels; i++)
		if ((level | ALWAYS) & row->wanted[i].levels)
			return &row->wanted[i];
	return &kept;
}

/* A free block whose order cannot be. */
static bool is_damaged(const struct page_spec *page)
{
	return page->type == TYPE_BUDDY && !page->tail && !(page->flags & PAGE_SLAB) && page->private_word > 10;
}

static void check_row(const struct era *e, const struct row *row)
{
	struct kf_layout l = layout_of(e, "");
	struct kf_struct_pages sp = plain_pages(e);

	put(e, row->at, &row->page);
	if (row->next.tail)
		put(e, row->at + 1, &row->next);
	for (unsigned int level = 0; level < 32; level++) {
		const struct wanted *w = wanted_at(row, level);
		struct kf_excluded out[2 * BLOCK];
		char name[160];
		size_t n, damaged = 0;

		snprintf(name, sizeof(name), "%s, kernel %s, level %u", row->name, e->name, level);
		n = judged(&l, level, &sp, BASE, BASE + 2 * BLOCK, out, &damaged);
		CHECK_EQ(name, damaged, is_damaged(&row->page) && (level & 16));
		CHECK_EQ(name, n, w->why != KF_KEPT);
		if (!n)
			continue;
		CHECK_EQ(name, out[0].first, BASE + row->at);
		CHECK_EQ(name, out[0].pages, w->pages);
		CHECK_EQ(name, out[0].why, w->why);
	}
}

static void every_rule_in_every_era(void **state)
{
	(void)state;
	for (size_t r = 0; r < COUNT(rows); r++) {
		size_t known = 0;

		for (size_t e = 0; e < COUNT(eras); e++) {
			const struct page_spec *page = &rows[r].page;
			/* Only in the newest eras is hugetlb the head's own type; elsewhere its first tail says so. */
			struct row row = rows[r];

			if (page->type == TYPE_HUGETLB && eras[e]->hugetlb != HUGETLB_BY_TYPE)
				row.page.type = TYPE_NONE;
			if (!era_knows(eras[e], &row.page))
				continue;
			if (eras[e]->old && row.page.flags == PAGE_SWAPCACHE)
				continue;	/* see swap_cache_before_swapbacked */
			check_row(eras[e], &row);
			known++;
		}
		CHECK(rows[r].name, known > 0);
	}
}

/* Bit 7 is PG_waiters where slab is a type; makedumpfile takes it for PG_slab. */
static void waiters_are_no_slab(void **state)
{
	const struct page_spec anon = { .mapping = ANON };
	struct kf_layout l = layout_of(&era_6_12, "");
	struct kf_struct_pages sp = plain_pages(&era_6_12);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	put(&era_6_12, 3, &anon);
	bytes[3 * ERA_PAGE_BYTES] |= 0x80;
	assert_int_equal(classify(&l, 8, &sp, BASE, BASE + BLOCK, out), 1);
	assert_int_equal(out[0].why, KF_USER);
}

/* Without PG_swapbacked the swap cache is known by its own bit. */
static void swap_cache_before_swapbacked(void **state)
{
	const struct page_spec swap = { .flags = PAGE_SWAPCACHE };
	struct kf_layout l = layout_of(&era_3_18, "");
	struct kf_struct_pages sp = plain_pages(&era_3_18);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	put(&era_3_18, 3, &swap);
	assert_int_equal(classify(&l, 2, &sp, BASE, BASE + BLOCK, out), 1);
	assert_int_equal(out[0].why, KF_CACHE);
}

/* What the layout does not have cannot be found, whatever the bytes say. */
static void unknown_is_kept(void **state)
{
	const struct page_spec pages[] = {
		{ .type = TYPE_BUDDY }, { .type = TYPE_OFFLINE }, { .type = TYPE_UNACCEPTED }, { .flags = PAGE_HWPOISON },
		{ .type = TYPE_HUGETLB, .flags = PAGE_HEAD },
	};
	struct kf_layout l = layout_of(&era_6_18, "");
	struct kf_struct_pages sp = plain_pages(&era_6_18);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	l.has_buddy = l.has_offline = l.has_unaccepted = false;
	l.hwpoison = 0;
	l.hugetlb = (struct kf_field){ 0 };
	l.hugetlb_values[0] = l.hugetlb_values[1] = 1;
	for (unsigned int i = 0; i < COUNT(pages); i++)
		put(&era_6_18, 2 * i, &pages[i]);
	assert_int_equal(classify(&l, 31, &sp, BASE, BASE + BLOCK, out), 0);
	/* Without a word for tails, they are judged as pages. */
	l = layout_of(&era_6_18, "");
	l.has_compound = false;
	put(&era_6_18, 100, &(struct page_spec){ .tail = true, .mapping = ANON });
	assert_int_equal(classify(&l, 8, &sp, BASE + 100, BASE + 101, out), 1);
}

/* 4.4 and 4.5 have hugetlb pages, but tell nobody where: each page is judged alone. */
static void fields_that_nobody_tells(void **state)
{
	const struct page_spec head = { .flags = PAGE_HEAD }, cache = { .flags = PAGE_HEAD | PAGE_LRU },
			       tail = { .order = 9, .hugetlb = true };
	struct kf_layout l = layout_of(&era_4_5, "");
	struct kf_struct_pages sp = plain_pages(&era_4_5);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	put(&era_4_5, 0, &head);
	put(&era_4_5, 1, &tail);
	assert_int_equal(classify(&l, 31, &sp, BASE, BASE + 2 * BLOCK, out), 0);
	put(&era_4_5, 0, &cache);
	assert_int_equal(classify(&l, 31, &sp, BASE, BASE + 2 * BLOCK, out), 1);
	assert_int_equal(out[0].pages, 1);
}

/* The destructor is compared as a whole, in its own width. */
static void other_destructors_are_not_hugetlb(void **state)
{
	static const struct era *const by_tail[] = { &era_3_18, &era_4_3, &era_4_9, &era_6_1, &era_6_4 };
	const struct page_spec head = { .flags = PAGE_HEAD }, tail = { .order = 9, .hugetlb = true };

	(void)state;
	for (size_t i = 0; i < COUNT(by_tail); i++) {
		const struct era *e = by_tail[i];
		struct kf_layout l = layout_of(e, "");
		struct kf_struct_pages sp = plain_pages(e);
		struct kf_excluded out[2 * BLOCK];

		put(e, 0, &head);
		put(e, 1, &tail);
		CHECK_EQ(e->name, classify(&l, 8, &sp, BASE, BASE + BLOCK, out), 1);
		/* The lowest bit of the word, and where it is one, the highest. */
		bytes[ERA_PAGE_BYTES + (e->old ? 32 : 16)] ^= 1;
		CHECK_EQ(e->name, classify(&l, 8, &sp, BASE, BASE + BLOCK, out), 0);
		bytes[ERA_PAGE_BYTES + (e->old ? 32 : 16)] ^= 1;
		if (e->old) {
			bytes[ERA_PAGE_BYTES + 39] ^= 0x80;
			CHECK_EQ(e->name, classify(&l, 8, &sp, BASE, BASE + BLOCK, out), 0);
		}
	}
}

/* A kernel that exports the id and the function has pages with either. */
static void two_destructors(void **state)
{
	static const struct {
		const char *name;
		uint64_t value;
		bool hugetlb;
	} words[] = { { "id", 2, true }, { "function", ERA_FREE_HUGE_PAGE, true }, { "another", 1, false }, { "none", 0, false } };
	const struct page_spec head = { .flags = PAGE_HEAD };
	struct kf_layout l = layout_of(&era_4_3, "NUMBER(HUGETLB_PAGE_DTOR)=2\n");
	struct kf_struct_pages sp = plain_pages(&era_4_3);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	put(&era_4_3, 0, &head);
	for (size_t i = 0; i < COUNT(words); i++) {
		for (unsigned int k = 0; k < 8; k++)
			bytes[ERA_PAGE_BYTES + 32 + k] = (uint8_t)(words[i].value >> 8 * k);
		CHECK_EQ(words[i].name, classify(&l, 8, &sp, BASE, BASE + BLOCK, out), words[i].hugetlb);
	}
}

/* In every block the last page does not look at its neighbour, and the one before it does. */
static void ends_of_blocks(void **state)
{
	static const uint64_t bases[] = { 0, BLOCK, 2 * BLOCK, BASE };
	const struct page_spec head = { .flags = PAGE_HEAD, .type = TYPE_HUGETLB };

	(void)state;
	for (size_t i = 0; i < COUNT(bases); i++)
		for (unsigned int at = BLOCK - 2; at <= BLOCK; at++) {
			struct kf_layout l = layout_of(&era_6_12, "");
			struct kf_struct_pages sp = plain_pages(&era_6_12);
			struct kf_excluded out[2 * BLOCK];

			sp.base = bases[i];
			sp.end = bases[i] + 2 * BLOCK;
			put(&era_6_12, at, &head);
			CHECK_EQ("hugetlb", classify(&l, 8, &sp, sp.base, sp.end, out), at != BLOCK - 1);
		}
}

/* The largest compound page that is believed; pfns here are multiples of all of these orders. */
static void orders_that_can_be(void **state)
{
	const struct page_spec head = { .flags = PAGE_HEAD | PAGE_LRU };
	struct kf_layout l = layout_of(&era_6_12, "");
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	for (unsigned int order = 38; order < 70; order++) {
		struct kf_struct_pages sp = plain_pages(&era_6_12);

		sp.base = 1ull << 63;
		sp.end = sp.base + 2 * BLOCK;
		put(&era_6_12, 0, &head);
		put(&era_6_12, 1, &(struct page_spec){ .tail = true, .order = order });
		assert_int_equal(classify(&l, 2, &sp, sp.base, sp.end, out), 1);
		assert_true(out[0].first == sp.base && out[0].pages == (order <= 40 ? 1ull << order : 1));
	}
}

/* Whatever is kept, the page behind it is judged. */
static void kept_pages_hide_nothing(void **state)
{
	const struct page_spec kept[] = {
		{ 0 }, { .tail = true }, { .tail = true, .mapping = ANON }, { .flags = PAGE_PRIVATE }, { .type = TYPE_SLAB },
		{ .flags = PAGE_HEAD }, { .flags = PAGE_HEAD | PAGE_LRU },
	}, anon = { .mapping = ANON };
	struct kf_layout l = layout_of(&era_6_12, "");
	struct kf_struct_pages sp = plain_pages(&era_6_12);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	for (unsigned int i = 0; i < COUNT(kept); i++) {
		put(&era_6_12, 2 * i, &kept[i]);
		put(&era_6_12, 2 * i + 1, &anon);
	}
	assert_int_equal(classify(&l, 8, &sp, BASE, BASE + BLOCK, out), COUNT(kept));
	for (unsigned int i = 0; i < COUNT(kept); i++)
		assert_true(out[i].first == BASE + 2 * i + 1 && out[i].pages == 1);
}

static void damaged_free_blocks_are_counted(void **state)
{
	const struct page_spec anon = { .mapping = ANON }, bad = { .type = TYPE_BUDDY, .private_word = 11 }, good = { .type = TYPE_BUDDY, .private_word = 10 },
			       slab = { .type = TYPE_BUDDY, .private_word = 77, .flags = PAGE_SLAB };
	struct kf_layout l = layout_of(&era_6_1, "");
	struct kf_struct_pages sp = plain_pages(&era_6_1);
	struct kf_excluded out[2 * BLOCK];
	size_t damaged = 0;

	(void)state;
	put(&era_6_1, 3, &bad);
	put(&era_6_1, 5, &bad);
	put(&era_6_1, 6, &slab);
	put(&era_6_1, 512, &good);
	put(&era_6_1, 600, &bad);	/* inside of a block: not examined */
	assert_int_equal(judged(&l, 16, &sp, BASE, BASE + 2 * BLOCK, out, &damaged), 1);
	assert_int_equal(damaged, 2);
	assert_int_equal(judged(&l, 15, &sp, BASE, BASE + 2 * BLOCK, out, &damaged), 0);
	assert_int_equal(damaged, 2);
	put(&era_6_1, 4, &anon);	/* behind a damaged one: judged */
	assert_int_equal(judged(&l, 24, &sp, BASE, BASE + 5, out, &damaged), 1);
	assert_true(out[0].first == BASE + 4 && out[0].why == KF_USER);
	assert_int_equal(damaged, 3);
	l.buddy_orders = 0;		/* not exported: any order that a machine could have */
	assert_int_equal(judged(&l, 16, &sp, BASE, BASE + 4, out, &damaged), 1);
	assert_int_equal(out[0].pages, 2048);
	put(&era_6_1, 3, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = 40 });
	assert_int_equal(judged(&l, 16, &sp, BASE, BASE + 4, out, &damaged), 1);
	assert_true(out[0].pages == 1ull << 40);
	put(&era_6_1, 3, &(struct page_spec){ .type = TYPE_BUDDY, .private_word = 41 });
	assert_int_equal(judged(&l, 16, &sp, BASE, BASE + 4, out, &damaged), 0);
	assert_int_equal(damaged, 4);
}

static void neighbours_are_joined(void **state)
{
	static const struct page_spec anon = { .mapping = ANON }, cache = { .flags = PAGE_LRU }, plain = { 0 };
	const struct page_spec *const pages[] = { &anon, &anon, &cache, &anon, &plain, &anon };
	const struct kf_excluded wanted[] = {
		{ BASE, 2, KF_USER }, { BASE + 2, 1, KF_CACHE }, { BASE + 3, 1, KF_USER }, { BASE + 5, 1, KF_USER },
	};
	struct kf_layout l = layout_of(&era_6_1, "");
	struct kf_struct_pages sp = plain_pages(&era_6_1);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	for (unsigned int i = 0; i < COUNT(pages); i++)
		put(&era_6_1, i, pages[i]);
	assert_int_equal(classify(&l, 31, &sp, BASE, BASE + BLOCK, out), COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++)
		CHECK("joined", out[i].first == wanted[i].first && out[i].pages == wanted[i].pages && out[i].why == wanted[i].why);
}

static void inside_of_a_range_is_not_examined(void **state)
{
	const struct page_spec block = { .type = TYPE_BUDDY, .private_word = 4 }, anon = { .mapping = ANON };
	struct kf_layout l = layout_of(&era_6_12, "");
	struct kf_struct_pages sp = plain_pages(&era_6_12);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	put(&era_6_12, 16, &block);
	for (unsigned int i = 17; i < 34; i++)
		put(&era_6_12, i, &anon);
	assert_int_equal(classify(&l, 31, &sp, BASE, BASE + BLOCK, out), 2);
	assert_true(out[0].first == BASE + 16 && out[0].pages == 16 && out[0].why == KF_FREE);
	assert_true(out[1].first == BASE + 32 && out[1].pages == 2 && out[1].why == KF_USER);
}

/* FIRST and END bound what is judged; struct pages around them are there and may be looked at as a first tail only. */
static void only_what_was_asked_for(void **state)
{
	const struct page_spec anon = { .mapping = ANON }, head = { .flags = PAGE_HEAD, .mapping = ANON },
			       tail = { .tail = true, .order = 9 };
	struct kf_layout l = layout_of(&era_6_12, "");
	struct kf_struct_pages sp = plain_pages(&era_6_12);
	struct kf_excluded out[2 * BLOCK];

	(void)state;
	for (unsigned int i = 0; i < BLOCK; i++)
		put(&era_6_12, i, &anon);
	assert_int_equal(classify(&l, 8, &sp, BASE + 10, BASE + 20, out), 1);
	assert_true(out[0].first == BASE + 10 && out[0].pages == 10);
	assert_int_equal(classify(&l, 8, &sp, BASE + 10, BASE + 10, out), 0);
	put(&era_6_12, 0, &head);
	put(&era_6_12, 1, &tail);
	assert_int_equal(classify(&l, 8, &sp, BASE, BASE + 1, out), 1);
	assert_int_equal(out[0].pages, 512);
	sp.end = BASE + 2;
	assert_int_equal(classify(&l, 8, &sp, BASE, BASE + 1, out), 1);
	assert_int_equal(out[0].pages, 512);
	sp.end = BASE + 1;		/* the tail's struct page is not there */
	assert_int_equal(classify(&l, 8, &sp, BASE, BASE + 1, out), 1);
	assert_int_equal(out[0].pages, 1);
}

/* Any bytes at all: nothing is read outside of them, and what is excluded lies in order. */
static void noise(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (unsigned int round = 0; round < 60; round++) {
		const struct era *e = eras[round % COUNT(eras)];
		struct kf_layout l = layout_of(e, "");
		uint8_t *exact = malloc(BLOCK * ERA_PAGE_BYTES);
		struct kf_struct_pages sp = { exact, BASE, BASE + BLOCK };
		struct kf_excluded out[BLOCK];
		uint64_t next = BASE;
		size_t n, damaged = 0;

		for (size_t i = 0; i < BLOCK * ERA_PAGE_BYTES; i++)
			exact[i] = (uint8_t)(next_random(&seed) & next_random(&seed));
		n = judged(&l, 31, &sp, BASE, BASE + BLOCK, out, &damaged);
		CHECK(e->name, n <= BLOCK);
		for (size_t i = 0; i < n; i++) {
			CHECK(e->name, out[i].first >= next && out[i].pages > 0 && out[i].why != KF_KEPT);
			next = out[i].first + out[i].pages;
		}
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_in_every_era),
		cmocka_unit_test(waiters_are_no_slab),
		cmocka_unit_test(swap_cache_before_swapbacked),
		cmocka_unit_test(unknown_is_kept),
		cmocka_unit_test(fields_that_nobody_tells),
		cmocka_unit_test(other_destructors_are_not_hugetlb),
		cmocka_unit_test(two_destructors),
		cmocka_unit_test(ends_of_blocks),
		cmocka_unit_test(orders_that_can_be),
		cmocka_unit_test(kept_pages_hide_nothing),
		cmocka_unit_test(damaged_free_blocks_are_counted),
		cmocka_unit_test(neighbours_are_joined),
		cmocka_unit_test(inside_of_a_range_is_not_examined),
		cmocka_unit_test(only_what_was_asked_for),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
