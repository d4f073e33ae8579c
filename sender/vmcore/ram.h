/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pfns are RAM, which of them the vmcore has bytes of, and which a filter may examine. */
#ifndef KF_RAM_H
#define KF_RAM_H

#include "sender/vmcore/rangeset.h"
#include "sender/vmcore/vmcore.h"

/*
 * ram       pages of PT_LOADs by p_memsz, the last one even if it is fractional: the 1st bitmap
 * data      those of which the file has at least a byte
 * examined  pages whose first byte is in a segment: only these may be excluded by their struct page
 */
struct kf_ram {
	struct kf_range_set ram, data, examined;
	uint64_t max_mapnr;	/* pfn, exclusive; kf_ram_clip lowers it */
};

enum kf_status kf_ram_init(struct kf_ram *ram, const struct kf_vmcore *vc, unsigned int page_shift,
			   struct kf_error *err) kf_must_check;
void kf_ram_deinit(struct kf_ram *ram);

/* Cuts everything at and beyond MAX_MAPNR off, for kernels booted with mem=. */
void kf_ram_clip(struct kf_ram *ram, uint64_t max_mapnr);

#endif
