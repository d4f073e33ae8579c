// SPDX-License-Identifier: GPL-2.0-or-later
// Page contents into batches; see pages.h.
#include "sender/dump/pages.h"

#include "sender/vmcore/guard.h"
#include "sender/vmcore/physread.h"

/* Pages taken from the mapping in one guarded call. */
#define GATHER_MAX 64u

void kf_pages_init(struct kf_pages *g, const struct kf_vmcore *vc, struct kf_pipeline *pipeline, unsigned int page_shift,
		   bool find_zero)
{
	*g = (struct kf_pages){ .vc = vc, .pipeline = pipeline, .page_shift = page_shift, .find_zero = find_zero };
	kf_map_init(&g->map, vc);
}

void kf_pages_deinit(struct kf_pages *g)
{
	kf_map_deinit(&g->map);
	kf_ranges_free(&g->unreadable);
}

/* memcmp of the page with itself shifted by a word: stops at the first difference. */
static bool is_zero(const uint8_t *page, size_t size)
{
	return kf_le64_at(page) == 0 && memcmp(page, page + 8, size - 8) == 0;
}

struct gather {
	const uint8_t *from;
	uint8_t *to;
	size_t page_size, count;
	bool find_zero;
	enum kf_run_kind kind[GATHER_MAX];
};

static void gather_in_place(void *arg)
{
	struct gather *a = arg;
	uint8_t *to = a->to;

	for (size_t i = 0; i < a->count; i++) {
		const uint8_t *page = a->from + i * a->page_size;

		a->kind[i] = a->find_zero && is_zero(page, a->page_size) ? KF_RUN_ZERO : KF_RUN_DATA;
		if (a->kind[i] == KF_RUN_ZERO)
			continue;
		memcpy(to, page, a->page_size);
		to += a->page_size;
	}
}

static void append(struct kf_pages *g, uint64_t pfn, enum kf_run_kind kind)
{
	kf_slot_append(g->slot, pfn, kind, g->page_shift);
	if (kind == KF_RUN_ZERO)
		g->zero++;
	else
		g->raw_bytes += 1ull << g->page_shift;
}

/* Takes pages from PFN on out of the mapping, as many as lie in one piece and fit; gives their number, 0 if none can
 * be had so. */
static uint64_t send_mapped(struct kf_pages *g, uint64_t pfn, uint64_t end)
{
	size_t page_size = (size_t)1 << g->page_shift, len;
	size_t room = (KF_SLOT_RAW - g->slot->raw_bytes) / page_size;
	struct gather a = { .to = kf_slot_next(g->slot), .page_size = page_size, .find_zero = g->find_zero };

	a.count = end - pfn < GATHER_MAX ? (size_t)(end - pfn) : GATHER_MAX;
	a.count = a.count < room ? a.count : room;
	/* Each page may need a run of its own, and zero pages take no room but count. */
	if (a.count > KF_SLOT_RUNS - g->slot->run_count)
		a.count = KF_SLOT_RUNS - g->slot->run_count;
	if (a.count > KF_BATCH_PAGES_MAX - g->slot->pages)
		a.count = KF_BATCH_PAGES_MAX - g->slot->pages;
	a.from = kf_map_at(&g->map, pfn << g->page_shift, a.count * page_size, &len);
	if (!a.from)
		return 0;
	a.count = a.count < len / page_size ? a.count : len / page_size;
	if (a.count == 0 || !kf_guarded(gather_in_place, &a))
		return 0;
	for (size_t i = 0; i < a.count; i++)
		append(g, pfn + i, a.kind[i]);
	return a.count;
}

/* One page by pread: fractional pages, and those a mapping cannot give. */
static enum kf_status send_read(struct kf_pages *g, uint64_t pfn, struct kf_error *err)
{
	size_t page_size = (size_t)1 << g->page_shift;
	uint8_t *to = kf_slot_next(g->slot);

	if (kf_phys_read(g->vc, pfn << g->page_shift, to, page_size)) {
		append(g, pfn, g->find_zero && is_zero(to, page_size) ? KF_RUN_ZERO : KF_RUN_DATA);
		return KF_OK;
	}
	g->unreadable_pages++;
	if (!kf_ranges_add(&g->unreadable, pfn, pfn + 1))
		return kf_fail(err, KF_FAILED, "no memory to list unreadable pages");
	return KF_OK;
}

enum kf_status kf_pages_send(struct kf_pages *g, uint64_t first, uint64_t end, struct kf_error *err)
{
	while (first < end) {
		uint64_t n;

		if (g->slot && !kf_slot_has_room(g->slot, g->page_shift))
			kf_pages_flush(g);
		if (!g->slot && kf_pipeline_batch(g->pipeline, &g->slot, err))
			return err->status;
		n = send_mapped(g, first, end);
		if (n == 0) {
			if (send_read(g, first, err))
				return err->status;
			n = 1;
		}
		first += n;
	}
	return KF_OK;
}

void kf_pages_flush(struct kf_pages *g)
{
	if (g->slot)
		g->slot->silent = g->silent;
	if (g->slot && g->slot->run_count)
		kf_pipeline_submit(g->pipeline, g->slot);
	g->slot = NULL;		/* an empty one is still the pipeline's next */
}
