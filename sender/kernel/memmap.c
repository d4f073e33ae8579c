// SPDX-License-Identifier: GPL-2.0-or-later
// Choosing the memory model; see memmap.h.
#include "sender/kernel/memmap.h"

#include <stdlib.h>

#include "sender/kernel/models.h"

static const struct kf_memmap_model *const models[] = {
	&kf_sparsemem,
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
		if (err->status != KF_ABSENT)
			break;
	}
	kf_memmap_deinit(mm);
	return err->status;
}

void kf_memmap_deinit(struct kf_memmap *mm)
{
	free(mm->cached);
	mm->cached = NULL;
}

void kf_memmap_find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range)
{
	mm->model->find(mm, pfn, range);
	if (range->end > mm->max_mapnr)
		range->end = mm->max_mapnr;
}

uint64_t kf_memmap_end(struct kf_memmap *mm)
{
	struct kf_memmap_range range;

	for (uint64_t pfn = mm->max_mapnr; pfn > 0; pfn = range.first) {
		kf_memmap_find(mm, pfn - 1, &range);
		if (range.has)
			return range.end;
	}
	return 0;
}
