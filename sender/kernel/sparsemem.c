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
/* 128 MiB are usual; a section holds the largest free block, 4 MiB. Smaller ones still would be too many to look through. */
#define SECTION_BITS_MIN 21u

/* Brings root ROOT's sections (one page) into mm->cached, and says whether they are there. */
static enum kf_root load_root(struct kf_memmap *mm, uint64_t root)
{
	uint64_t address;

	if (mm->cached_root == root)
		return mm->cached_state;
	mm->cached_root = root;
	if (!kf_virt_u64(mm->tr, mm->sections + root * 8, &address))
		mm->cached_state = KF_ROOT_LOST;
	else if (!address)
		mm->cached_state = KF_ROOT_ABSENT;
	else
		mm->cached_state = kf_virt_read(mm->tr, address, mm->cached, mm->sections_per_root * mm->section_bytes)
					? KF_ROOT_PRESENT : KF_ROOT_LOST;
	return mm->cached_state;
}

/* The word section_mem_map of section S, if its state is KF_ROOT_PRESENT. */
static enum kf_root section_word(struct kf_memmap *mm, uint64_t s, uint64_t *word)
{
	enum kf_root state;

	if (!mm->sections_per_root)
		return kf_virt_u64(mm->tr, mm->sections + s * mm->section_bytes + mm->map_offset, word) ? KF_ROOT_PRESENT : KF_ROOT_LOST;
	state = load_root(mm, s / mm->sections_per_root);
	if (state == KF_ROOT_PRESENT)
		*word = kf_le64_at(mm->cached + s % mm->sections_per_root * mm->section_bytes + mm->map_offset);
	return state;
}

static void find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range)
{
	uint64_t s = pfn / mm->pages_per_section, word = 0;
	enum kf_root state = s < mm->section_count ? section_word(mm, s, &word) : KF_ROOT_ABSENT;

	*range = (struct kf_memmap_range){ .first = s * mm->pages_per_section, .unknown = state == KF_ROOT_LOST };
	range->end = range->first + mm->pages_per_section;
	if (!(word & SECTION_PRESENT))
		return;
	/* The encoded address is that of pfn 0's struct page, were the section's array to reach down to it. */
	range->va = (word & ~SECTION_FLAGS) + range->first * mm->size_page;
	range->has = kf_is_mem_map(mm, range->va, range->first, range->end);
}

/* A wrong guess of the root's address reads as garbage, which this notices. What cannot be read is not present. */
static bool credible(struct kf_memmap *mm)
{
	uint64_t present = 0, word;

	mm->cached_root = UINT64_MAX;
	for (uint64_t s = 0; s < mm->section_count; s++) {
		struct kf_memmap_range range;

		if (mm->sections_per_root && load_root(mm, s / mm->sections_per_root) != KF_ROOT_PRESENT) {
			s += mm->sections_per_root - 1 - s % mm->sections_per_root;	/* none of the root's */
			continue;
		}
		if (section_word(mm, s, &word) != KF_ROOT_PRESENT || !(word & SECTION_PRESENT))
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

/* EXTREME when the array is as long as there would be roots, or has no length; plain when it is as long as there would be
 * sections. By another length RAM would be cut off at the array's end: one of the four numbers is wrong then. */
static enum kf_status take_shape(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, uint64_t all_sections, struct kf_error *err)
{
	uint64_t per_root = (1ull << mm->page_shift) / mm->section_bytes;
	uint64_t roots = (all_sections + per_root - 1) / per_root, length = kf_value(vi, KF_KEY_LEN_MEM_SECTION, roots);

	if (length != roots && length != all_sections)
		return kf_fail(err, KF_INVALID, "LENGTH(mem_section)=%" PRId64 " is neither the number of all memory sections, %" PRIu64
			       ", nor of their roots, %" PRIu64, (int64_t)length, all_sections, roots);
	mm->sections_per_root = length == roots ? per_root : 0;
	if (mm->section_count > all_sections)
		return kf_fail(err, KF_INVALID, "RAM reaches to memory section %" PRIu64 ", and the kernel can have %" PRIu64, mm->section_count,
			       all_sections);
	return KF_OK;
}

static enum kf_status take_sizes(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t section_bits = kf_value(vi, KF_KEY_NUM_SECTION_SIZE_BITS, mm->tr->section_bits);
	uint64_t memory_bits = kf_value(vi, KF_KEY_NUM_MAX_PHYSMEM_BITS, mm->tr->memory_bits);

	mm->section_bytes = vi->value[KF_KEY_SIZE_MEM_SECTION];
	mm->map_offset = vi->value[KF_KEY_OFF_SECTION_MEM_MAP];
	if (section_bits < SECTION_BITS_MIN || section_bits > memory_bits || memory_bits > 56 ||
	    mm->section_bytes < 8 || mm->section_bytes > 1ull << mm->page_shift || (mm->section_bytes & (mm->section_bytes - 1)) ||
	    mm->map_offset > mm->section_bytes - 8)
		return kf_fail(err, KF_INVALID, "SPARSEMEM with %" PRIu64 "-byte sections of 2^%" PRIu64 " bytes in 2^%" PRIu64 " is not credible",
			       mm->section_bytes, section_bits, memory_bits);
	mm->pages_per_section = 1ull << (section_bits - mm->page_shift);
	mm->section_count = (mm->max_mapnr + mm->pages_per_section - 1) / mm->pages_per_section;
	return take_shape(mm, vi, 1ull << (memory_bits - section_bits), err);
}

static enum kf_status init(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	if (!has_keys(vi))
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has not the keys of SPARSEMEM");
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
