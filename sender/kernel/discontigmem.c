// SPDX-License-Identifier: GPL-2.0-or-later
// DISCONTIGMEM: an array of struct pages for each node of a NUMA machine.
//
// Facts: the kernel's Documentation/mm/memory-model.rst (of kernels up to 5.13) and admin-guide/kdump/vmcoreinfo.rst.
// A node that cannot be believed makes the whole model not credible: left out, its memory would look like none.
#include <inttypes.h>
#include <stdlib.h>

#include "sender/kernel/models.h"

#define NODES_MAX 1024u		/* no kernel can have more */

/* The keys, once more, as numbers that were checked. */
struct nodes {
	uint64_t data, count;			/* the array node_data */
	uint64_t mem_map, start_pfn, spanned;	/* offsets in pglist_data */
};

static bool has_keys(const struct kf_vmcoreinfo *vi)
{
	return kf_has(vi, KF_KEY_SIZE_PGLIST_DATA) && kf_has(vi, KF_KEY_OFF_NODE_MEM_MAP) && kf_has(vi, KF_KEY_OFF_NODE_START_PFN) &&
	       kf_has(vi, KF_KEY_OFF_NODE_SPANNED_PAGES) && kf_has(vi, KF_KEY_SYM_NODE_DATA) && kf_has(vi, KF_KEY_LEN_NODE_DATA);
}

static enum kf_status take_keys(struct nodes *n, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint64_t size = vi->value[KF_KEY_SIZE_PGLIST_DATA];

	*n = (struct nodes){
		.data = vi->value[KF_KEY_SYM_NODE_DATA], .count = vi->value[KF_KEY_LEN_NODE_DATA],
		.mem_map = vi->value[KF_KEY_OFF_NODE_MEM_MAP], .start_pfn = vi->value[KF_KEY_OFF_NODE_START_PFN],
		.spanned = vi->value[KF_KEY_OFF_NODE_SPANNED_PAGES],
	};
	if (n->count == 0 || n->count > NODES_MAX || size < 8 || n->mem_map > size - 8 || n->start_pfn > size - 8 || n->spanned > size - 8)
		return kf_fail(err, KF_INVALID, "DISCONTIGMEM with %" PRIu64 " nodes of %" PRIu64 " bytes is not credible", n->count, size);
	return KF_OK;
}

/* Which nodes are there; without the keys, the first alone. */
static enum kf_status read_online(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, uint8_t online[NODES_MAX / 8], struct kf_error *err)
{
	uint64_t bytes = kf_value(vi, KF_KEY_SIZE_NODEMASK, 0), va = kf_value(vi, KF_KEY_SYM_NODE_ONLINE_MAP, 0);

	if (!va || !kf_has(vi, KF_KEY_SIZE_NODEMASK)) {
		online[0] = 1;
		return KF_OK;
	}
	if (bytes == 0 || bytes > NODES_MAX / 8)
		return kf_fail(err, KF_INVALID, "VMCOREINFO says %s=%" PRId64, kf_key_text(KF_KEY_SIZE_NODEMASK), (int64_t)bytes);
	if (!kf_virt_read(mm->tr, va, online, bytes))
		return kf_fail(err, KF_INVALID, "node_online_map at 0x%" PRIx64 " cannot be read", va);
	return KF_OK;
}

static enum kf_status read_node(struct kf_memmap *mm, const struct nodes *n, size_t node, struct kf_error *err)
{
	uint64_t pgdat, va, first, pages, end;

	if (!kf_virt_u64(mm->tr, n->data + node * 8, &pgdat) || !kf_virt_u64(mm->tr, pgdat + n->mem_map, &va) ||
	    !kf_virt_u64(mm->tr, pgdat + n->start_pfn, &first) || !kf_virt_u64(mm->tr, pgdat + n->spanned, &pages))
		return kf_fail(err, KF_INVALID, "node %zu of DISCONTIGMEM cannot be read", node);
	if (pages == 0 || first >= mm->max_mapnr)
		return KF_OK;		/* a node of CPUs alone, or cut off by mem= */
	end = pages < mm->max_mapnr - first ? first + pages : mm->max_mapnr;
	if (!kf_is_mem_map(mm, va, first, end))
		return kf_fail(err, KF_INVALID, "node %zu has its struct pages at 0x%" PRIx64 ", where none can be", node, va);
	mm->nodes[mm->node_count++] = (struct kf_memmap_range){ .first = first, .end = end, .has = true, .va = va };
	return KF_OK;
}

static int by_first(const void *a, const void *b)
{
	const struct kf_memmap_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static enum kf_status sort(struct kf_memmap *mm, struct kf_error *err)
{
	if (mm->node_count == 0)
		return kf_fail(err, KF_INVALID, "no node of DISCONTIGMEM has memory");
	qsort(mm->nodes, mm->node_count, sizeof(*mm->nodes), by_first);
	for (size_t i = 1; i < mm->node_count; i++)
		if (mm->nodes[i].first < mm->nodes[i - 1].end)
			return kf_fail(err, KF_INVALID, "nodes of DISCONTIGMEM overlap at pfn 0x%" PRIx64, mm->nodes[i].first);
	return KF_OK;
}

static enum kf_status init(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err)
{
	uint8_t online[NODES_MAX / 8] = { 0 };
	struct nodes n;

	if (!has_keys(vi))
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has not the keys of DISCONTIGMEM");
	if (take_keys(&n, vi, err) || read_online(mm, vi, online, err))
		return err->status;
	mm->nodes = calloc(NODES_MAX, sizeof(*mm->nodes));
	if (!mm->nodes)
		return kf_fail(err, KF_FAILED, "no memory for the memory model");
	for (size_t node = 0; node < NODES_MAX; node++) {
		if (!(online[node / 8] >> node % 8 & 1))
			continue;
		if (node >= n.count)
			return kf_fail(err, KF_INVALID, "node %zu is online, of %" PRIu64 " that there can be", node, n.count);
		if (read_node(mm, &n, node, err))
			return err->status;
	}
	return sort(mm, err);
}

const struct kf_memmap_model kf_discontigmem = { "DISCONTIGMEM", init, kf_nodes_find };
