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

static bool is_hugetlb(const struct page *p)
{
	const struct kf_layout *l = p->l;

	if (!p->tail)
		return false;
	switch (l->hugetlb_rule) {
	case KF_HUGETLB_WORD:
		return p->type == l->hugetlb_value;
	case KF_HUGETLB_TAIL_FLAG:
		return kf_le64_at(p->tail + l->flags) >> l->hugetlb_value & 1;
	case KF_HUGETLB_BYTE:
		return p->tail[l->hugetlb_offset] == l->hugetlb_value;
	case KF_HUGETLB_U16:
		return kf_le16_at(p->tail + l->hugetlb_offset) == l->hugetlb_value;
	case KF_HUGETLB_NONE:
		break;
	}
	return false;
}

static unsigned int stored_order(const struct page *p)
{
	const struct kf_layout *l = p->l;

	switch (l->order_rule) {
	case KF_ORDER_FLAGS:
		return kf_le64_at(p->tail + l->flags) & 0xff;
	case KF_ORDER_BYTE:
		return p->tail[l->order_offset];
	case KF_ORDER_U16:
		return kf_le16_at(p->tail + l->order_offset);
	case KF_ORDER_NONE:
		break;
	}
	return 0;
}

/* Pages of the compound page that begins here, 1 if none does. A damaged order, or one seen from the middle of a
 * huge page through a fake head, is not aligned and counts as 1. */
static uint64_t compound_pages(const struct page *p)
{
	unsigned int order;

	if (!p->tail)
		return 1;
	order = stored_order(p);
	if (order > ORDER_MAX || (p->pfn & ((1ull << order) - 1)))
		return 1;
	return 1ull << order;
}

/* Free pages as their first page tells; 0 if it is none, or says what cannot be. */
static uint64_t free_pages(const struct page *p)
{
	const struct kf_layout *l = p->l;

	if (l->has_buddy && p->type == l->buddy && !is_slab(p)) {
		uint64_t order = kf_le64_at(p->bytes + l->private_);

		if (order > ORDER_MAX || (l->buddy_orders && order >= l->buddy_orders))
			return 0;
		return 1ull << order;
	}
	if (l->has_unaccepted && p->type == l->unaccepted && l->buddy_orders - 1 <= ORDER_MAX)
		return 1ull << (l->buddy_orders - 1);
	return 0;
}

/* A buddy block whose order is damaged keeps its first page, whatever else that page's fields say. */
static bool is_damaged_buddy(const struct page *p)
{
	return p->l->has_buddy && p->type == p->l->buddy && !is_slab(p);
}

/* The decision, in makedumpfile's order. *PAGES gets how many pages from this one on share the verdict. */
static enum kf_class judge(const struct page *p, unsigned int level, uint64_t *pages)
{
	bool anon;

	*pages = 1;
	if (is_tail(p))
		return KF_KEPT;		/* one that goes went with its head */
	if (level & KF_LEVEL_FREE) {
		uint64_t n = free_pages(p);

		if (n) {
			*pages = n;
			return KF_FREE;
		}
		if (is_damaged_buddy(p))
			return KF_KEPT;
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
		   uint64_t first, uint64_t end, struct kf_excluded *out)
{
	size_t n = 0;

	while (first < end) {
		struct page p = page_at(l, sp, first);
		uint64_t pages;
		enum kf_class why = judge(&p, level, &pages);

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
