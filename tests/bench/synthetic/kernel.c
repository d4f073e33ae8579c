// SPDX-License-Identifier: GPL-2.0-or-later
// The made-up machine's kernel: page tables, memory sections, its name, and VMCOREINFO.
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

#define RELEASE "6.1.0-synthetic"
#define SECTION_BYTES 16
#define PER_ROOT (PAGE / SECTION_BYTES)
#define ROOTS 131072
#define SECTION_FLAGS 0xfull		/* present, has map, online, early */
#define TABLE_FLAGS 0x3ull		/* present, writable */
#define LARGE_PAGE 0x83ull
#define LARGE_TEXT 0x81ull		/* without the right to write */
#define TEXT_BYTES (8 * MIB)

/* Memory of the image; its physical address. */
static uint64_t take(struct machine *m, uint64_t bytes)
{
	uint64_t at = m->used;

	m->used += (bytes + PAGE - 1) / PAGE * PAGE;
	if (IMAGE + m->used > IMAGE_END)
		errx(1, "the kernel image is too small for this machine");
	return IMAGE + at;
}

static uint64_t *word(struct machine *m, uint64_t paddr)
{
	return (uint64_t *)(void *)(m->image + (paddr - IMAGE));
}

static uint64_t text_va(uint64_t paddr)
{
	return paddr - IMAGE + TEXT;
}

/* Maps 2 MiB. */
static void map_large(struct machine *m, uint64_t root, uint64_t va, uint64_t paddr, uint64_t flags)
{
	uint64_t table = root;

	for (unsigned int shift = 48; shift > 21; shift -= 9) {
		uint64_t *entry = word(m, table + (va >> shift & 511) * 8);

		if (!*entry)
			*entry = take(m, PAGE) | TABLE_FLAGS;
		table = *entry & ~0xfffull;
	}
	*word(m, table + (va >> 21 & 511) * 8) = paddr | flags;
}

static void make_sections(struct machine *m, uint64_t roots, uint64_t top)
{
	for (uint64_t s = 0; s * SECTION < m->end; s++) {
		uint64_t *root = word(m, roots + s / PER_ROOT * 8), va = VMEMMAP + s * MAP_OF(SECTION);

		if (s * SECTION >= HOLE && s * SECTION < HIGH_RAM)
			continue;
		if (!*root)
			*root = text_va(take(m, PAGE));
		/* The encoded address is pfn 0's: all sections have the same. */
		*word(m, *root - TEXT + IMAGE + s % PER_ROOT * SECTION_BYTES) = VMEMMAP | SECTION_FLAGS;
		map_large(m, top, va, HIGH_RAM + s * MAP_OF(SECTION), LARGE_PAGE);
	}
}

static char *vmcoreinfo(uint64_t uts, uint64_t top, uint64_t roots, uint64_t zeros)
{
	char *text = NULL;

	if (asprintf(&text,
		     "OSRELEASE=" RELEASE "\nPAGESIZE=4096\nSYMBOL(init_uts_ns)=%llx\nOFFSET(uts_namespace.name)=0\n"
		     "SYMBOL(node_online_map)=%llx\nSYMBOL(swapper_pg_dir)=%llx\nSYMBOL(_stext)=%llx\nSYMBOL(mem_section)=%llx\n"
		     "LENGTH(mem_section)=%d\nSIZE(mem_section)=%d\nOFFSET(mem_section.section_mem_map)=0\nNUMBER(SECTION_SIZE_BITS)=27\n"
		     "NUMBER(MAX_PHYSMEM_BITS)=52\nSIZE(page)=64\nSIZE(pglist_data)=174208\nSIZE(zone)=1536\nSIZE(free_area)=88\n"
		     "SIZE(list_head)=16\nSIZE(nodemask_t)=128\nOFFSET(page.flags)=0\nOFFSET(page._refcount)=52\nOFFSET(page.mapping)=24\n"
		     "OFFSET(page.lru)=8\nOFFSET(page._mapcount)=48\nOFFSET(page.private)=40\nOFFSET(page.compound_dtor)=16\n"
		     "OFFSET(page.compound_order)=17\nOFFSET(page.compound_head)=8\nOFFSET(pglist_data.node_zones)=0\n"
		     "OFFSET(pglist_data.nr_zones)=171552\nOFFSET(pglist_data.node_start_pfn)=171560\n"
		     "OFFSET(pglist_data.node_spanned_pages)=171576\nOFFSET(pglist_data.node_id)=171584\nOFFSET(zone.free_area)=256\n"
		     "OFFSET(zone.vm_stat)=1344\nOFFSET(zone.spanned_pages)=144\nOFFSET(free_area.free_list)=0\nOFFSET(list_head.next)=0\n"
		     "OFFSET(list_head.prev)=8\nLENGTH(zone.free_area)=11\nLENGTH(free_area.free_list)=5\nNUMBER(NR_FREE_PAGES)=0\n"
		     "NUMBER(PG_lru)=4\nNUMBER(PG_private)=13\nNUMBER(PG_swapcache)=10\nNUMBER(PG_swapbacked)=19\nNUMBER(PG_slab)=9\n"
		     "NUMBER(PG_hwpoison)=23\nNUMBER(PG_head_mask)=65536\nNUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)=-129\n"
		     "NUMBER(HUGETLB_PAGE_DTOR)=2\nNUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)=-257\nNUMBER(phys_base)=0\nSYMBOL(init_top_pgt)=%llx\n"
		     "NUMBER(pgtable_l5_enabled)=1\nSYMBOL(node_data)=%llx\nLENGTH(node_data)=1024\nKERNELOFFSET=0\n"
		     "NUMBER(KERNEL_IMAGE_SIZE)=1073741824\nNUMBER(sme_mask)=0\nCRASHTIME=1795524857\n",
		     (unsigned long long)uts, (unsigned long long)zeros, (unsigned long long)top, TEXT, (unsigned long long)roots, ROOTS,
		     SECTION_BYTES, (unsigned long long)top, (unsigned long long)zeros) < 0)
		err(1, "VMCOREINFO");
	return text;
}

char *make_kernel(struct machine *m)
{
	static const char *const uts[6] = { "Linux", "synthetic", RELEASE, "#1 SMP", "x86_64", "(none)" };
	uint64_t top, roots, name, zeros;

	m->used = TEXT_BYTES;
	name = take(m, PAGE);
	zeros = take(m, 2 * PAGE);
	top = take(m, PAGE);
	roots = take(m, ROOTS * 8);
	for (int i = 0; i < 6; i++)
		strcpy((char *)word(m, name) + i * 65, uts[i]);
	for (uint64_t at = IMAGE; at < IMAGE_END; at += 2 * MIB)
		map_large(m, top, text_va(at), at, at < IMAGE + TEXT_BYTES ? LARGE_TEXT : LARGE_PAGE);
	make_sections(m, roots, top);
	return vmcoreinfo(text_va(name), text_va(top), text_va(roots), text_va(zeros));
}
