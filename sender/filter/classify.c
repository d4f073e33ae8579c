// SPDX-License-Identifier: GPL-2.0-or-later
// The page decision: here a page is judged. See classify.h and docs/FILTERING.md.
#include "sender/filter/classify.h"

#include "common/cursor.h"

/* Low bits of page->mapping. 2 alone is a movable page (or, lately, half a KSM mark) and says nothing. */
#define MAPPING_ANON 1ull

#define COMPOUND_TAIL 1ull

/* Orders are bounded well below what a shift could overflow: 16 GiB in 4 KiB pages is 22. */
#define ORDER_MAX 40u

/* Struct pages are read in blocks of 512; a block's last one does not look at its neighbour. makedumpfile's rule,
 * to which nothing real is lost: a compound page is aligned to its size. */
#define BLOCK 512u

/* Struct pages that are asked for ahead of the one being judged: memory is slower than the decision, and guesses wrong less. */
#define AHEAD 16u

struct page {
	const struct kf_layout *l;
	const uint8_t *bytes, *next;	/* NEXT: the struct page behind a head's, or NULL */
	uint64_t pfn, flags, mapping;
	uint32_t type;			/* the word at _mapcount */
	bool tail;
};

static bool is_slab(const struct page *p)
{
	return (p->l->has_slab && p->type == p->l->slab) || (p->flags & p->l->slab_flag);
}

static bool is_anon(const struct page *p)
{
	return (p->mapping & MAPPING_ANON) && !is_slab(p);
}

static bool is_cache(const struct page *p)
{
	if (p->flags & p->l->lru)
		return true;
	return (p->flags & p->l->swapcache) && (!p->l->swapbacked || (p->flags & p->l->swapbacked));
}

static uint64_t field(const uint8_t *bytes, const struct kf_field *f)
{
	return kf_le64_at(bytes + f->word) >> f->shift & f->mask;
}

static bool is_hugetlb(const struct page *p)
{
	const struct kf_layout *l = p->l;
	uint64_t v;

	if (!p->next)
		return false;
	v = field(l->hugetlb_in_head ? p->bytes : p->next, &l->hugetlb);
	return v == l->hugetlb_values[0] || v == l->hugetlb_values[1];
}

/* Pages of the compound page that begins here, 1 if none does. A damaged order, or one seen from the middle of a
 * huge page through a fake head, is not aligned and counts as 1. */
static uint64_t compound_pages(const struct page *p)
{
	uint64_t order;

	if (!p->next)
		return 1;
	order = field(p->next, &p->l->order);
	if (order > ORDER_MAX || (p->pfn & ((1ull << order) - 1)))
		return 1;
	return 1ull << order;
}

static bool is_buddy(const struct page *p)
{
	return p->l->has_buddy && p->type == p->l->buddy && !is_slab(p);
}

/* Pages of the free block that begins here; 0 if its order cannot be. */
static uint64_t buddy_pages(const struct page *p)
{
	uint64_t order = kf_le64_at(p->bytes + p->l->private_);

	if (order > ORDER_MAX || (p->l->buddy_orders && order >= p->l->buddy_orders))
		return 0;
	return 1ull << order;
}

static bool is_unaccepted(const struct page *p)
{
	return p->l->has_unaccepted && p->type == p->l->unaccepted;
}

/* The decision, in makedumpfile's order. *PAGES gets how many pages from this one on share the verdict; 0 says that this
 * one is a free block whose order is damaged: it is kept, whatever else its fields say. */
static enum kf_class judge(const struct page *p, unsigned int level, uint64_t *pages)
{
	bool anon;

	*pages = 1;
	if (p->tail)
		return KF_KEPT;		/* one that goes went with its head */
	if ((level & KF_LEVEL_FREE) && is_buddy(p)) {
		*pages = buddy_pages(p);
		return *pages ? KF_FREE : KF_KEPT;
	}
	if ((level & KF_LEVEL_FREE) && is_unaccepted(p)) {
		*pages = 1ull << (p->l->buddy_orders - 1);
		return KF_FREE;
	}
	*pages = compound_pages(p);
	anon = is_anon(p);
	if (is_cache(p) && !anon) {
		bool private_ = (p->flags & p->l->private_flag) != 0;

		if ((level & KF_LEVEL_CACHE) && !private_)
			return KF_CACHE;
		if (level & KF_LEVEL_CACHE_PRIVATE)
			return private_ ? KF_CACHE_PRIVATE : KF_CACHE;
	}
	if ((level & KF_LEVEL_USER) && (anon || is_hugetlb(p)))
		return KF_USER;
	if (p->flags & p->l->hwpoison)
		return KF_HWPOISON;
	if (p->l->has_offline && p->type == p->l->offline && !is_slab(p))
		return KF_OFFLINE;
	*pages = 1;
	return KF_KEPT;
}

static struct page page_at(const struct kf_judge *j, const struct kf_struct_pages *sp, uint64_t pfn)
{
	const struct kf_layout *l = j->layout;
	const uint8_t *bytes = sp->bytes + (pfn - sp->base) * l->size;
	struct page p = {
		.l = l, .bytes = bytes, .pfn = pfn,
		.flags = kf_le64_at(bytes + l->flags),
		.mapping = kf_le64_at(bytes + l->mapping),
		.type = kf_le32_at(bytes + l->mapcount),
		.tail = kf_le64_at(bytes + l->compound) & j->tail,
	};

	if ((p.flags & l->head) && pfn % BLOCK != BLOCK - 1 && pfn + 1 < sp->end)
		p.next = bytes + l->size;
	return p;
}

/* By all its words; gives the number of pages that share the verdict. */
static uint64_t judge_at(const struct kf_judge *j, const struct kf_struct_pages *sp, uint64_t pfn, enum kf_class *why, size_t *damaged)
{
	struct page p = page_at(j, sp, pfn);
	uint64_t pages;

	*why = judge(&p, j->level, &pages);
	if (pages)
		return pages;
	++*damaged;
	return 1;
}

/* What of a struct page's words can count. */
struct words {
	uint64_t flags, mapping, compound;
	uint32_t type;
};

/* Where they are: a copy, which the compiler may keep in registers. */
struct offsets {
	size_t size, flags, mapping, compound, mapcount;
};

static inline struct words words_at(const struct offsets *at, const uint8_t *bytes)
{
	return (struct words){ kf_le64_at(bytes + at->flags), kf_le64_at(bytes + at->mapping), kf_le64_at(bytes + at->compound),
			       kf_le32_at(bytes + at->mapcount) };
}

/* All page types are below -1, which is the count of a page that is not mapped. So is what some kernels keep there for a slab, which
 * costs time and nothing else. */
static inline bool has_type(const struct words *w)
{
	return (w->type + 1) >> 31;
}

/* A page without type that is no head has no need of the struct page behind it: there is a verdict for all that are like it. */
static bool is_plain(const struct kf_judge *j, const struct words *w)
{
	return !(w->flags & j->layout->head) && !has_type(w);
}

/* Whether all that counts of a plain page, those of FLAGS and TAIL, is in W as it is in PLAIN. */
static inline bool is_like(const struct words *w, const struct words *plain, uint64_t flags, uint64_t tail)
{
	return !(((w->flags ^ plain->flags) & flags) | ((w->mapping ^ plain->mapping) & MAPPING_ANON) |
		 ((w->compound ^ plain->compound) & tail) | has_type(w));
}

/* Where in the table of verdicts a plain page has its own. */
static unsigned int plain_index(const struct kf_judge *j, const struct words *w)
{
	unsigned int i = (w->mapping & MAPPING_ANON) | (w->compound & j->tail ? 2 : 0);

	for (unsigned int f = 0; f < KF_PLAIN_FLAGS; f++)
		i |= (unsigned int)(w->flags >> j->shift[f] & 1) << (f + 2);
	return i;
}

void kf_judge_init(struct kf_judge *j, const struct kf_layout *l, unsigned int level)
{
	const uint64_t masks[KF_PLAIN_FLAGS] = { l->lru, l->swapcache, l->swapbacked, l->private_flag, l->slab_flag, l->hwpoison };

	*j = (struct kf_judge){ .layout = l, .level = level, .flags = l->head, .tail = l->has_compound ? COMPOUND_TAIL : 0 };
	/* A flag that the kernel has not may be read as set or not: the verdicts of both are the same. */
	for (unsigned int f = 0; f < KF_PLAIN_FLAGS; f++)
		j->shift[f] = masks[f] ? (unsigned int)__builtin_ctzll(masks[f]) : 0;
	for (unsigned int f = 0; f < KF_PLAIN_FLAGS; f++)
		j->flags |= masks[f];
	for (unsigned int i = 0; i < KF_PLAIN_VERDICTS; i++) {
		struct page p = { .l = l, .mapping = i & MAPPING_ANON, .tail = i & 2 };
		uint64_t pages;

		for (unsigned int f = 0; f < KF_PLAIN_FLAGS; f++)
			p.flags |= i >> (f + 2) & 1 ? masks[f] : 0;
		j->plain[i] = (uint8_t)judge(&p, level, &pages);
	}
}

/* Pages come in runs of the same kind: most are as the one before, of which one comparison is sure. */
size_t kf_classify(const struct kf_judge *j, const struct kf_struct_pages *sp, uint64_t first, uint64_t end,
		   struct kf_excluded *out, size_t *damaged)
{
	const struct kf_layout *l = j->layout;
	const struct offsets at = { l->size, l->flags, l->mapping, l->compound, l->mapcount };
	const uint64_t flags = j->flags, tail = j->tail;
	struct words plain = { 0 };
	enum kf_class run = KF_KEPT, plain_why = (enum kf_class)j->plain[0];
	uint64_t begin = first;
	size_t n = 0;

	while (first < end) {
		const uint8_t *bytes = sp->bytes + (first - sp->base) * at.size;
		struct words w = words_at(&at, bytes);
		enum kf_class why = plain_why;
		uint64_t pages = 1;

		__builtin_prefetch(bytes + (size_t)AHEAD * at.size);
		if (!is_like(&w, &plain, flags, tail)) {
			if (is_plain(j, &w)) {
				plain = w;
				why = plain_why = (enum kf_class)j->plain[plain_index(j, &w)];
			} else {
				pages = judge_at(j, sp, first, &why, damaged);
			}
		}
		if (why != run) {
			if (run != KF_KEPT)
				out[n++] = (struct kf_excluded){ begin, first - begin, run };
			run = why;
			begin = first;
		}
		first += pages;
	}
	if (run != KF_KEPT)
		out[n++] = (struct kf_excluded){ begin, first - begin, run };
	return n;
}
