// Walks the x86_64 page tables of a vmcore.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernelmem.h"

#include <stdio.h>
#include <string.h>

#include "vmcoreinfo.h"

enum { PAGE = 4096 };

#define KERNEL_MAP   0xffffffff80000000ull
#define ADDRESS_BITS 0x000ffffffffff000ull
#define PRESENT	     1ull
#define LARGE	     0x80ull

bool kernelmem_value(const struct kernelmem *k, const char *key, uint64_t *value)
{
	return vmcoreinfo_value(k->info, k->info_len, key, value);
}

bool kernelmem_open(struct kernelmem *k, const struct elfcore *core)
{
	uint64_t table, phys_base, l5 = 0;

	*k = (struct kernelmem){ .core = core };
	if (!elfcore_vmcoreinfo(core, &k->info, &k->info_len) ||
	    !(kernelmem_value(k, "SYMBOL(init_top_pgt)=", &table) || kernelmem_value(k, "SYMBOL(swapper_pg_dir)=", &table)) ||
	    !kernelmem_value(k, "NUMBER(phys_base)=", &phys_base)) {
		fprintf(stderr, "kferry-judge: %s: VMCOREINFO does not tell where the page tables are\n", core->path);
		return false;
	}
	kernelmem_value(k, "NUMBER(pgtable_l5_enabled)=", &l5);
	kernelmem_value(k, "NUMBER(sme_mask)=", &k->sme_mask);
	k->levels = l5 ? 5 : 4;
	k->top = table - KERNEL_MAP + phys_base;
	return true;
}

static bool read_physical(const struct kernelmem *k, uint64_t address, void *to, size_t len)
{
	uint8_t page[PAGE];

	if (!elfcore_page(k->core, address / PAGE, PAGE, page))
		return false;
	memcpy(to, page + address % PAGE, len);
	return true;
}

static bool translate(const struct kernelmem *k, uint64_t address, uint64_t *physical)
{
	uint64_t table = k->top;

	for (int shift = 12 + 9 * (k->levels - 1); shift >= 12; shift -= 9) {
		uint64_t entry, inside = (1ull << shift) - 1;

		if (!read_physical(k, table + (address >> shift & 511) * 8, &entry, sizeof entry) || !(entry & PRESENT))
			return false;
		table = entry & ADDRESS_BITS & ~k->sme_mask;
		if (shift == 12 || (shift <= 30 && (entry & LARGE))) {
			*physical = (table & ~inside) | (address & inside);
			return true;
		}
	}
	return false;
}

bool kernelmem_read(const struct kernelmem *k, uint64_t address, void *to, size_t len)
{
	uint8_t *at = to;

	while (len > 0) {
		size_t piece = PAGE - address % PAGE;
		uint64_t physical;

		if (piece > len)
			piece = len;
		if (!translate(k, address, &physical) || !read_physical(k, physical, at, piece))
			return false;
		at += piece;
		address += piece;
		len -= piece;
	}
	return true;
}
