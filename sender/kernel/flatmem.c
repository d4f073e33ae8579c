// SPDX-License-Identifier: GPL-2.0-or-later
// FLATMEM: one array of struct pages, from pfn 0 to max_mapnr.
//
// Facts: the kernel's Documentation/mm/memory-model.rst and admin-guide/kdump/vmcoreinfo.rst.
#include <inttypes.h>
#include <stdlib.h>

#include "sender/kernel/models.h"

static enum kf_status init(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t symbol = kf_value(vi, KF_KEY_SYM_MEM_MAP, 0), va;

	if (!symbol)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s", kf_key_text(KF_KEY_SYM_MEM_MAP));
	if (!kf_virt_u64(mm->tr, symbol, &va))
		return kf_fail(err, KF_INVALID, "mem_map at 0x%" PRIx64 " cannot be read", symbol);
	if (!kf_is_mem_map(mm, va, 0, mm->max_mapnr))
		return kf_fail(err, KF_INVALID, "mem_map is 0x%" PRIx64 ": no struct pages can be there", va);
	mm->nodes = malloc(sizeof(*mm->nodes));
	if (!mm->nodes)
		return kf_fail(err, KF_FAILED, "no memory for the memory model");
	mm->nodes[0] = (struct kf_memmap_range){ .end = mm->max_mapnr, .has = true, .va = va };
	mm->node_count = 1;
	return KF_OK;
}

const struct kf_memmap_model kf_flatmem = { "FLATMEM", init, kf_nodes_find };
