/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel virtual addresses to physical ones, by walking the dead kernel's own page tables. */
#ifndef KF_TRANSLATE_H
#define KF_TRANSLATE_H

#include "sender/kernel/vmcoreinfo.h"
#include "sender/vmcore/vmcore.h"

#define KF_TABLE_PIECE 4096u
#define KF_PIECES_CACHED 32u

/* Pieces of page tables read lately. A slot is chosen by the piece's number. Tables of larger pages are read in pieces too,
 * so that the cache is as large on every machine. */
struct kf_table_cache {
	uint64_t paddr[KF_PIECES_CACHED];	/* UINT64_MAX: empty */
	uint8_t bytes[KF_PIECES_CACHED][KF_TABLE_PIECE];
};

struct kf_translation;
struct kf_relied;

/* What one entry of the page tables says of an address. */
struct kf_mapping {
	uint64_t paddr;		/* where it lies */
	uint64_t bytes;		/* how many from there on the entry covers, at least 1 */
	bool writable;		/* by the kernel */
};

/* One table for each architecture. */
struct kf_arch {
	const char *machine;		/* as utsname has it */
	unsigned int elf_machine;
	uint32_t page_sizes;		/* all that it may have, as bits: 4096 is bit 12 */
	enum kf_status (*init)(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err);
	bool (*translate)(struct kf_translation *tr, uint64_t va, struct kf_mapping *m);
	/* Whether ENTRY, one of a table whose entries cover 2^SHIFT bytes each, leads to another table, which is then at *TABLE. */
	bool (*next_table)(const struct kf_translation *tr, unsigned int shift, uint64_t entry, uint64_t *table);
	uint32_t prstatus_sp;		/* where NT_PRSTATUS has the stack pointer, bytes */
};

struct kf_translation {
	const struct kf_vmcore *vc;	/* borrowed */
	const struct kf_arch *arch;
	unsigned int page_shift;
	uint64_t root;			/* physical address of the root table */
	uint64_t phys_base;
	unsigned int levels;
	uint64_t address_mask;		/* address bits of a table entry */
	uint64_t root_mask;		/* of the root table's index */
	uint64_t high_mask;		/* address bits that stand out of place in an entry (arm64); shifted by */
	unsigned int high_shift;
	unsigned int section_bits, memory_bits;	/* of SPARSEMEM and physical addresses, where VMCOREINFO does not say */
	uint64_t kernel_start;		/* lowest address that can be the kernel's */
	struct kf_table_cache *cache;	/* owned */
	struct kf_relied *relied;	/* borrowed; while not NULL, all pages that are read are noted there */
};

/* The architecture of an ELF machine number, or NULL. */
const struct kf_arch *kf_arch_of(unsigned int elf_machine);

/* PAGE_SHIFT is one that the architecture has. RELIED, unless NULL, gets every page that is read from now on, until the
 * caller takes it out of TR. */
enum kf_status kf_translation_init(struct kf_translation *tr, const struct kf_vmcore *vc, const struct kf_vmcoreinfo *vi,
				   unsigned int page_shift, struct kf_relied *relied, struct kf_error *err) kf_must_check;
void kf_translation_deinit(struct kf_translation *tr);

/* False if VA is not mapped or a table cannot be read. */
bool kf_translate(struct kf_translation *tr, uint64_t va, struct kf_mapping *m);

/* Reads LEN bytes at VA, across mappings; false if any of them cannot be read. */
bool kf_virt_read(struct kf_translation *tr, uint64_t va, void *out, size_t len);
bool kf_virt_u64(struct kf_translation *tr, uint64_t va, uint64_t *out);
bool kf_virt_u32(struct kf_translation *tr, uint64_t va, uint32_t *out);

/* A table entry of 8 bytes at PADDR, through the cache. For the architectures only. */
bool kf_table_entry(struct kf_translation *tr, uint64_t paddr, uint64_t *entry);

#endif
