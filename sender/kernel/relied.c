// SPDX-License-Identifier: GPL-2.0-or-later
// Pages that the understanding of the dead kernel rests on; see relied.h.
#include "sender/kernel/relied.h"

#include <stdlib.h>

#include "sender/kernel/memmap.h"

/* 1 MiB of ranges. Neighbours are joined before more room is taken. */
#define RANGES_MAX 65536u
/* The kernel's image is never larger, whether randomised or not; behind a hole of this size there is none of it. */
#define IMAGE_BYTES (1ull << 30)
#define IMAGE_HOLE (16ull << 20)
#define IMAGE_ALIGN (2ull << 20)
/* Text and read-only data are never less. */
#define IMAGE_RUN (256ull << 10)

static bool make_room(struct kf_relied *r)
{
	size_t room = r->room ? 2 * r->room : 256;
	struct kf_range *ranges;

	kf_range_set_normalise(&r->pages);
	if (r->pages.count < r->room / 2)
		return true;
	if (room > RANGES_MAX)
		return false;	/* and not sorted again and again for the few that went */
	ranges = realloc(r->pages.ranges, room * sizeof(*ranges));
	if (!ranges)
		return false;
	r->pages.ranges = ranges;
	r->room = room;
	return true;
}

void kf_relied_note(struct kf_relied *r, uint64_t first, uint64_t end)
{
	struct kf_range *last = r->pages.count ? &r->pages.ranges[r->pages.count - 1] : NULL;

	if (last && first >= last->first && first <= last->end) {
		last->end = end > last->end ? end : last->end;
		return;
	}
	if (r->full || (r->pages.count == r->room && !make_room(r)) || !r->pages.ranges) {
		r->full = true;
		return;
	}
	r->pages.ranges[r->pages.count++] = (struct kf_range){ first, end };
}

/* One address below each last table is enough: the walk to it reads, and so notes, every table on the way. */
static void note_memmap_tables(struct kf_translation *tr, struct kf_memmap *mm)
{
	uint64_t step = 1ull << (2 * tr->page_shift - 3);
	struct kf_memmap_range range;

	for (uint64_t pfn = 0; pfn < mm->max_mapnr; pfn = range.end) {
		uint64_t end;

		kf_memmap_find(mm, pfn, &range);
		end = range.va + (range.end - range.first) * mm->size_page;
		for (uint64_t va = range.va; range.has && va < end; va = va - va % step + step) {
			struct kf_mapping m;

			(void)kf_translate(tr, va, &m);
			if (va + step < va)
				break;
		}
	}
}

static void note_run(struct kf_translation *tr, uint64_t first, uint64_t end)
{
	struct kf_mapping m;

	for (uint64_t va = first; va < end && kf_translate(tr, va, &m); va += m.bytes)
		kf_relied_note(tr->relied, m.paddr >> tr->page_shift, ((m.paddr + m.bytes - 1) >> tr->page_shift) + 1);
}

/*
 * Text and read-only data: long runs of the image that are mapped without the right to write, from _stext or an aligned
 * address on. Gaps and init memory that the kernel gave away are mapped writable or not at all, but for single pages among
 * them: one that became a module's text was made read-only here too, and stays so when it becomes something else.
 */
static void note_image(struct kf_translation *tr, const struct kf_vmcoreinfo *vi)
{
	uint64_t page = 1ull << tr->page_shift, stext = kf_value(vi, KF_KEY_SYM_STEXT, 0);
	uint64_t va = stext - stext % IMAGE_ALIGN, end = va + IMAGE_BYTES, seen = va, run = va;

	while (stext && va < end && va - seen < IMAGE_HOLE) {
		struct kf_mapping m;
		bool mapped = kf_translate(tr, va, &m);

		seen = mapped ? va : seen;
		if (!mapped)
			m = (struct kf_mapping){ .bytes = page, .writable = true };
		if (!m.writable) {
			va += m.bytes;
			continue;
		}
		if (va - run >= IMAGE_RUN && (run % IMAGE_ALIGN == 0 || run <= stext))
			note_run(tr, run, va);
		va += m.bytes;
		run = va;
	}
}

void kf_relied_gather(struct kf_translation *tr, struct kf_memmap *mm, const struct kf_vmcoreinfo *vi)
{
	note_memmap_tables(tr, mm);
	note_image(tr, vi);
	kf_range_set_normalise(&tr->relied->pages);
}

void kf_relied_deinit(struct kf_relied *r)
{
	free(r->pages.ranges);
	*r = (struct kf_relied){ 0 };
}
