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

struct page {
	const struct kf_layout *l;
	const uint8_t *bytes, *tail;	/* TAIL: the next struct page, or NULL */
	uint64_t pfn, flags, mapping;
	uint32_t type;			/* the word at _mapcount */
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

static bool is_tail(const struct page *p)
{
	return p->l->has_compound && (kf_le64_at(p->bytes + p->l->compound) & COMPOUND_TAIL);
}

static uint64_t field(const uint8_t *bytes, const struct kf_field *f)
{
	return kf_le64_at(bytes + f->word) >> f->shift & f->mask;
}

static bool is_hugetlb(const struct page *p)
{
	const struct kf_layout *l = p->l;
	uint64_t v;

	if (!p->tail)
		return false;
	v = field(l->hugetlb_in_head ? p->bytes : p->tail, &l->hugetlb);
	return v == l->hugetlb_values[0] || v == l->hugetlb_values[1];
}

/* Pages of the compound page that begins here, 1 if none does. A damaged order, or one seen from the middle of a
 * huge page through a fake head, is not aligned and counts as 1. */
static uint64_t compound_pages(const struct page *p)
{
	uint64_t order;

	if (!p->tail)
		return 1;
	order = field(p->tail, &p->l->order);
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
	if (is_tail(p))
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

static struct page page_at(const struct kf_layout *l, const struct kf_struct_pages *sp, uint64_t pfn)
{
	const uint8_t *bytes = sp->bytes + (pfn - sp->base) * l->size;
	struct page p = {
		.l = l, .bytes = bytes, .pfn = pfn,
		.flags = kf_le64_at(bytes + l->flags),
		.mapping = kf_le64_at(bytes + l->mapping),
		.type = kf_le32_at(bytes + l->mapcount),
	};

	if ((p.flags & l->head) && pfn % BLOCK != BLOCK - 1 && pfn + 1 < sp->end)
		p.tail = bytes + l->size;
	return p;
}

size_t kf_classify(const struct kf_layout *l, unsigned int level, const struct kf_struct_pages *sp,
		   uint64_t first, uint64_t end, struct kf_excluded *out, size_t *damaged)
{
	size_t n = 0;

	while (first < end) {
		struct page p = page_at(l, sp, first);
		uint64_t pages;
		enum kf_class why = judge(&p, level, &pages);

		if (!pages) {
			++*damaged;
			pages = 1;
		}
		if (why != KF_KEPT) {
			if (n && out[n - 1].why == why && out[n - 1].first + out[n - 1].pages == first)
				out[n - 1].pages += pages;
			else
				out[n++] = (struct kf_excluded){ first, pages, why };
		}
		first += pages;
	}
	return n;
}
