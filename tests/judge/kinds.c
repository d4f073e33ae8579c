// Counts pages by their struct pages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decision.h"
#include "kernelmem.h"

enum { PAGE = 4096, THP_ORDER = 9, GIGANTIC_ORDER = 18 };

struct kinds {
	uint64_t anonymous, thp, ksm, swapcache, cache_plain, cache_with_data, shared, shared_huge, large_folio_tails;
	uint64_t hugetlb_used, hugetlb_free, gigantic_used, gigantic_free, fake_heads, tails, free_blocks, slab, hwpoison, offline, no_struct_page;
};

static void count_huge(struct kinds *k, const struct structpages *s, uint64_t pfn)
{
	uint64_t pages = 1ull << structpage_order(s, pfn);
	bool used = structpage_refcount(s, pfn) > 0;

	// Where vmemmap is shared, up to 7.0, the head's struct page is seen again behind it: of order 0, as it is not aligned.
	if (pages == 1) {
		k->fake_heads++;
		return;
	}
	if (pages >= 1ull << GIGANTIC_ORDER)
		*(used ? &k->gigantic_used : &k->gigantic_free) += pages;
	else
		*(used ? &k->hugetlb_used : &k->hugetlb_free) += pages;
}

// A head or a page alone; the pages behind a head are of its kind.
static void count_cache(struct kinds *k, const struct structpages *s, uint64_t pfn)
{
	uint64_t pages = 1ull << structpage_order(s, pfn);

	if (structpage_flag(s, pfn, s->swapbacked)) {
		*(pages > 1 ? &k->shared_huge : &k->shared) += pages;
		return;
	}
	*(structpage_flag(s, pfn, s->private_flag) ? &k->cache_with_data : &k->cache_plain) += pages;
	k->large_folio_tails += pages - 1;
}

static void count_one(struct kinds *k, const struct structpages *s, uint64_t pfn)
{
	uint64_t pages = 1ull << structpage_order(s, pfn), low = structpage_mapping(s, pfn) & 3;
	bool slab = structpage_is_type(s, pfn, s->slab) || structpage_flag(s, pfn, s->slab_flag);

	k->slab += slab ? pages : 0;
	k->free_blocks += structpage_is_type(s, pfn, s->buddy);
	k->hwpoison += structpage_flag(s, pfn, s->hwpoison);
	k->offline += structpage_is_type(s, pfn, s->offline);
	if (structpage_is_tail(s, pfn)) {
		k->tails++;
	} else if (structpage_is_hugetlb(s, pfn)) {
		count_huge(k, s, pfn);
	} else if (!slab && (low & 1)) {
		*(low == 3 ? &k->ksm : pages == 1 << THP_ORDER ? &k->thp : &k->anonymous) += pages;
		k->swapcache += structpage_flag(s, pfn, s->swapcache);
	} else if (!slab && structpage_flag(s, pfn, s->lru)) {
		count_cache(k, s, pfn);
	}
}

bool kinds_print(const struct elfcore *core)
{
	struct kinds k = { 0 };
	struct structpages s;
	struct kernelmem memory;

	if (!kernelmem_open(&memory, core))
		return false;
	if (!structpages_open(&s, core)) {
		structpages_close(&s);
		return false;
	}
	for (uint64_t pfn = 0; pfn < s.count; pfn++) {
		if (s.present[pfn])
			count_one(&k, &s, pfn);
		else if (elfcore_is_ram(core, pfn, PAGE))
			k.no_struct_page++;
	}
	const struct { const char *name; uint64_t pages; } rows[] = {
		{ "paging-levels", (uint64_t)memory.levels },  { "cpus", (uint64_t)elfcore_cpus(core) },
		{ "anonymous", k.anonymous },		       { "thp", k.thp },
		{ "ksm", k.ksm },			       { "swapcache", k.swapcache },
		{ "cache", k.cache_plain },		       { "cache-with-private-data", k.cache_with_data },
		{ "cache-tails", k.large_folio_tails },	       { "shared", k.shared },
		{ "shared-huge", k.shared_huge },	       { "hugetlb-used", k.hugetlb_used },
		{ "hugetlb-free", k.hugetlb_free },	       { "gigantic-used", k.gigantic_used },
		{ "gigantic-free", k.gigantic_free },	       { "fake-heads", k.fake_heads },
		{ "tails", k.tails },			       { "free-blocks", k.free_blocks },
		{ "slab", k.slab },			       { "hwpoison", k.hwpoison },
		{ "offline", k.offline },		       { "ram-without-struct-page", k.no_struct_page },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		printf("%s %" PRIu64 "\n", rows[i].name, rows[i].pages);
	structpages_close(&s);
	return true;
}

static bool is_zero(const struct elfcore *core, uint64_t pfn)
{
	uint8_t page[PAGE];

	return elfcore_page(core, pfn, PAGE, page) && page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

bool counts_print(const struct elfcore *core, int level, bool sees_tails)
{
	static const char *const labels[DECISIONS] = {
		"Pages filled with zero ", "Non-private cache pages", "Private cache pages    ", "User process data pages",
		"Free pages             ", "Hwpoison pages         ", "Offline pages          ",
	};
	uint64_t counts[DECISIONS] = { 0 }; // what is kept and zero counts in place 0
	struct structpages s;
	uint8_t *verdicts = NULL;
	bool good = structpages_open(&s, core) && (verdicts = decide(&s, core, level, sees_tails));

	for (uint64_t pfn = 0; good && pfn < s.count; pfn++) {
		if (!elfcore_is_ram(core, pfn, PAGE))
			continue;
		if (verdicts[pfn] != D_KEPT)
			counts[verdicts[pfn]]++;
		else if (level & 1)
			counts[D_KEPT] += is_zero(core, pfn);
	}
	for (int i = 0; good && i < DECISIONS; i++)
		printf("    %s : 0x%016" PRIx64 "\n", labels[i], counts[i]);
	free(verdicts);
	structpages_close(&s);
	return good;
}
