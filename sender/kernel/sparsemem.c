// SPDX-License-Identifier: GPL-2.0-or-later
// SPARSEMEM, plain and EXTREME: struct pages by section.
//
// Facts: the kernel's Documentation/mm/memory-model.rst and admin-guide/kdump/vmcoreinfo.rst. The low bits of
// section_mem_map are flags; six are in use today and the address is aligned to far more.
#include <inttypes.h>
#include <stdlib.h>

#include "common/cursor.h"
#include "sender/kernel/models.h"

#define SECTION_PRESENT 1ull
#define SECTION_FLAGS 0x3full

/* Brings root ROOT's sections (one page) into mm->cached; false if there are none. */
static bool load_root(struct kf_memmap *mm, uint64_t root)
{
	uint64_t address;

	if (mm->cached_root == root)
		return mm->cached_present;
	mm->cached_root = root;
	mm->cached_present = kf_virt_u64(mm->tr, mm->sections + root * 8, &address) && address &&
			     kf_virt_read(mm->tr, address, mm->cached, mm->sections_per_root * mm->section_bytes);
	return mm->cached_present;
}

/* The word section_mem_map of section S; 0 if it is absent or unreadable. */
static uint64_t section_word(struct kf_memmap *mm, uint64_t s)
{
	uint64_t word;

	if (mm->sections_per_root) {
		if (!load_root(mm, s / mm->sections_per_root))
			return 0;
		return kf_le64_at(mm->cached + s % mm->sections_per_root * mm->section_bytes + mm->map_offset);
	}
	return kf_virt_u64(mm->tr, mm->sections + s * mm->section_bytes + mm->map_offset, &word) ? word : 0;
}

static void find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range)
{
	uint64_t s = pfn / mm->pages_per_section;
	uint64_t word = s < mm->section_count ? section_word(mm, s) : 0;

	range->first = s * mm->pages_per_section;
	range->end = range->first + mm->pages_per_section;
	/* The encoded address is that of pfn 0's struct page, were the section's array to reach down to it. */
	range->va = (word & ~SECTION_FLAGS) + range->first * mm->size_page;
	range->has = (word & SECTION_PRESENT) && range->va >= mm->tr->kernel_start;
}

/* A wrong guess of the root's address reads as garbage, which this notices. */
static bool credible(struct kf_memmap *mm)
{
	uint64_t present = 0;

	mm->cached_root = UINT64_MAX;
	for (uint64_t s = 0; s < mm->section_count; s++) {
		struct kf_memmap_range range;

		if (!(section_word(mm, s) & SECTION_PRESENT))
			continue;
		find(mm, s * mm->pages_per_section, &range);
		if (!range.has)
			return false;
		present++;
	}
	return present > 0;
}

static bool has_keys(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_SYM_MEM_SECTION) && kf_has(vi, KF_KEY_SIZE_MEM_SECTION) &&
	       kf_has(vi, KF_KEY_OFF_SECTION_MEM_MAP);
}

static enum kf_status take_sizes(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t section_bits = kf_value(vi, KF_KEY_NUM_SECTION_SIZE_BITS, 27);
	uint64_t memory_bits = kf_value(vi, KF_KEY_NUM_MAX_PHYSMEM_BITS, mm->tr->levels == 5 ? 52 : 46);
	uint64_t page_size = 1ull << mm->page_shift;

	mm->section_bytes = vi->value[KF_KEY_SIZE_MEM_SECTION];
	mm->map_offset = vi->value[KF_KEY_OFF_SECTION_MEM_MAP];
	if (section_bits <= mm->page_shift || section_bits > memory_bits || memory_bits > 56 ||
	    mm->section_bytes < 8 || mm->section_bytes > page_size || (mm->section_bytes & (mm->section_bytes - 1)) || mm->map_offset > mm->section_bytes - 8)
		return kf_fail(err, KF_INVALID, "SPARSEMEM with %" PRIu64 "-byte sections of 2^%" PRIu64 " bytes in 2^%" PRIu64 " is not credible",
			       mm->section_bytes, section_bits, memory_bits);
	mm->pages_per_section = 1ull << (section_bits - mm->page_shift);
	mm->section_count = (mm->max_mapnr + mm->pages_per_section - 1) / mm->pages_per_section;
	mm->sections_per_root = page_size / mm->section_bytes;
	/* EXTREME when the array is as long as there would be roots. */
	if (kf_has(vi, KF_KEY_LEN_MEM_SECTION)) {
		uint64_t all = 1ull << (memory_bits - section_bits);
		uint64_t roots = (all + mm->sections_per_root - 1) / mm->sections_per_root;

		if (vi->value[KF_KEY_LEN_MEM_SECTION] != roots)
			mm->sections_per_root = 0;
	}
	return KF_OK;
}

static enum kf_status init(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	if (!has_keys(vi))
		return kf_fail(err, KF_ABSENT, "VMCOREINFO describes no memory model this version knows (SPARSEMEM)");
	if (take_sizes(mm, vi, err))
		return err->status;
	mm->cached = malloc(1ull << mm->page_shift);
	if (!mm->cached)
		return kf_fail(err, KF_FAILED, "no memory for memory sections");
	/* VMCOREINFO gives the array's address; a vmlinux of 4.15 and later has a pointer to it instead. */
	mm->sections = vi->value[KF_KEY_SYM_MEM_SECTION];
	if (credible(mm))
		return KF_OK;
	if (kf_virt_u64(mm->tr, vi->value[KF_KEY_SYM_MEM_SECTION], &mm->sections) && credible(mm))
		return KF_OK;
	return kf_fail(err, KF_INVALID, "mem_section at 0x%" PRIx64 " holds no credible memory sections",
		       vi->value[KF_KEY_SYM_MEM_SECTION]);
}

const struct kf_memmap_model kf_sparsemem = { "SPARSEMEM", init, find };
