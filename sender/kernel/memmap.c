// SPDX-License-Identifier: GPL-2.0-or-later
// Choosing the memory model; see memmap.h.
#include "sender/kernel/memmap.h"

#include <stdlib.h>

#include "sender/kernel/models.h"

/* In the order of asking. Kernels with SPARSEMEM may have the keys of FLATMEM too. */
static const struct kf_memmap_model *const models[] = {
	&kf_discontigmem, &kf_sparsemem, &kf_flatmem,
};

enum kf_status kf_memmap_init(struct kf_memmap *mm, struct kf_translation *tr, const struct kf_vmcoreinfo *vi,
			      unsigned int page_shift, uint64_t max_mapnr, struct kf_error *err)
{
	*mm = (struct kf_memmap){
		.tr = tr, .page_shift = page_shift, .max_mapnr = max_mapnr,
		.size_page = kf_value(vi, KF_KEY_SIZE_PAGE, 0), .cached_root = UINT64_MAX,
	};
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		mm->model = models[i];
		if (!mm->model->init(mm, vi, err))
			return KF_OK;
		if (err->status != KF_ABSENT) {
			kf_memmap_deinit(mm);
			return err->status;
		}
	}
	return kf_fail(err, KF_ABSENT, "VMCOREINFO describes no memory model: neither DISCONTIGMEM nor SPARSEMEM nor FLATMEM");
}

void kf_memmap_deinit(struct kf_memmap *mm)
{
	free(mm->cached);
	free(mm->nodes);
	mm->cached = NULL;
	mm->nodes = NULL;
}

void kf_memmap_find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range)
{
	mm->model->find(mm, pfn, range);
}

uint64_t kf_memmap_end(struct kf_memmap *mm)
{
	struct kf_memmap_range range;

	for (uint64_t pfn = mm->max_mapnr; pfn > 0; pfn = range.first) {
		kf_memmap_find(mm, pfn - 1, &range);
		if (range.has || range.unknown)
			return range.end < mm->max_mapnr ? range.end : mm->max_mapnr;
	}
	return 0;
}

void kf_nodes_find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range)
{
	size_t low = 0, high = mm->node_count;

	while (low < high) {	/* the first node that ends after PFN */
		size_t mid = low + (high - low) / 2;

		if (mm->nodes[mid].end <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < mm->node_count && mm->nodes[low].first <= pfn) {
		*range = mm->nodes[low];
		return;
	}
	*range = (struct kf_memmap_range){
		.first = low > 0 ? mm->nodes[low - 1].end : 0, .end = low < mm->node_count ? mm->nodes[low].first : UINT64_MAX,
	};
}

bool kf_is_mem_map(const struct kf_memmap *mm, uint64_t va, uint64_t first, uint64_t end)
{
	return va >= mm->tr->kernel_start && va % 8 == 0 && (end - first) <= (UINT64_MAX - va) / mm->size_page;
}
