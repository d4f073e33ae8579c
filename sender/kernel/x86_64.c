// SPDX-License-Identifier: GPL-2.0-or-later
// Address translation of x86_64 with 4 and 5 levels of page tables.
//
// Facts: Intel SDM volume 3, "Paging"; the kernel's Documentation/arch/x86/x86_64/mm.rst and
// Documentation/admin-guide/kdump/vmcoreinfo.rst.
#include <elf.h>
#include <inttypes.h>

#include "sender/kernel/arch.h"

#define TEXT_START 0xffffffff80000000ull	/* __START_KERNEL_map */
#define PRESENT 1ull
#define WRITABLE 2ull	/* at every level, or the page is not */
#define LARGE (1ull << 7)	/* at the 1 GiB and 2 MiB levels only; at the last it is PAT */
#define ADDRESS_BITS 0x000ffffffffff000ull

/* Kernels before 4.10 export no phys_base: the kernel-text PT_LOAD has it. */
static uint64_t phys_base_of(const struct kf_vmcore *vc, const struct kf_vmcoreinfo *vi)
{
	if (kf_has(vi, KF_KEY_NUM_PHYS_BASE))
		return vi->value[KF_KEY_NUM_PHYS_BASE];
	for (size_t i = 0; i < vc->segment_count; i++)
		if (vc->segments[i].vaddr >= TEXT_START)
			return vc->segments[i].paddr - (vc->segments[i].vaddr - TEXT_START);
	return 0;
}

/* PAGE_OFFSET, from the last PT_LOAD of the direct map. */
static uint64_t page_offset_of(const struct kf_vmcore *vc, unsigned int levels)
{
	for (size_t i = vc->segment_count; i-- > 0;) {
		const struct kf_segment *s = &vc->segments[i];

		if (s->vaddr > 0 && s->vaddr < TEXT_START)
			return s->vaddr - s->paddr;
	}
	return levels == 5 ? 0xff10000000000000ull : 0xffff880000000000ull;
}

static enum kf_status init(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t root = kf_value(vi, KF_KEY_SYM_INIT_TOP_PGT,
			kf_value(vi, KF_KEY_SYM_INIT_LEVEL4_PGT, kf_value(vi, KF_KEY_SYM_SWAPPER_PG_DIR, 0)));

	tr->phys_base = phys_base_of(tr->vc, vi);	/* readers of the dump want it even if nothing else is known */
	if (!root)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no SYMBOL(init_top_pgt): page tables cannot be found");
	tr->levels = kf_value(vi, KF_KEY_NUM_PGTABLE_L5, 0) ? 5 : 4;
	tr->address_mask = ADDRESS_BITS & ~kf_value(vi, KF_KEY_NUM_SME_MASK, 0);
	tr->root = root - TEXT_START + tr->phys_base;
	tr->kernel_start = page_offset_of(tr->vc, tr->levels);
	return KF_OK;
}

static bool translate(struct kf_translation *tr, uint64_t va, struct kf_mapping *m)
{
	uint64_t table = tr->root, all = WRITABLE;

	for (unsigned int shift = tr->levels == 5 ? 48 : 39;; shift -= 9) {
		uint64_t low = (1ull << shift) - 1;
		uint64_t entry;

		if (!kf_table_entry(tr, table + (va >> shift & 511) * 8, &entry) || !(entry & PRESENT))
			return false;
		all &= entry;
		if (shift == 12 || ((entry & LARGE) && (shift == 30 || shift == 21))) {
			*m = (struct kf_mapping){
				.paddr = (entry & tr->address_mask & ~low) + (va & low), .bytes = low + 1 - (va & low),
				.writable = all & WRITABLE,
			};
			return true;
		}
		table = entry & tr->address_mask;
	}
}

const struct kf_arch kf_arch_x86_64 = { "x86_64", EM_X86_64, 12, init, translate };
