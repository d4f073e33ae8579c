// Written from filter-spec, not from the sender's classifier.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "decision.h"

#include <stdlib.h>

enum { PAGE = 4096 };
enum { LEVEL_CACHE = 2, LEVEL_CACHE_PRIVATE = 4, LEVEL_USER = 8, LEVEL_FREE = 16 };

static bool is_slab(const struct structpages *s, uint64_t pfn)
{
	return structpage_is_type(s, pfn, s->slab) || structpage_flag(s, pfn, s->slab_flag);
}

static bool is_anonymous(const struct structpages *s, uint64_t pfn)
{
	return (structpage_mapping(s, pfn) & 1) && !is_slab(s, pfn);
}

static bool is_cache(const struct structpages *s, uint64_t pfn)
{
	return structpage_flag(s, pfn, s->lru) ||
	       (structpage_flag(s, pfn, s->swapcache) && (!s->swapbacked.known || structpage_flag(s, pfn, s->swapbacked)));
}

// Pages of the free block that begins here; 0 if none does. *damaged: one does, of an order that cannot be.
static uint64_t free_block(const struct structpages *s, uint64_t pfn, bool *damaged)
{
	*damaged = false;
	if (structpage_is_type(s, pfn, s->buddy) && !is_slab(s, pfn)) {
		uint64_t order = structpage_private(s, pfn);

		*damaged = order >= s->free_orders;
		return *damaged ? 0 : 1ull << order;
	}
	if (structpage_is_type(s, pfn, s->unaccepted))
		return 1ull << (s->free_orders - 1);
	return 0;
}

static enum decision by_contents(const struct structpages *s, uint64_t pfn, int level)
{
	bool anonymous = is_anonymous(s, pfn), cache = is_cache(s, pfn) && !anonymous;
	bool with_data = structpage_flag(s, pfn, s->private_flag);

	if ((level & LEVEL_CACHE) && cache && !with_data)
		return D_CACHE;
	if ((level & LEVEL_CACHE_PRIVATE) && cache)
		return with_data ? D_CACHE_PRIVATE : D_CACHE;
	if ((level & LEVEL_USER) && (anonymous || structpage_is_hugetlb(s, pfn)))
		return D_USER;
	if (structpage_flag(s, pfn, s->hwpoison))
		return D_HWPOISON;
	if (structpage_is_type(s, pfn, s->offline) && !is_slab(s, pfn))
		return D_OFFLINE;
	return D_KEPT;
}

static enum decision decide_one(const struct structpages *s, uint64_t pfn, int level, bool sees_tails, uint64_t *pages)
{
	enum decision verdict;
	bool damaged;

	*pages = 1;
	if (sees_tails && structpage_is_tail(s, pfn))
		return D_KEPT;
	if (level & LEVEL_FREE) {
		uint64_t n = free_block(s, pfn, &damaged);

		if (n > 0) {
			*pages = n;
			return D_FREE;
		}
		if (damaged)
			return D_KEPT;
	}
	verdict = by_contents(s, pfn, level);
	if (verdict != D_KEPT)
		*pages = 1ull << structpage_order(s, pfn);
	return verdict;
}

static bool begins_in_a_segment(const struct elfcore *core, uint64_t pfn)
{
	for (size_t i = 0; i < core->loads; i++)
		if (core->load[i].paddr <= pfn * PAGE && pfn * PAGE - core->load[i].paddr < core->load[i].filesz)
			return true;
	return false;
}

uint8_t *decide(const struct structpages *s, const struct elfcore *core, int level, bool sees_tails)
{
	uint8_t *of = calloc(s->count + 1, sizeof *of);
	bool looks = (level & (LEVEL_CACHE | LEVEL_CACHE_PRIVATE | LEVEL_USER)) || s->hwpoison.known ||
		     ((level & LEVEL_FREE) && s->buddy.known);
	uint64_t pages;

	for (uint64_t pfn = 0; of && looks && pfn < s->count; pfn += pages) {
		enum decision verdict = D_KEPT;

		pages = 1;
		if (s->present[pfn] && begins_in_a_segment(core, pfn))
			verdict = decide_one(s, pfn, level, sees_tails, &pages);
		for (uint64_t i = 0; verdict != D_KEPT && i < pages && pfn + i < s->count; i++)
			of[pfn + i] = (uint8_t)verdict;
	}
	return of;
}
