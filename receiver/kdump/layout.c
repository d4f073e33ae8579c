// SPDX-License-Identifier: GPL-2.0-or-later
// Where things lie in a dump file; see layout.h.
#include "receiver/kdump/layout.h"

#include <inttypes.h>

#include "receiver/kdump/format.h"

static uint64_t round_up(uint64_t n, uint64_t unit)
{
	return (n + unit - 1) / unit * unit;
}

void kf_layout_of(struct kf_layout *l, const struct kf_dump *dump)
{
	l->block = 1u << dump->page_shift;
	l->notes_at = l->block + sizeof(struct kf_kdump_sub_header);
	l->zero_page_at = round_up(l->notes_at + dump->notes_bytes, l->block);
	l->data_at = l->zero_page_at + l->block;
	l->bitmap = round_up((dump->max_mapnr + 7) / 8, l->block);
}

uint64_t kf_layout_table_bytes(const struct kf_layout *l, uint64_t pages)
{
	return 2 * l->bitmap + pages * sizeof(struct kf_kdump_descriptor);
}

enum kf_status kf_layout_sub_hdr_size(const struct kf_layout *l, uint64_t at, int32_t *blocks,
				      struct kf_error *err)
{
	uint64_t n = at / l->block - 1;

	if (n > KF_KDUMP_SUB_HDR_MAX)
		return kf_fail(err, KF_REFUSED, "the page table would lie at byte %" PRIu64
			       ", where the dump format cannot point", at);
	*blocks = (int32_t)n;
	return KF_OK;
}
