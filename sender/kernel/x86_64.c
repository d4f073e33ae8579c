// SPDX-License-Identifier: GPL-2.0-or-later
// Address translation of x86_64 with 4 and 5 levels of page tables.
//
// Facts: Intel SDM volume 3, "Paging"; the kernel's Documentation/arch/x86/x86_64/mm.rst and
// Documentation/admin-guide/kdump/vmcoreinfo.rst.
#include <elf.h>
#include <inttypes.h>

#include "common/cursor.h"
#include "sender/kernel/arch.h"
#include "sender/kernel/version.h"
#include "sender/vmcore/physread.h"

#define KERNEL_HALF 0x8000000000000000ull	/* below are user addresses, which some vmcores have for want of others */
#define TEXT_START 0xffffffff80000000ull	/* __START_KERNEL_map */
#define PRESENT 1ull
#define WRITABLE 2ull	/* at every level, or the page is not */
#define LARGE (1ull << 7)	/* at the 1 GiB and 2 MiB levels only; at the last it is PAT */
#define ADDRESS_BITS 0x000ffffffffff000ull

/* The PT_LOAD of the kernel image that holds VA, or with a VA of 0 the first; NULL if there is none. */
static const struct kf_segment *image_of(const struct kf_vmcore *vc, uint64_t va)
{
	for (size_t i = 0; i < vc->segment_count; i++) {
		const struct kf_segment *s = &vc->segments[i];

		if (s->vaddr >= TEXT_START && (!va || (va >= s->vaddr && va - s->vaddr < s->filesz)))
			return s;
	}
	return NULL;
}

static uint64_t phys_base_by(const struct kf_segment *s)
{
	return s ? s->paddr - (s->vaddr - TEXT_START) : 0;
}

/* Kernels before 4.10 export where the variable lies, and not its value: the image's PT_LOAD leads to it. */
static bool read_phys_base(const struct kf_vmcore *vc, uint64_t va, uint64_t *value)
{
	const struct kf_segment *s = va ? image_of(vc, va) : NULL;
	uint8_t bytes[8];

	if (!s || !kf_phys_read(vc, s->paddr + (va - s->vaddr), bytes, sizeof(bytes)))
		return false;
	*value = kf_le64_at(bytes);
	return true;
}

/* The PT_LOAD of the image, which has the root table ROOT in it, must tell the same: else one of the two lies, and
 * what is found by them may be anything. */
static enum kf_status take_phys_base(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, uint64_t root, uint64_t encrypted,
				     struct kf_error *err)
{
	const struct kf_segment *image = root ? image_of(tr->vc, root) : NULL;

	if (kf_has(vi, KF_KEY_NUM_PHYS_BASE))
		tr->phys_base = vi->value[KF_KEY_NUM_PHYS_BASE];
	else if (!read_phys_base(tr->vc, kf_value(vi, KF_KEY_SYM_PHYS_BASE, 0), &tr->phys_base))
		tr->phys_base = phys_base_by(image_of(tr->vc, 0));
	if (image && (tr->phys_base - phys_base_by(image)) & ~encrypted)
		return kf_fail(err, KF_INVALID, "phys_base is 0x%" PRIx64 ", but 0x%" PRIx64 " by the PT_LOAD of the kernel image",
			       tr->phys_base, phys_base_by(image));
	return KF_OK;
}

/* PAGE_OFFSET, from the last PT_LOAD of the direct map; else where it is without KASLR. */
static uint64_t page_offset_of(const struct kf_vmcore *vc, const struct kf_vmcoreinfo *vi, unsigned int levels)
{
	for (size_t i = vc->segment_count; i-- > 0;) {
		const struct kf_segment *s = &vc->segments[i];

		if (s->vaddr >= KERNEL_HALF && s->vaddr < TEXT_START)
			return s->vaddr - s->paddr;
	}
	if (levels == 5)
		return 0xff10000000000000ull;
	return kf_older_than(vi, 2, 6, 27) ? 0xffff810000000000ull : 0xffff880000000000ull;
}

static unsigned int memory_bits_of(const struct kf_vmcoreinfo *vi, unsigned int levels)
{
	if (levels == 5)
		return 52;
	return kf_older_than(vi, 2, 6, 26) ? 40 : kf_older_than(vi, 2, 6, 31) ? 44 : 46;
}

static enum kf_status init(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t root = kf_value(vi, KF_KEY_SYM_INIT_TOP_PGT,
			kf_value(vi, KF_KEY_SYM_INIT_LEVEL4_PGT, kf_value(vi, KF_KEY_SYM_SWAPPER_PG_DIR, 0)));
	uint64_t encrypted = kf_value(vi, KF_KEY_NUM_SME_MASK, 0);

	if (take_phys_base(tr, vi, root, encrypted, err))	/* readers of the dump want it even if nothing else is known */
		return err->status;
	if (!root)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no SYMBOL(init_top_pgt): page tables cannot be found");
	tr->levels = kf_value(vi, KF_KEY_NUM_PGTABLE_L5, 0) ? 5 : 4;
	tr->address_mask = ADDRESS_BITS & ~encrypted;
	tr->root = (root - TEXT_START + tr->phys_base) & ~encrypted;
	tr->root_mask = 511;
	tr->kernel_start = page_offset_of(tr->vc, vi, tr->levels);
	tr->section_bits = 27;
	tr->memory_bits = memory_bits_of(vi, tr->levels);
	return KF_OK;
}

static bool translate(struct kf_translation *tr, uint64_t va, struct kf_mapping *m)
{
	uint64_t table = tr->root, all = WRITABLE;
	unsigned int unused = tr->levels == 5 ? 64 - 57 : 64 - 48;

	if ((uint64_t)((int64_t)(va << unused) >> unused) != va)
		return false;	/* not canonical: no address at all */
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

static bool next_table(const struct kf_translation *tr, unsigned int shift, uint64_t entry, uint64_t *table)
{
	*table = entry & tr->address_mask;
	return (entry & PRESENT) && shift > 12 && !((entry & LARGE) && (shift == 30 || shift == 21));
}

const struct kf_arch kf_arch_x86_64 = {
	.machine = "x86_64", .elf_machine = EM_X86_64, .page_sizes = 1u << 12, .prstatus_sp = 112 + 19 * 8, .init = init, .translate = translate,
	.next_table = next_table,
};
