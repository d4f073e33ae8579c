// SPDX-License-Identifier: GPL-2.0-or-later
// Growing lists of pfn ranges, encoded as they will travel; see pages.h.
#include <stdlib.h>

#include "sender/dump/pages.h"

static bool grow(struct kf_range_list_builder *b)
{
	uint32_t room = b->room ? 2 * b->room : 64;
	uint8_t *table;

	if (b->count == KF_LISTED_MAX)
		return false;
	table = realloc(b->table, (size_t)room * KF_RANGE_BYTES);
	if (!table)
		return false;
	b->table = table;
	b->room = room;
	return true;
}

bool kf_ranges_add(struct kf_range_list_builder *b, uint64_t first, uint64_t end)
{
	struct kf_writer w;

	if (b->count && b->last.end == first) {
		b->last.end = end;
	} else {
		if (b->count == b->room && !grow(b))
			return false;
		b->last = (struct kf_range){ first, end };
		b->count++;
	}
	w = kf_writer_on(b->table + (size_t)(b->count - 1) * KF_RANGE_BYTES, KF_RANGE_BYTES);
	kf_put_u64(&w, b->last.first);
	kf_put_u64(&w, b->last.end);
	return true;
}

void kf_ranges_reset(struct kf_range_list_builder *b)
{
	b->count = 0;
}

void kf_ranges_free(struct kf_range_list_builder *b)
{
	free(b->table);
	*b = (struct kf_range_list_builder){ 0 };
}
