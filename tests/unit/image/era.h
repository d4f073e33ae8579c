/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Eras of the kernel: what VMCOREINFO says of struct page in each, as text, and struct pages made byte by byte. */
#ifndef IMAGE_ERA_H
#define IMAGE_ERA_H

#include <stdbool.h>
#include <stdint.h>

#define ERA_PAGE_BYTES 64u

/* Bit numbers and values are the test's own; -1 is a flag that the era does not have (or does not export). */
struct era {
	const char *name, *release;
	const char *keys;		/* lines of VMCOREINFO */
	int lru, private_, swapcache, swapbacked, slab, head, hwpoison;
	uint32_t buddy, slab_type, offline, unaccepted, hugetlb_type;	/* the word at _mapcount; 0: none */
	enum { ORDER_IN_FLAGS, ORDER_BYTE_AT_17, ORDER_U16_AT_18, ORDER_U16_AT_40, ORDER_UNTOLD } order;
	enum {
		HUGETLB_BY_TYPE, HUGETLB_BY_TAIL_FLAG_8, HUGETLB_BY_BYTE_AT_16, HUGETLB_BY_U16_AT_16, HUGETLB_BY_FUNCTION_AT_32,
		HUGETLB_UNTOLD,
	} hugetlb;
	bool old;			/* fields lie as before 4.4, tails have no mark, and nothing tells of PG_swapbacked */
};

/* free_huge_page() in eras that know hugetlb pages by it. */
#define ERA_FREE_HUGE_PAGE 0xffffffff811a2b30ull

extern const struct era era_3_18, era_4_3, era_4_5, era_4_9, era_6_1, era_6_4, era_6_7, era_6_12, era_6_18;

enum page_flag {
	PAGE_LRU = 1, PAGE_PRIVATE = 2, PAGE_SWAPCACHE = 4, PAGE_SWAPBACKED = 8, PAGE_SLAB = 16, PAGE_HEAD = 32,
	PAGE_HWPOISON = 64,
};
enum page_type { TYPE_NONE, TYPE_BUDDY, TYPE_SLAB, TYPE_OFFLINE, TYPE_UNACCEPTED, TYPE_HUGETLB };

struct page_spec {
	unsigned int flags;	/* of enum page_flag */
	enum page_type type;
	uint64_t mapping;
	uint64_t private_word;	/* the order, in a buddy block's head */
	bool tail;
	/* in the first tail of a compound page */
	unsigned int order;
	bool hugetlb;
};

/* Whether the era can say all that SPEC has. */
bool era_knows(const struct era *e, const struct page_spec *spec);
void era_page(const struct era *e, uint8_t out[ERA_PAGE_BYTES], const struct page_spec *spec);

#endif
