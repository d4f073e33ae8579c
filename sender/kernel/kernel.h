/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dead kernel, as far as its memory lets us understand it. */
#ifndef KF_KERNEL_H
#define KF_KERNEL_H

#include "sender/kernel/layout.h"
#include "sender/kernel/memmap.h"
#include "sender/kernel/relied.h"

struct kf_kernel {
	const struct kf_vmcore *vc;	/* borrowed */
	struct kf_vmcoreinfo info;
	bool has_info;			/* there was a VMCOREINFO */
	unsigned int page_shift;
	bool translates;		/* tr is ready, and what it reads fits VMCOREINFO */
	struct kf_translation tr;
	bool filters;			/* layout and memmap are ready: struct pages can be judged */
	struct kf_layout layout;
	struct kf_memmap memmap;
	struct kf_relied relied;	/* if so, what no page flag may take away */
	char uts[KF_UTS_FIELDS][KF_UTS_BYTES];	/* from memory, else what is known otherwise */
	/* Why translates or filters is false, in words for the report; empty otherwise. */
	char why_not[KF_ERROR_TEXT];
};

/*
 * K must not be moved afterwards. Takes the LEN bytes of VMCOREINFO text (0: none). Fails only with KF_MISMATCH (the text is of another kernel than
 * the memory) or for want of memory; whatever else is lacking makes translates or filters false, and why_not
 * says what. MAX_MAPNR as the PT_LOADs have it.
 */
enum kf_status kf_kernel_init(struct kf_kernel *k, const struct kf_vmcore *vc, const char *text, size_t len,
			      struct kf_error *err) kf_must_check;

/* Finds the memory model; after kf_kernel_init, once max_mapnr is known. */
void kf_kernel_find_memmap(struct kf_kernel *k, uint64_t max_mapnr);

void kf_kernel_deinit(struct kf_kernel *k);

#endif
