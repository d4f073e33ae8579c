/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that the understanding of the dead kernel rests on, so that no damaged flag may take them out of the dump. */
#ifndef KF_RELIED_H
#define KF_RELIED_H

#include <stdbool.h>

#include "sender/vmcore/rangeset.h"

struct kf_memmap;
struct kf_translation;
struct kf_vmcoreinfo;

/*
 * What was read to translate addresses and to find the struct pages: page tables, memory sections, the system's name; and
 * kernel text and read-only data. Live kernels never have such pages in the cache or in a process, so a struct page that
 * says otherwise is damaged. Bounded: a machine of 16 TiB needs some hundred ranges.
 */
struct kf_relied {
	struct kf_range_set pages;	/* sorted only behind kf_relied_gather; owned */
	size_t room;
	bool full;			/* some pages found no room and are not protected */
};

/* Notes pfns [first, end). Never fails: a page that finds no room is not protected. */
void kf_relied_note(struct kf_relied *r, uint64_t first, uint64_t end);

/* The tables that lead to the struct pages of MM, and what the kernel maps of its own image without the right to write. TR
 * notes what it reads in its RELIED; afterwards the set is sorted. */
void kf_relied_gather(struct kf_translation *tr, struct kf_memmap *mm, const struct kf_vmcoreinfo *vi);

void kf_relied_deinit(struct kf_relied *r);

#endif
