// SPDX-License-Identifier: GPL-2.0-or-later
// Address translation of arm64 with pages of 4, 16 and 64 KiB and 2 to 5 levels of page tables.
//
// Facts: Arm Architecture Reference Manual for A-profile, "The AArch64 Virtual Memory System Architecture"; the kernel's
// Documentation/arch/arm64/memory.rst and Documentation/admin-guide/kdump/vmcoreinfo.rst.
#include <elf.h>
#include <inttypes.h>

#include "sender/kernel/arch.h"

/* An entry's type: a table, or a page at the last level; a block at levels above. All else is not mapped. */
#define TYPE 3ull
#define TYPE_TABLE 3ull
#define TYPE_BLOCK 1ull
#define READ_ONLY (1ull << 7)
#define MAY_WRITE (1ull << 51)	/* DBM: the processor clears READ_ONLY at the first write */
#define TABLE_READ_ONLY (1ull << 62)
/* Linux has no larger block: 1 GiB, 2 MiB, 32 MiB, 512 MiB. */
#define BLOCK_SHIFT_MAX 30u

#define VA_BITS_MIN 36u
#define VA_BITS_MAX 52u

/* How many bits of virtual addresses: as configured, as in use on the machine that crashed, and as the root table has entries for. */
struct widths {
	unsigned int configured, used, root;
};

static bool is_width(uint64_t bits)
{
	return bits >= VA_BITS_MIN && bits <= VA_BITS_MAX;
}

static unsigned int levels_for(const struct kf_translation *tr, unsigned int bits)
{
	unsigned int per_level = tr->page_shift - 3;

	return (bits - tr->page_shift + per_level - 1) / per_level;
}

/* Kernels before 4.12 do not say: the kernel's addresses begin with as many ones as are not in use, or one more. */
static unsigned int guess_width(const struct kf_translation *tr, const struct kf_vmcoreinfo *vi)
{
	static const unsigned int widths[] = { 36, 39, 42, 47, 48 };
	static const unsigned int page_shifts[] = { 14, 12, 16, 14, 0 };	/* 0: any */
	uint64_t stext = kf_value(vi, KF_KEY_SYM_STEXT, 0);

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if (stext >= UINT64_MAX << widths[i] && (page_shifts[i] == tr->page_shift || !page_shifts[i]))
			return widths[i];
	return 0;
}

static enum kf_status take_widths(const struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct widths *w,
				  struct kf_error *err)
{
	uint64_t bits = kf_value(vi, KF_KEY_NUM_VA_BITS, guess_width(tr, vi)), used = bits, user;

	if (!bits)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s, and %s does not tell it: page tables cannot be walked",
			       kf_key_text(KF_KEY_NUM_VA_BITS), kf_key_text(KF_KEY_SYM_STEXT));
	if (kf_has(vi, KF_KEY_NUM_TCR_EL1_T1SZ))
		used = 64 - vi->value[KF_KEY_NUM_TCR_EL1_T1SZ];
	else if (bits == 52 && kf_has(vi, KF_KEY_SYM_MEM_SECTION))	/* 5.4 to 5.8: a linear address, in the lower half */
		used = vi->value[KF_KEY_SYM_MEM_SECTION] >> 51 & 1 ? 48 : 52;
	if (!is_width(bits))
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(KF_KEY_NUM_VA_BITS), (int64_t)bits);
	if (!is_width(used) || used > bits)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64 " with %" PRIu64 " bits of addresses",
			       kf_key_text(KF_KEY_NUM_TCR_EL1_T1SZ), (int64_t)vi->value[KF_KEY_NUM_TCR_EL1_T1SZ], bits);
	*w = (struct widths){ (unsigned int)bits, (unsigned int)used, (unsigned int)used };
	/* With 64 KiB pages a kernel made for 52 bits keeps the large root table on a machine that has 48: the kernel's
	 * part of it is the end. So did kernels with 52 bits for users only. */
	user = kf_value(vi, KF_KEY_NUM_MAX_USER_VA_BITS, bits);
	bits = is_width(user) && user > bits ? user : bits;
	if (levels_for(tr, (unsigned int)bits) == levels_for(tr, w->used))
		w->root = (unsigned int)bits;
	return KF_OK;
}

/* Since 5.4 the linear map is the lower half of the kernel's addresses; before, the upper one. */
static bool is_flipped(const struct kf_vmcoreinfo *vi, const struct widths *w)
{
	unsigned int bits = w->configured < 48 ? w->configured : 48;

	return kf_value(vi, KF_KEY_SYM_STEXT, 0) > UINT64_MAX << (bits - 1);
}

/* PHYS_OFFSET is where PAGE_OFFSET would lie in physical memory, which may be before 0. Newer kernels made for more bits of
 * addresses than the machine has count from the PAGE_OFFSET of all those bits: then it is farther off than any memory. */
static uint64_t linear_to_phys(uint64_t va, uint64_t phys_offset, uint64_t page_offset, const struct widths *w)
{
	bool far = phys_offset >> 63 && phys_offset < UINT64_MAX << w->used;

	return (va & ~(far ? UINT64_MAX << w->configured : page_offset)) + phys_offset;
}

static uint64_t phys_offset_of(const struct kf_translation *tr, const struct kf_vmcoreinfo *vi, uint64_t page_offset)
{
	if (kf_has(vi, KF_KEY_NUM_PHYS_OFFSET))
		return vi->value[KF_KEY_NUM_PHYS_OFFSET];
	for (size_t i = 0; i < tr->vc->segment_count; i++)
		if (tr->vc->segments[i].vaddr >= page_offset)
			return tr->vc->segments[i].paddr - (tr->vc->segments[i].vaddr & ~page_offset);
	return 0;
}

/* Where entries keep the address. Above 48 bits there are two ways, and without them the same bits say other things. */
static void take_address_bits(struct kf_translation *tr, const struct widths *w)
{
	unsigned int top = 48;

	if (tr->page_shift == 16 && tr->memory_bits == 52) {
		tr->high_mask = 0xf000;
		tr->high_shift = 36;
	} else if (tr->page_shift < 16 && w->used == 52) {	/* LPA2 */
		tr->high_mask = 0x300;
		tr->high_shift = 42;
		top = 50;
	}
	tr->address_mask = (1ull << top) - (1ull << tr->page_shift);
}

/* Sections became smaller with 5.12, which did not export it yet. The length of the array of roots tells. */
static unsigned int section_bits_of(const struct kf_translation *tr, const struct kf_vmcoreinfo *vi)
{
	unsigned int small = tr->page_shift == 16 ? 29 : 27;
	uint64_t bytes = kf_value(vi, KF_KEY_LEN_MEM_SECTION, 0) << tr->page_shift;
	uint64_t memory_bits = kf_value(vi, KF_KEY_NUM_MAX_PHYSMEM_BITS, tr->memory_bits);

	return memory_bits <= 52 && memory_bits > small && bytes == kf_value(vi, KF_KEY_SIZE_MEM_SECTION, 0) << (memory_bits - small) ?
	       small : 30;
}

static enum kf_status init(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t root = kf_value(vi, KF_KEY_SYM_SWAPPER_PG_DIR, 0), page_offset;
	unsigned int root_shift;
	bool flipped, linear;
	struct widths w;

	tr->phys_base = kf_value(vi, KF_KEY_NUM_PHYS_OFFSET, 0);	/* readers want it even if nothing else is known */
	if (!root)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no %s: page tables cannot be found", kf_key_text(KF_KEY_SYM_SWAPPER_PG_DIR));
	if (take_widths(tr, vi, &w, err))
		return err->status;
	flipped = is_flipped(vi, &w);
	page_offset = UINT64_MAX << (flipped ? w.used : w.used - 1);
	tr->phys_base = phys_offset_of(tr, vi, page_offset);
	linear = (root >> (w.used - 1) & 1) == !flipped;
	if (linear || !kf_has(vi, KF_KEY_NUM_KIMAGE_VOFFSET))
		tr->root = linear_to_phys(root, tr->phys_base, page_offset, &w);
	else
		tr->root = root - vi->value[KF_KEY_NUM_KIMAGE_VOFFSET];
	tr->memory_bits = (unsigned int)kf_value(vi, KF_KEY_NUM_MAX_PHYSMEM_BITS, w.configured == 52 ? 52 : 48);
	tr->section_bits = section_bits_of(tr, vi);
	tr->levels = levels_for(tr, w.used);
	root_shift = (tr->page_shift - 3) * (tr->levels - 1) + tr->page_shift;
	tr->root_mask = (1ull << (w.root - root_shift)) - 1;
	take_address_bits(tr, &w);
	tr->kernel_start = UINT64_MAX << w.used;	/* in the old layout struct pages lie below PAGE_OFFSET */
	return KF_OK;
}

static uint64_t address_in(const struct kf_translation *tr, uint64_t entry)
{
	return (entry & tr->address_mask) | (entry & tr->high_mask) << tr->high_shift;
}

static bool translate(struct kf_translation *tr, uint64_t va, struct kf_mapping *m)
{
	unsigned int per_level = tr->page_shift - 3, shift = per_level * (tr->levels - 1) + tr->page_shift;
	uint64_t table = tr->root, index = va >> shift & tr->root_mask;
	bool writable = true;

	if (va < tr->kernel_start)	/* this table is not the one for such addresses */
		return false;
	for (;; shift -= per_level, index = va >> shift & ((1ull << per_level) - 1)) {
		uint64_t low = (1ull << shift) - 1, entry, type;

		if (!kf_table_entry(tr, table + index * 8, &entry))
			return false;
		type = entry & TYPE;
		if (shift == tr->page_shift ? type == TYPE_TABLE : type == TYPE_BLOCK && shift <= BLOCK_SHIFT_MAX) {
			*m = (struct kf_mapping){
				.paddr = (address_in(tr, entry) & ~low) + (va & low), .bytes = low + 1 - (va & low),
				.writable = writable && (!(entry & READ_ONLY) || (entry & MAY_WRITE)),
			};
			return true;
		}
		if (type != TYPE_TABLE || shift == tr->page_shift)
			return false;
		writable = writable && !(entry & TABLE_READ_ONLY);
		table = address_in(tr, entry);
	}
}

static bool next_table(const struct kf_translation *tr, unsigned int shift, uint64_t entry, uint64_t *table)
{
	*table = address_in(tr, entry);
	return shift > tr->page_shift && (entry & TYPE) == TYPE_TABLE;
}

const struct kf_arch kf_arch_arm64 = {
	.machine = "aarch64", .elf_machine = EM_AARCH64, .page_sizes = 1u << 12 | 1u << 14 | 1u << 16, .prstatus_sp = 112 + 31 * 8, .init = init,
	.translate = translate, .next_table = next_table,
};
