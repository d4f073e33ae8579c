// SPDX-License-Identifier: GPL-2.0-or-later
// RAM and VITAL: tables of pfn ranges.
#include <inttypes.h>

#include "proto/messages.h"

static enum kf_status decode_ranges(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_range_list *l = &m->list;
	uint32_t count;
	uint64_t pages;

	l->flags = kf_get_u32(r);
	count = kf_get_u32(r);
	if (l->flags & ~KF_RANGES_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%" PRIx32, l->flags);
	if (count == 0 || count > KF_RANGES_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " ranges", count);
	kf_get_ranges(r, &l->ranges, count);
	return kf_check_ranges(&l->ranges, 0, KF_PFN_MAX, "its", &pages, err);
}

static void encode_ranges(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u32(w, m->list.flags);
	kf_put_u32(w, m->list.ranges.count);
	kf_put_ranges(w, &m->list.ranges);
}

#define RANGES_MAX_BYTES (8 + KF_RANGES_MAX * KF_RANGE_BYTES)

const struct kf_message_ops kf_ram_ops = { RANGES_MAX_BYTES, decode_ranges, encode_ranges };
const struct kf_message_ops kf_vital_ops = { RANGES_MAX_BYTES, decode_ranges, encode_ranges };
