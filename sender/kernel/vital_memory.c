// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages without which no address can be read: the image, page tables, memory sections, node data.
#include "sender/kernel/tables.h"
#include "sender/kernel/vitalkinds.h"

#define NODES_MAX 1024u
#define NODE_BYTES_MAX (16ull << 20)
#define TOP UINT64_MAX
#define PIECE (2ull << 20)
#define IMAGE_MAX (256ull << 20)
#define IMAGE_HOLE (8ull << 20)

static bool note_table(void *gatherer, uint64_t paddr)
{
	struct kf_vital_gatherer *g = gatherer;
	uint64_t pfn = paddr >> g->tr->page_shift;

	return kf_vital_note(&g->vital->list, pfn, pfn + 1);
}

/* First those of the image and what lies near it; then the highest addresses first. On x86_64 the direct map, whose tables may be many,
 * comes last. */
void kf_vital_tables(struct kf_vital_gatherer *g)
{
	struct kf_table_visitor visitor = { .table = note_table, .context = g };
	uint64_t stext = kf_value(g->info, KF_KEY_SYM_STEXT, 0);

	note_table(g, g->tr->root);
	if (stext)
		kf_tables_walk(g->tr, stext, stext, &visitor);
	kf_tables_walk(g->tr, g->tr->kernel_start, TOP, &visitor);
}

/* With roots: their array, of which readers want all at once, and each root. Without: the sections themselves. */
void kf_vital_sections(struct kf_vital_gatherer *g)
{
	const struct kf_memmap *mm = &g->kernel->memmap;
	uint64_t page = 1ull << g->tr->page_shift, roots, address;

	if (!g->kernel->filters || !mm->sections)
		return;
	if (!mm->sections_per_root) {
		kf_vital_note_va(g, mm->sections, mm->section_count * mm->section_bytes);
		return;
	}
	roots = (mm->section_count + mm->sections_per_root - 1) / mm->sections_per_root;
	for (uint64_t i = 0; i < roots; i++)
		if (kf_virt_u64(g->tr, mm->sections + i * 8, &address) && address && !kf_vital_note_va(g, address, page))
			return;
	kf_vital_note_va(g, mm->sections, kf_value(g->info, KF_KEY_LEN_MEM_SECTION, roots) * 8);
}

void kf_vital_nodes(struct kf_vital_gatherer *g)
{
	uint64_t data = kf_value(g->info, KF_KEY_SYM_NODE_DATA, 0), count = kf_value(g->info, KF_KEY_LEN_NODE_DATA, 0);
	uint64_t bytes = kf_value(g->info, KF_KEY_SIZE_PGLIST_DATA, 0), node;

	bytes = bytes < NODE_BYTES_MAX ? bytes : NODE_BYTES_MAX;
	for (uint64_t i = 0; data && i < count && i < NODES_MAX; i++)
		if (kf_virt_u64(g->tr, data + i * 8, &node) && node && !kf_vital_note_va(g, node, bytes))
			return;
}

/* Data and the log come last in an image, and are worth more than text should there be no room for all: so it is taken from its end. */
static void note_backwards(struct kf_vital_gatherer *g, const struct kf_segment *s)
{
	for (uint64_t end = s->filesz; end;) {
		uint64_t n = end < PIECE ? end : PIECE;
		struct kf_mapping m = { .paddr = s->paddr + end - n, .bytes = n };

		if (!kf_vital_note_mapping(g, &m))
			return;
		end -= n;
	}
}

/* Without a PT_LOAD of its own: what is mapped from _stext on, up to a hole. */
static void note_mapped(struct kf_vital_gatherer *g, uint64_t stext)
{
	uint64_t start = stext - stext % PIECE, seen = start;
	struct kf_mapping m;

	for (uint64_t va = start; va >= start && va - start < IMAGE_MAX && va - seen < IMAGE_HOLE;) {
		if (!kf_translate(g->tr, va, &m)) {
			va += 1ull << g->tr->page_shift;
			continue;
		}
		if (!kf_vital_note_mapping(g, &m))
			return;
		va += m.bytes;
		seen = va;
	}
}

/* The PT_LOAD that holds _stext is the image. */
void kf_vital_image(struct kf_vital_gatherer *g)
{
	const struct kf_vmcore *vc = g->kernel->vc;
	uint64_t stext = kf_value(g->info, KF_KEY_SYM_STEXT, 0);

	for (size_t i = 0; stext && i < vc->segment_count; i++) {
		const struct kf_segment *s = &vc->segments[i];

		if (stext >= s->vaddr && stext - s->vaddr < s->filesz) {
			note_backwards(g, s);
			return;
		}
	}
	if (stext)
		note_mapped(g, stext);
}
