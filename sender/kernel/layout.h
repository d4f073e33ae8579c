/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of struct page, ready for use: here all kernel eras end. */
#ifndef KF_LAYOUT_H
#define KF_LAYOUT_H

#include "sender/kernel/vmcoreinfo.h"

/* Where a compound page keeps its order, seen from its first tail's struct page. */
enum kf_order_rule {
	KF_ORDER_NONE,		/* not known: each page of it is judged alone */
	KF_ORDER_FLAGS,		/* low 8 bits of the first tail's flags (6.6 and later) */
	KF_ORDER_BYTE,		/* a byte at order_offset */
	KF_ORDER_U16,		/* 16 bits there (before 4.16) */
};

/* How a head says that it is hugetlb. */
enum kf_hugetlb_rule {
	KF_HUGETLB_NONE,
	KF_HUGETLB_WORD,	/* the head's own page type equals hugetlb_value (6.9 and later) */
	KF_HUGETLB_TAIL_FLAG,	/* bit hugetlb_value of the first tail's flags (6.6 to 6.8) */
	KF_HUGETLB_BYTE,	/* byte at hugetlb_offset of the first tail equals hugetlb_value */
	KF_HUGETLB_U16,
};

/*
 * Offsets are bytes from the start of a struct page, flag masks apply to its flags word. A mask of 0 and a has_ of
 * false mean that this kernel has no such thing; every test must then be false.
 */
struct kf_layout {
	uint32_t size;			/* of struct page */
	uint32_t flags, mapping, mapcount, private_, compound;
	bool has_compound;		/* tails can be recognised */

	uint64_t lru, private_flag, swapcache, swapbacked, head, hwpoison, slab_flag;
	bool has_buddy, has_slab, has_offline, has_unaccepted;
	uint32_t buddy, slab, offline, unaccepted;	/* page types: the word at mapcount */

	enum kf_order_rule order_rule;
	uint32_t order_offset;
	enum kf_hugetlb_rule hugetlb_rule;
	uint32_t hugetlb_offset, hugetlb_value;

	uint32_t buddy_orders;		/* LENGTH(zone.free_area); 0 unknown */
};

/* KF_ABSENT with the key's name if VMCOREINFO lacks what the decision cannot do without; KF_INVALID if a value
 * cannot be (an offset beyond the struct). */
enum kf_status kf_layout_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err) kf_must_check;

/* Whether struct pages must be looked at for dump level LEVEL; at levels that drop nothing by class they need
 * not, unless hwpoison or offline pages could be hidden among them. */
bool kf_layout_must_scan(const struct kf_layout *l, unsigned int level);

#endif
