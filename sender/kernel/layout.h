/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of struct page, ready for use: here all kernel eras end. */
#ifndef KF_LAYOUT_H
#define KF_LAYOUT_H

#include "sender/kernel/vmcoreinfo.h"

/* Some bits of a struct page's bytes: those of MASK, in the word of 8 bytes at WORD shifted right by SHIFT. */
struct kf_field {
	uint32_t word;
	unsigned int shift;
	uint64_t mask;		/* 0: there is no such field, and it reads as 0 */
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

	/* A compound page's order, in its first tail's struct page. Without it each page of it is judged alone. */
	struct kf_field order;
	/* What makes its head hugetlb: that this field, of the head's struct page or the first tail's, has one of these
	 * two values. Without it none is. */
	struct kf_field hugetlb;
	bool hugetlb_in_head;
	uint64_t hugetlb_values[2];

	uint32_t buddy_orders;		/* LENGTH(zone.free_area); 0 unknown */
};

/* KF_ABSENT with the key's name if VMCOREINFO lacks what the decision cannot do without; KF_INVALID if a value
 * cannot be (an offset beyond the struct). */
enum kf_status kf_layout_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err) kf_must_check;

/* Whether struct pages must be looked at for dump level LEVEL; at levels that drop nothing by class they need
 * not, unless hwpoison or offline pages could be hidden among them. */
bool kf_layout_must_scan(const struct kf_layout *l, unsigned int level);

#endif
