// SPDX-License-Identifier: GPL-2.0-or-later
// Which pfns are RAM; see ram.h.
#include "sender/vmcore/ram.h"

#include <stdlib.h>

enum kf_status kf_ram_init(struct kf_ram *ram, const struct kf_vmcore *vc, unsigned int page_shift, struct kf_error *err)
{
	uint64_t mask = (1ULL << page_shift) - 1;
	size_t n = vc->segment_count;

	*ram = (struct kf_ram){ 0 };
	ram->ram.ranges = calloc(n, sizeof(struct kf_range));
	ram->data.ranges = calloc(n, sizeof(struct kf_range));
	ram->examined.ranges = calloc(n, sizeof(struct kf_range));
	if (!ram->ram.ranges || !ram->data.ranges || !ram->examined.ranges) {
		kf_ram_deinit(ram);
		return kf_fail(err, KF_FAILED, "no memory for %zu RAM ranges", n);
	}
	for (size_t i = 0; i < n; i++) {
		const struct kf_segment *s = &vc->segments[i];
		uint64_t mem_end = (s->paddr + s->memsz + mask) >> page_shift;
		uint64_t file_end = (s->paddr + s->filesz + mask) >> page_shift;

		if (mem_end > ram->max_mapnr)	/* also by a segment without bytes */
			ram->max_mapnr = mem_end;
		if (s->memsz)
			ram->ram.ranges[ram->ram.count++] = (struct kf_range){ s->paddr >> page_shift, mem_end };
		if (!s->filesz)
			continue;
		ram->data.ranges[ram->data.count++] = (struct kf_range){ s->paddr >> page_shift, file_end };
		ram->examined.ranges[ram->examined.count++] = (struct kf_range){ (s->paddr + mask) >> page_shift, file_end };
	}
	kf_range_set_normalise(&ram->ram);
	kf_range_set_normalise(&ram->data);
	kf_range_set_normalise(&ram->examined);
	return KF_OK;
}

void kf_ram_deinit(struct kf_ram *ram)
{
	free(ram->ram.ranges);
	free(ram->data.ranges);
	free(ram->examined.ranges);
	*ram = (struct kf_ram){ 0 };
}

void kf_ram_clip(struct kf_ram *ram, uint64_t max_mapnr)
{
	if (max_mapnr >= ram->max_mapnr)
		return;
	ram->max_mapnr = max_mapnr;
	kf_range_set_clip(&ram->ram, max_mapnr);
	kf_range_set_clip(&ram->data, max_mapnr);
	kf_range_set_clip(&ram->examined, max_mapnr);
}
