// SPDX-License-Identifier: GPL-2.0-or-later
// A slot of the pipeline; see slot.h.
#include "sender/dump/slot.h"

#include <stdlib.h>

enum kf_status kf_slot_init(struct kf_slot *s, struct kf_error *err)
{
	*s = (struct kf_slot){ .raw_frame = malloc(KF_SLOT_FRAME), .packed_frame = malloc(KF_SLOT_FRAME) };
	if (s->raw_frame && s->packed_frame) {
		s->raw = s->raw_frame + KF_SLOT_HEAD;
		s->packed = s->packed_frame + KF_SLOT_HEAD;
		return KF_OK;
	}
	kf_slot_deinit(s);
	return kf_fail(err, KF_FAILED, "no memory for a batch of %u bytes", KF_SLOT_RAW);
}

void kf_slot_deinit(struct kf_slot *s)
{
	free(s->raw_frame);
	free(s->packed_frame);
	free(s->large);
	s->raw_frame = s->packed_frame = s->raw = s->packed = s->frame = s->large = NULL;
}

void kf_slot_begin_batch(struct kf_slot *s)
{
	s->type = KF_MSG_BATCH;
	s->raw_bytes = s->run_count = s->pages = 0;
	s->silent = false;
	s->pages_sum = (struct kf_sum128){ 0 };
}

bool kf_slot_has_room(const struct kf_slot *s, unsigned int page_shift)
{
	return s->raw_bytes + (1u << page_shift) <= KF_SLOT_RAW && s->run_count < KF_SLOT_RUNS &&
	       s->pages < KF_BATCH_PAGES_MAX;
}

static void put_run(struct kf_slot *s)
{
	struct kf_writer w = kf_writer_on(s->runs + (size_t)(s->run_count - 1) * KF_RUN_BYTES, KF_RUN_BYTES);

	kf_put_u64(&w, s->last.first);
	kf_put_u32(&w, s->last.count);
	kf_put_u32(&w, s->last.kind);
}

void kf_slot_append(struct kf_slot *s, uint64_t pfn, enum kf_run_kind kind, unsigned int page_shift)
{
	if (s->run_count && s->last.kind == kind && s->last.first + s->last.count == pfn) {
		s->last.count++;
	} else {
		s->last = (struct kf_run){ .first = pfn, .count = 1, .kind = kind };
		s->run_count++;
	}
	put_run(s);
	s->pages++;
	if (kind == KF_RUN_DATA)
		s->raw_bytes += 1u << page_shift;
}
