// Finds mem_map by mem_section and reads it whole.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "structpages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernelmem.h"

enum { PAGE = 4096, BLOCK = 512 };

#define SECTION_FLAGS 0x3full // low bits of section_mem_map
#define PRESENT	      1ull

static struct optional optional(const struct kernelmem *k, const char *key)
{
	struct optional o = { false, 0 };

	o.known = kernelmem_value(k, key, &o.value);
	return o;
}

static bool read_layout(struct structpages *s, const struct kernelmem *k)
{
	s->renamed_compound = kernelmem_value(k, "OFFSET(page.compound_info)=", &s->compound);
	s->lru = optional(k, "NUMBER(PG_lru)=");
	s->private_flag = optional(k, "NUMBER(PG_private)=");
	s->swapcache = optional(k, "NUMBER(PG_swapcache)=");
	s->swapbacked = optional(k, "NUMBER(PG_swapbacked)=");
	s->slab_flag = optional(k, "NUMBER(PG_slab)=");
	s->hwpoison = optional(k, "NUMBER(PG_hwpoison)=");
	s->buddy = optional(k, "NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=");
	s->slab = optional(k, "NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)=");
	s->hugetlb = optional(k, "NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)=");
	s->offline = optional(k, "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=");
	s->unaccepted = optional(k, "NUMBER(PAGE_UNACCEPTED_MAPCOUNT_VALUE)=");
	s->order = optional(k, "OFFSET(page.compound_order)=");
	s->dtor = optional(k, "OFFSET(page.compound_dtor)=");
	s->hugetlb_dtor = optional(k, "NUMBER(HUGETLB_PAGE_DTOR)=");
	return (s->renamed_compound || kernelmem_value(k, "OFFSET(page.compound_head)=", &s->compound)) &&
	       kernelmem_value(k, "SIZE(page)=", &s->size) && kernelmem_value(k, "OFFSET(page.flags)=", &s->flags) &&
	       kernelmem_value(k, "OFFSET(page.mapping)=", &s->mapping) &&
	       kernelmem_value(k, "OFFSET(page._mapcount)=", &s->mapcount) &&
	       kernelmem_value(k, "OFFSET(page._refcount)=", &s->refcount) &&
	       kernelmem_value(k, "OFFSET(page.private)=", &s->private_) &&
	       kernelmem_value(k, "NUMBER(PG_head_mask)=", &s->head_mask) &&
	       kernelmem_value(k, "LENGTH(zone.free_area)=", &s->free_orders) &&
	       // what the decision of one of the eras that the judge knows needs
	       (s->hugetlb.known || (s->order.known && s->dtor.known && s->hugetlb_dtor.known));
}

// The word that leads to a section's struct pages; 0 if it has none.
static uint64_t section_map(const struct kernelmem *k, uint64_t section)
{
	uint64_t roots, size, inside, root, map, per_root;

	if (!kernelmem_value(k, "SYMBOL(mem_section)=", &roots) || !kernelmem_value(k, "SIZE(mem_section)=", &size) || !size ||
	    !kernelmem_value(k, "OFFSET(mem_section.section_mem_map)=", &inside))
		return 0;
	per_root = PAGE / size;
	if (!kernelmem_read(k, roots + section / per_root * 8, &root, sizeof root) || !root ||
	    !kernelmem_read(k, root + section % per_root * size + inside, &map, sizeof map) || !(map & PRESENT))
		return 0;
	return map & ~SECTION_FLAGS;
}

static void read_section(struct structpages *s, const struct kernelmem *k, uint64_t first, uint64_t end, uint64_t map)
{
	const uint64_t per_page = PAGE / s->size;

	for (uint64_t pfn = first; pfn < end; pfn += per_page) {
		uint64_t n = end - pfn < per_page ? end - pfn : per_page;
		bool good = kernelmem_read(k, map + pfn * s->size, s->bytes + pfn * s->size, n * s->size);

		for (uint64_t i = 0; i < n; i++)
			s->present[pfn + i] = good;
	}
}

static bool read_all(struct structpages *s, const struct kernelmem *k)
{
	uint64_t bits, per_section, clipped = 0, all = elfcore_end_pfn(k->core, PAGE);

	if (!kernelmem_value(k, "NUMBER(SECTION_SIZE_BITS)=", &bits) || bits < 20 || bits > 40)
		return false;
	per_section = 1ull << (bits - 12);
	s->bytes = calloc(all, s->size);
	s->present = calloc(all, sizeof *s->present);
	if (!s->bytes || !s->present)
		return false;
	for (uint64_t first = 0; first < all; first += per_section) {
		uint64_t end = first + per_section < all ? first + per_section : all;
		uint64_t map = section_map(k, first / per_section);

		if (map) {
			read_section(s, k, first, end, map);
			clipped = end;
		}
	}
	s->count = clipped;
	return clipped > 0;
}

bool structpages_open(struct structpages *s, const struct elfcore *core)
{
	struct kernelmem k;

	*s = (struct structpages){ 0 };
	if (!kernelmem_open(&k, core))
		return false;
	if (read_layout(s, &k) && s->size > 0 && s->size <= PAGE && PAGE % s->size == 0 && read_all(s, &k))
		return true;
	fprintf(stderr, "kferry-judge: %s: the struct pages of this kernel cannot be found\n", core->path);
	return false;
}

void structpages_close(struct structpages *s)
{
	free(s->bytes);
	free(s->present);
}

static uint64_t word(const struct structpages *s, uint64_t pfn, uint64_t offset)
{
	uint64_t value;

	memcpy(&value, s->bytes + pfn * s->size + offset, sizeof value);
	return value;
}

uint64_t structpage_flags(const struct structpages *s, uint64_t pfn)
{
	return word(s, pfn, s->flags);
}

uint64_t structpage_mapping(const struct structpages *s, uint64_t pfn)
{
	return word(s, pfn, s->mapping);
}

uint64_t structpage_private(const struct structpages *s, uint64_t pfn)
{
	return word(s, pfn, s->private_);
}

uint32_t structpage_type(const struct structpages *s, uint64_t pfn)
{
	return (uint32_t)word(s, pfn, s->mapcount);
}

uint32_t structpage_refcount(const struct structpages *s, uint64_t pfn)
{
	return (uint32_t)word(s, pfn, s->refcount);
}

bool structpage_flag(const struct structpages *s, uint64_t pfn, struct optional bit)
{
	return bit.known && (structpage_flags(s, pfn) >> bit.value & 1);
}

bool structpage_is_type(const struct structpages *s, uint64_t pfn, struct optional type)
{
	return type.known && structpage_type(s, pfn) == (uint32_t)type.value;
}

bool structpage_is_tail(const struct structpages *s, uint64_t pfn)
{
	return word(s, pfn, s->compound) & 1;
}

bool structpage_is_head(const struct structpages *s, uint64_t pfn)
{
	return structpage_flags(s, pfn) & s->head_mask;
}

// Whether the next struct page tells about this one.
static bool has_first_tail(const struct structpages *s, uint64_t pfn)
{
	return structpage_is_head(s, pfn) && pfn % BLOCK != BLOCK - 1 && pfn + 1 < s->count && s->present[pfn + 1];
}

unsigned structpage_order(const struct structpages *s, uint64_t pfn)
{
	uint64_t order;

	if (!has_first_tail(s, pfn))
		return 0;
	order = s->hugetlb.known ? structpage_flags(s, pfn + 1) & 0xff : s->bytes[(pfn + 1) * s->size + s->order.value];
	return order < 64 && (pfn & ((1ull << order) - 1)) == 0 ? (unsigned)order : 0;
}

bool structpage_is_hugetlb(const struct structpages *s, uint64_t pfn)
{
	if (!has_first_tail(s, pfn))
		return false;
	if (s->hugetlb.known)
		return structpage_is_type(s, pfn, s->hugetlb);
	return s->bytes[(pfn + 1) * s->size + s->dtor.value] == (uint8_t)s->hugetlb_dtor.value;
}
