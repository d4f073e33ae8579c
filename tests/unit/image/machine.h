/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small crashed machine as a vmcore: kernel image, page tables, a memory model, struct pages, VMCOREINFO. */
#ifndef IMAGE_MACHINE_H
#define IMAGE_MACHINE_H

#include "tests/unit/image/core.h"
#include "tests/unit/image/era.h"
#include "tests/unit/image/keys.h"

/*
 * Physical memory, as on a PC:
 *
 *	0x1000 .. 0x9fc00		low memory; its last page is half there
 *	0x100000 .. ram			the rest
 *	0x1000000 .. 0x1800000		the kernel image in it, which is the first PT_LOAD once more
 *	0x2000000 ..			struct pages, 2 MiB for each section of 128 MiB
 *
 * All of it is mapped: directly by 1 GiB pages, the image by 2 MiB pages, struct pages as the plan says: those of SPARSEMEM in
 * vmemmap, those of the other models in the direct map. Struct pages nobody sets are zeros, which no rule excludes.
 */
#define MACHINE_KERNEL 0x1000000ull
#define MACHINE_KERNEL_BYTES 0x800000ull
#define MACHINE_KERNEL_VA 0xffffffff83000000ull
#define MACHINE_PHYS_BASE (MACHINE_KERNEL - (MACHINE_KERNEL_VA - 0xffffffff80000000ull))	/* negative */
#define MACHINE_LOW_END 0x9fc00ull
#define MACHINE_HIGH 0x100000ull
#define MACHINE_SECTION (128ull << 20)
#define MACHINE_SECTIONS 32u

#define MACHINE_NODES 8u
/* Nodes' struct pages lie this much further apart than their pfns: they begin inside a 4 KiB page. */
#define MACHINE_NODE_SHIFT 0x1240ull

struct machine_node {
	uint64_t first, end;		/* pfns; with both 0 it has no memory */
};

enum machine_model { MACHINE_SPARSEMEM, MACHINE_FLATMEM, MACHINE_DISCONTIGMEM };

struct machine_plan {
	uint64_t ram;			/* bytes up to the end of memory */
	unsigned int levels;		/* of page tables: 4 or 5 */
	const struct era *era;
	enum machine_model model;
	bool plain_sparse;		/* sections in one array, not by roots */
	bool small_vmemmap;		/* struct pages mapped by 4 KiB pages, in vmemmap whatever the model */
	struct machine_node nodes[MACHINE_NODES];
	size_t node_count;		/* DISCONTIGMEM; they must not overlap */
};

struct machine {
	struct machine_plan plan;
	struct core core;
	uint64_t direct, vmemmap;	/* virtual addresses */
	uint64_t root;			/* physical address of the root table */
	uint64_t free;			/* next free byte of the kernel image, physical */
	uint64_t sections;		/* virtual address of what SYMBOL(mem_section) names */
	uint64_t section_pages[MACHINE_SECTIONS];	/* physical address of each section's struct pages */
	uint64_t pgdat[MACHINE_NODES];			/* physical addresses, in which MACHINE_PGDAT_... lie */
	uint64_t node_data, online;			/* physical addresses */
	uint64_t mem_map;				/* FLATMEM: physical address of the pointer */
	char info[KEYS_MAX];		/* VMCOREINFO's text; change it before machine_finish */
};

void machine_create(struct machine *m, const struct machine_plan *plan);
/* Notes and headers: two CPUs, VMCOREINFO as M->info is now. */
void machine_finish(struct machine *m);
void machine_destroy(struct machine *m);

/* Adds a line to VMCOREINFO, or changes the one that has this key. */
void machine_key(struct machine *m, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void machine_drop_key(struct machine *m, const char *key);

/* BYTES of the kernel image, zeroed, at a multiple of ALIGN: physical address. */
uint64_t machine_take(struct machine *m, uint64_t bytes, uint64_t align);
/* Virtual address of physical address in the kernel image. */
uint64_t machine_kernel_va(uint64_t paddr);

/* Maps VA to PADDR by a page of 1 << SHIFT bytes (12, 21 or 30). */
void machine_map(struct machine *m, uint64_t va, uint64_t paddr, unsigned int shift);
/* Physical address of the table entry that maps VA at SHIFT; the tables above it must be there. */
uint64_t machine_entry(struct machine *m, uint64_t va, unsigned int shift);

#define MACHINE_PGDAT_BYTES 0x140u
#define MACHINE_PGDAT_MEM_MAP 0x48u
#define MACHINE_PGDAT_START 0x88u
#define MACHINE_PGDAT_SPANNED 0x98u

/* Where PFN's struct page lies: physical and virtual address. */
uint64_t machine_struct_page(const struct machine *m, uint64_t pfn);
uint64_t machine_struct_page_va(const struct machine *m, uint64_t pfn);

/* The first pfn behind the struct pages: from there on a test may write what it likes. */
uint64_t machine_plain_pfn(const struct machine *m);

void machine_page(struct machine *m, uint64_t pfn, const struct page_spec *spec);
/* A free block, an anonymous page and a page of the cache, by their most usual marks. */
void machine_free_block(struct machine *m, uint64_t pfn, unsigned int order);
void machine_anon(struct machine *m, uint64_t pfn);
void machine_cache(struct machine *m, uint64_t pfn);
void machine_huge(struct machine *m, uint64_t pfn, unsigned int order);	/* hugetlb */

#endif
