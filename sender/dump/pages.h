/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page contents: from the vmcore into batches, zero pages told apart on the way. */
#ifndef KF_PAGES_H
#define KF_PAGES_H

#include "sender/dump/pipeline.h"
#include "sender/vmcore/map.h"

/* Ranges of pfns, ascending; grows as needed. */
struct kf_range_list_builder {
	uint8_t *table;		/* encoded, KF_RANGE_BYTES each; owned */
	uint32_t count, room;
	struct kf_range last;	/* the one at the end of TABLE, which may still grow */
};

/* Adds [first, end), which lies behind all added before. False if there is no memory or no room under the cap. */
bool kf_ranges_add(struct kf_range_list_builder *b, uint64_t first, uint64_t end);
void kf_ranges_reset(struct kf_range_list_builder *b);
void kf_ranges_free(struct kf_range_list_builder *b);

struct kf_pages {
	const struct kf_vmcore *vc;	/* borrowed */
	struct kf_pipeline *pipeline;	/* borrowed */
	struct kf_map map;
	unsigned int page_shift;
	bool find_zero;			/* dump level 1 */
	struct kf_slot *slot;		/* the batch being filled, or NULL */
	bool silent;			/* batches are counted and summed up, and not sent: the receiver has them */
	/* since the caller last set them to 0 */
	uint64_t zero, unreadable_pages, raw_bytes;
	struct kf_range_list_builder unreadable;
};

void kf_pages_init(struct kf_pages *g, const struct kf_vmcore *vc, struct kf_pipeline *pipeline, unsigned int page_shift,
		   bool find_zero);
void kf_pages_deinit(struct kf_pages *g);

/* Sends pages [first, end), larger than all before. A page that cannot be read is left out and listed. */
enum kf_status kf_pages_send(struct kf_pages *g, uint64_t first, uint64_t end, struct kf_error *err) kf_must_check;

/* Submits the batch being filled. */
void kf_pages_flush(struct kf_pages *g);

#endif
