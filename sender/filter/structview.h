/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Struct pages, block by block, to be judged: in place where they can be mapped, else copied. */
#ifndef KF_STRUCTVIEW_H
#define KF_STRUCTVIEW_H

#include "sender/filter/classify.h"
#include "sender/kernel/kernel.h"
#include "sender/vmcore/map.h"

/* pfns of one block, which begins at a multiple of it. */
#define KF_BLOCK_PFNS 512u

struct kf_structview {
	struct kf_kernel *kernel;	/* borrowed */
	struct kf_map map;
	uint8_t *copy;			/* owned; one block of struct pages */
	struct kf_memmap_range range;	/* the last one found */
	struct kf_judge judge;		/* of the level that was asked for last */
	uint64_t va;			/* MAPPING is of it; both are of the block before */
	struct kf_mapping mapping;	/* 0 bytes: none */
	uint64_t damaged;		/* free blocks so far whose order cannot be */
};

/* What became of a block. */
struct kf_judged {
	struct kf_excluded excluded[KF_BLOCK_PFNS];
	size_t excluded_count;
	/* Ranges whose struct pages could not be read: kept unexamined. One for each 4 KiB page at most. */
	struct kf_range undecided[KF_BLOCK_PFNS];
	size_t undecided_count;
	size_t damaged;			/* free blocks kept, since their order cannot be */
	uint64_t end;			/* judged up to here, exclusive */
};

enum kf_status kf_structview_init(struct kf_structview *v, struct kf_kernel *kernel, struct kf_error *err) kf_must_check;
void kf_structview_deinit(struct kf_structview *v);

/* Judges from FIRST on, at most to END and to the end of FIRST's block. Pages without struct pages are kept; they are not
 * of one block, and undecided if the memory model is damaged there. */
void kf_structview_judge(struct kf_structview *v, unsigned int level, uint64_t first, uint64_t end, struct kf_judged *out);

#endif
