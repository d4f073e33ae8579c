// The judge's own reading of a vmcore's struct pages (filter-spec 2.2, 4.4): SPARSEMEM_EXTREME, 4.16 and later, x86_64.
// SPDX-License-Identifier: GPL-2.0-or-later
//
// It is for the judge what sender/kernel is for the sender, written from the same facts but not from that code.
#ifndef JUDGE_STRUCTPAGES_H
#define JUDGE_STRUCTPAGES_H

#include "elfcore.h"

// A key of VMCOREINFO that a kernel may lack.
struct optional {
	bool known;
	uint64_t value;
};

struct structpages {
	uint64_t count; // pfns: max_mapnr
	uint64_t size;	// of struct page
	uint8_t *bytes; // count * size
	bool *present;	// whether this pfn has a struct page that can be read

	uint64_t flags, mapping, mapcount, refcount, private_, compound; // offsets; compound: compound_head or compound_info
	struct optional lru, private_flag, swapcache, swapbacked, slab_flag, hwpoison; // bit numbers
	struct optional buddy, slab, hugetlb, offline, unaccepted; // the word at mapcount
	struct optional order, dtor, hugetlb_dtor; // offsets in the first tail, and what dtor is of a hugetlb page
	uint64_t head_mask, free_orders;
	bool renamed_compound; // the key is compound_info, which makedumpfile up to 1.7.8 does not know
};

// Reads all struct pages into memory; false after a line on stderr. structpages_close() is right in both cases.
bool structpages_open(struct structpages *s, const struct elfcore *core);
void structpages_close(struct structpages *s);

// Fields of a pfn's struct page, which must be present.
uint64_t structpage_flags(const struct structpages *s, uint64_t pfn);
uint64_t structpage_mapping(const struct structpages *s, uint64_t pfn);
uint64_t structpage_private(const struct structpages *s, uint64_t pfn);
uint32_t structpage_type(const struct structpages *s, uint64_t pfn);
uint32_t structpage_refcount(const struct structpages *s, uint64_t pfn);
bool structpage_flag(const struct structpages *s, uint64_t pfn, struct optional bit);
bool structpage_is_type(const struct structpages *s, uint64_t pfn, struct optional type);

// Bit 0 of the word at compound_head or compound_info.
bool structpage_is_tail(const struct structpages *s, uint64_t pfn);

// The head flag is set; and then, from the first tail: the order of the compound page, and whether it is hugetlb. Order 0
// if the page is no head, or its neighbour is not looked at (pfn 511 of 512), or the order does not fit the pfn.
bool structpage_is_head(const struct structpages *s, uint64_t pfn);
unsigned structpage_order(const struct structpages *s, uint64_t pfn);
bool structpage_is_hugetlb(const struct structpages *s, uint64_t pfn);

#endif
