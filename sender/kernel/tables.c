// SPDX-License-Identifier: GPL-2.0-or-later
// The page tables as a tree; see tables.h.
#include "sender/kernel/tables.h"

/* Damaged tables may lead to each other, and then to a tree of 512^4 of them. */
#define TABLES_MAX 16384u

struct walk {
	struct kf_translation *tr;
	uint64_t first, last;
	const struct kf_table_visitor *visitor;
	unsigned int tables;
};

static bool visit_mapped(struct walk *w, uint64_t va)
{
	struct kf_mapping m;

	return !w->visitor->mapped || !kf_translate(w->tr, va, &m) || w->visitor->mapped(w->visitor->context, &m);
}

/* The table at PADDR, whose ENTRIES entries cover 2^SHIFT bytes each, from address BASE on. */
static bool walk_table(struct walk *w, uint64_t paddr, uint64_t entries, unsigned int shift, uint64_t base)
{
	unsigned int per_level = w->tr->page_shift - 3;

	for (uint64_t i = entries; i-- > 0;) {
		uint64_t va = base + (i << shift), end = va + ((1ull << shift) - 1), entry, table;

		if (end < w->first || va > w->last || va < w->tr->kernel_start - w->tr->kernel_start % (1ull << shift))
			continue;
		if (!kf_table_entry(w->tr, paddr + i * 8, &entry))
			return true;	/* neither can the others be read, most likely */
		if (!entry)
			continue;
		if (!w->tr->arch->next_table(w->tr, shift, entry, &table)) {
			if (!visit_mapped(w, va))
				return false;
			continue;
		}
		if (w->tables++ == TABLES_MAX || (w->visitor->table && !w->visitor->table(w->visitor->context, table)))
			return false;
		if (!walk_table(w, table, 1ull << per_level, shift - per_level, va))
			return false;
	}
	return true;
}

void kf_tables_walk(struct kf_translation *tr, uint64_t first, uint64_t last, const struct kf_table_visitor *visitor)
{
	struct walk w = { .tr = tr, .first = first, .last = last, .visitor = visitor };
	unsigned int shift = (tr->page_shift - 3) * (tr->levels - 1) + tr->page_shift;
	uint64_t entries = tr->root_mask + 1;

	/* The last entry ends where the addresses do. */
	(void)walk_table(&w, tr->root, entries, shift, 0 - (entries << shift));
}
