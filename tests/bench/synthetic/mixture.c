// SPDX-License-Identifier: GPL-2.0-or-later
// Struct pages of a mixture, as a kernel like 6.1 has them; see mixture.h.
#include "mixture.h"

#include <string.h>

#include "machine.h"

#define BLOCK 512u			/* pages of 2 MiB */
#define PAIR (2 * BLOCK)

enum {
	LRU = 1 << 4, SWAPCACHE = 1 << 10, RESERVED = 1 << 12, PRIVATE = 1 << 13, HEAD = 1 << 16, SLAB = 1 << 9, SWAPBACKED = 1 << 19,
	POISON = 1 << 23, UPTODATE = 1 << 2,
};
#define ZONE 0x0017ffffc0000000ull
#define UNMAPPED 0xffffffffu
#define BUDDY (0u - 129)
#define TABLE (0u - 1025)
#define IS_OFFLINE (0u - 257)
#define TAIL_MAPPING 0xdead000000000400ull
#define DTOR_PAGE 1u
#define DTOR_HUGETLB 2u
#define DTOR_THP 3u

enum kind { FREE_BLOCKS, THP, HUGETLB, FOLIOS, CACHE_PAGES, ANON_PAGES, SLABS, KERNEL, MIXED, KINDS };

/* In per mille of the memory; the rest is MIXED. GIGANTIC are huge pages of 1 GiB, of which the others are then the rest. */
struct mixture {
	const char *name;
	unsigned int gigantic;
	unsigned int of[KINDS - 1];
};

static const struct mixture mixtures[] = {
	/* free blocks  thp  hugetlb  folios  cache  anon  slab  kernel */
	{ "coalesced", 100, { 300, 200, 100, 120, 100, 80, 50, 20 } },
	{ "fragmented", 0, { 20, 20, 0, 60, 100, 80, 60, 20 } },
	{ "single", 0, { 0, 0, 0, 0, 550, 400, 0, 50 } },
	{ "idle", 0, { 950, 20, 0, 10, 10, 10, 0, 0 } },
};

const struct mixture *mixture_named(const char *name)
{
	for (unsigned int i = 0; i < sizeof(mixtures) / sizeof(*mixtures); i++)
		if (strcmp(mixtures[i].name, name) == 0)
			return &mixtures[i];
	return NULL;
}

static uint64_t draw(struct filler *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed >> 11;
}

int wants_gigantic(struct filler *f)
{
	return draw(f) % 1000 < f->mixture->gigantic;
}

static void put(struct filler *f, uint64_t pfn, uint64_t flags, uint64_t lru, uint64_t mapping, uint64_t private_, uint32_t mapcount)
{
	uint64_t w[8] = { ZONE | flags, lru, lru + 8, mapping, pfn, private_, mapcount | 1ull << 32, 0 };

	memcpy(f->map + (pfn - f->first) * STRUCT_PAGE, w, sizeof(w));
}

static void put_tails(struct filler *f, uint64_t head, uint64_t from, uint64_t end, unsigned int order, unsigned int dtor)
{
	for (uint64_t pfn = from; pfn < end; pfn++)
		put(f, pfn, 0, (VMEMMAP + head * STRUCT_PAGE) | 1, TAIL_MAPPING, 0, UNMAPPED);
	if (from == head + 1) {	/* the first tail has them, where others have the list's second word */
		uint8_t *tail = f->map + (from - f->first) * STRUCT_PAGE;

		tail[16] = (uint8_t)dtor;
		tail[17] = (uint8_t)order;
	}
}

/* Of one page, or the head of a compound page. */
static void put_page(struct filler *f, uint64_t pfn, enum class c, unsigned int order)
{
	static const struct { uint64_t flags, mapping; uint32_t mapcount; } pages[CLASSES] = {
		[KEPT] = { 0, 0, UNMAPPED },
		[CACHE] = { LRU | UPTODATE, 0xff110001a2b3c4d8ull, UNMAPPED },
		[CACHE_PRIVATE] = { LRU | UPTODATE | PRIVATE, 0xff110001a2b3c4d8ull, UNMAPPED },
		[USER] = { LRU | UPTODATE | SWAPBACKED, 0xff110001a2b3c4d9ull, 0 },
		[FREE] = { 0, 0, BUDDY },
		[HWPOISON] = { POISON, 0, UNMAPPED },
		[OFFLINE] = { RESERVED, 0, IS_OFFLINE },
	};

	put(f, pfn, pages[c].flags | (order && c != FREE ? HEAD : 0), 0xffd4000012345608ull, pages[c].mapping, c == FREE ? order : 0,
	    pages[c].mapcount);
	f->pages[c] += 1ull << order;
}

static void put_compound(struct filler *f, uint64_t pfn, enum class c, unsigned int order, unsigned int dtor)
{
	put_page(f, pfn, c, order);
	if (order)
		put_tails(f, pfn, pfn + 1, pfn + (1ull << order), order, dtor);
}

/* The struct pages inside a free block are those of what was there before. */
static void put_free(struct filler *f, uint64_t pfn, unsigned int order)
{
	put_page(f, pfn, FREE, order);
	for (uint64_t i = 1; i < 1ull << order; i++)
		put(f, pfn + i, 0, 0xffd4000012345608ull, 0, 0, UNMAPPED);
}

static void put_slab(struct filler *f, uint64_t pfn, unsigned int order)
{
	put(f, pfn, SLAB | (order ? HEAD : 0), 0xffd4000012345608ull, 0xff11000123456700ull | (pfn & 1), 0, 0x80150015u);
	if (order)
		put_tails(f, pfn, pfn + 1, pfn + (1ull << order), order, DTOR_PAGE);
	f->pages[KEPT] += 1ull << order;
}

/* An order of at most MOST that fits at PFN before END. */
static unsigned int fitting(uint64_t pfn, uint64_t end, unsigned int most)
{
	while (most && ((pfn & ((1ull << most) - 1)) || pfn + (1ull << most) > end))
		most--;
	return most;
}

/* A page of the kernel's own: page tables, stacks, vmalloc; among them what no one may read. */
static void put_kernel(struct filler *f, uint64_t pfn)
{
	uint64_t what = draw(f) % 65536;

	if (what < 4) {
		put_page(f, pfn, what < 1 ? HWPOISON : OFFLINE, 0);
	} else {
		put(f, pfn, 0, 0xffd4000012345608ull, 0, 0, what & 1 ? TABLE : UNMAPPED);
		f->pages[KEPT]++;
	}
}

/* Runs of a few pages of everything, as memory looks after months. */
static void fill_runs(struct filler *f, uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		uint64_t what = draw(f) % 100, run = 1 + draw(f) % 16;
		enum class c = what < 50 ? CACHE : what < 55 ? CACHE_PRIVATE : USER;

		for (; run && pfn < end; run--) {
			unsigned int order = 0;

			if (what < 88) {
				put_page(f, pfn, c, 0);
			} else if (what < 96) {
				order = fitting(pfn, end, (unsigned int)(draw(f) % 4));
				put_free(f, pfn, order);
			} else if (what < 98) {
				order = fitting(pfn, end, (unsigned int)(draw(f) % 4));
				put_slab(f, pfn, order);
			} else {
				put_kernel(f, pfn);
			}
			pfn += 1ull << order;
		}
	}
}

static void fill_kind(struct filler *f, enum kind kind, uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		unsigned int order = 0;

		switch (kind) {
		case FREE_BLOCKS: put_free(f, pfn, order = 10); break;
		case THP: put_compound(f, pfn, USER, order = 9, DTOR_THP); break;
		case HUGETLB:
			put_compound(f, pfn, USER, order = 9, DTOR_HUGETLB);
			break;
		case FOLIOS:
			order = fitting(pfn, end, 2 + (unsigned int)(draw(f) % 6));
			put_compound(f, pfn, CACHE, order, DTOR_PAGE);
			break;
		case CACHE_PAGES: put_page(f, pfn, draw(f) % 16 ? CACHE : CACHE_PRIVATE, 0); break;
		case ANON_PAGES: put_page(f, pfn, USER, 0); break;
		case SLABS:
			order = fitting(pfn, end, (unsigned int)(draw(f) % 4));
			put_slab(f, pfn, order);
			break;
		case KERNEL: put_kernel(f, pfn); break;
		default: fill_runs(f, pfn, end); return;
		}
		pfn += 1ull << order;
	}
}

void fill_reserved(struct filler *f, uint64_t at)
{
	memset(f->pages, 0, sizeof(f->pages));
	for (uint64_t pfn = at; pfn < at + PAIR; pfn++)
		put(f, pfn, RESERVED, 0xffd4000012345608ull, 0, 0, UNMAPPED);
	f->pages[KEPT] = PAIR;
}

void fill_mixed(struct filler *f, uint64_t at, int gigantic)
{
	uint64_t what = draw(f) % 1000;
	enum kind kind = 0;

	memset(f->pages, 0, sizeof(f->pages));
	if (gigantic) {
		uint64_t head = at - at % (GIB / PAGE);

		if (at == head)
			put_page(f, at, USER, 18);
		put_tails(f, head, at == head ? at + 1 : at, at + PAIR, 18, DTOR_HUGETLB);
		f->pages[USER] = PAIR;
		return;
	}
	while (kind < MIXED && what >= f->mixture->of[kind])
		what -= f->mixture->of[kind++];
	fill_kind(f, kind, at, at + PAIR);
}
