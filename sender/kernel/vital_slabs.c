// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages: the heads of slab caches, by the list of them all. Of the caches' objects none is vital for that.
#include "sender/kernel/vitalkinds.h"

#define CACHES_MAX 8192u
#define CACHE_BYTES_MAX 65536u

void kf_vital_slabs(struct kf_vital_gatherer *g)
{
	static const enum kf_btf_member needed[] = { KF_BTF_CACHE_LIST };
	uint64_t head = 0, entry;
	struct kf_error ignored;

	if (kf_vital_symbol(g, KF_SYM_SLAB_CACHES, &head, &ignored) || kf_vital_members(g, needed, 1, &ignored) ||
	    g->btf.size[KF_BTF_CACHE_LIST] > CACHE_BYTES_MAX || !kf_virt_u64(g->tr, head, &entry))
		return;
	for (unsigned int i = 0; i < CACHES_MAX && entry != head; i++)
		if (!kf_vital_note_va(g, entry - g->btf.offset[KF_BTF_CACHE_LIST], g->btf.size[KF_BTF_CACHE_LIST]) ||
		    !kf_virt_u64(g->tr, entry, &entry))
			return;
}
