/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sliding mapped window of the vmcore. */
#ifndef KF_MAP_H
#define KF_MAP_H

#include "sender/vmcore/vmcore.h"

/* Two windows exist, one for struct pages and one for page contents: 8 MiB mapped at once at most. */
#define KF_MAP_BYTES (4u << 20)

struct kf_map {
	const struct kf_vmcore *vc;	/* borrowed */
	const uint8_t *base;		/* NULL: nothing is mapped */
	uint64_t offset;		/* of BASE in the file, page aligned */
	size_t len;
	bool broken;			/* mmap failed once: pread from now on */
};

void kf_map_init(struct kf_map *m, const struct kf_vmcore *vc);
void kf_map_deinit(struct kf_map *m);

/*
 * Where the memory at physical address PADDR can be read in place, and in *LEN how many bytes from there on: at
 * least WANT, unless its piece of the file ends before. WANT is at most KF_MAP_BYTES / 2. NULL if it cannot be mapped:
 * use kf_phys_read. The pointer lives until the next call and is read only inside kf_guarded().
 */
const uint8_t *kf_map_at(struct kf_map *m, uint64_t paddr, size_t want, size_t *len);

#endif
