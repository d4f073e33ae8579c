// SPDX-License-Identifier: GPL-2.0-or-later
// Which pfns are RAM; see ram.h.
#include "sender/vmcore/ram.h"

#include <stdlib.h>

#include "common/bitmap.h"

static int by_first(const void *a, const void *b)
{
	const struct kf_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts and merges what overlaps or touches; empty ranges go. */
static void normalise(struct kf_range_set *set)
{
	size_t kept = 0;

	qsort(set->ranges, set->count, sizeof(*set->ranges), by_first);
	for (size_t i = 0; i < set->count; i++) {
		struct kf_range r = set->ranges[i];

		if (r.first >= r.end)
			continue;
		if (kept && r.first <= set->ranges[kept - 1].end) {
			if (r.end > set->ranges[kept - 1].end)
				set->ranges[kept - 1].end = r.end;
		} else {
			set->ranges[kept++] = r;
		}
	}
	set->count = kept;
}

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
	normalise(&ram->ram);
	normalise(&ram->data);
	normalise(&ram->examined);
	return KF_OK;
}

void kf_ram_deinit(struct kf_ram *ram)
{
	free(ram->ram.ranges);
	free(ram->data.ranges);
	free(ram->examined.ranges);
	*ram = (struct kf_ram){ 0 };
}

static void clip_set(struct kf_range_set *set, uint64_t end)
{
	while (set->count && set->ranges[set->count - 1].first >= end)
		set->count--;
	if (set->count && set->ranges[set->count - 1].end > end)
		set->ranges[set->count - 1].end = end;
}

void kf_ram_clip(struct kf_ram *ram, uint64_t max_mapnr)
{
	if (max_mapnr >= ram->max_mapnr)
		return;
	ram->max_mapnr = max_mapnr;
	clip_set(&ram->ram, max_mapnr);
	clip_set(&ram->data, max_mapnr);
	clip_set(&ram->examined, max_mapnr);
}

const struct kf_range *kf_range_at_or_after(const struct kf_range_set *set, uint64_t pfn)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->ranges[mid].end <= pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->count ? &set->ranges[low] : NULL;
}

/* The part of R inside [first, end). */
static struct kf_range clipped(const struct kf_range *r, uint64_t first, uint64_t end)
{
	return (struct kf_range){ r->first > first ? r->first : first, r->end < end ? r->end : end };
}

uint64_t kf_range_set_pages(const struct kf_range_set *set, uint64_t first, uint64_t end)
{
	const struct kf_range *last = set->ranges + set->count;
	uint64_t pages = 0;

	for (const struct kf_range *r = kf_range_at_or_after(set, first); r && r < last && r->first < end; r++) {
		struct kf_range c = clipped(r, first, end);

		pages += c.end - c.first;
	}
	return pages;
}

void kf_range_set_fill(const struct kf_range_set *set, uint64_t *map, uint64_t first, uint64_t end)
{
	const struct kf_range *last = set->ranges + set->count;

	for (const struct kf_range *r = kf_range_at_or_after(set, first); r && r < last && r->first < end; r++) {
		struct kf_range c = clipped(r, first, end);

		kf_bitmap_set(map, c.first - first, c.end - first);
	}
}
