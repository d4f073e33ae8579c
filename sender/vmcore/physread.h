/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads of physical memory by pread: page tables, single structures, and every page that a mapping cannot give. */
#ifndef KF_PHYSREAD_H
#define KF_PHYSREAD_H

#include "sender/vmcore/vmcore.h"

/* Bytes got of the LEN from OFFSET of the file; fewer at its end or at an error. */
size_t kf_file_read(const struct kf_vmcore *vc, uint64_t offset, void *out, size_t len);

/*
 * Reads LEN bytes from physical address PADDR, piece by piece. Bytes that no segment holds become 0 (a page
 * may begin or end in the middle of a segment); false if no byte is there at all, or a read failed.
 */
bool kf_phys_read(const struct kf_vmcore *vc, uint64_t paddr, void *out, size_t len);

#endif
