/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slot: one frame on its way through the pipeline, most often a batch of pages being filled. */
#ifndef KF_SLOT_H
#define KF_SLOT_H

#include "proto/digest.h"
#include "proto/message.h"
#include "sender/dump/history.h"

/* Raw page bytes of one batch: large enough for the codec to find repetitions, small enough that a dozen
 * slots fit in the memory cap. */
#define KF_SLOT_RAW (256u << 10)
#define KF_SLOT_RUNS 2048u
/* What a BATCH can have before its pages; and a frame that holds a full batch which did not shrink. */
#define KF_SLOT_HEAD (KF_HEADER_BYTES + 24 + KF_SLOT_RUNS * KF_RUN_BYTES)
#define KF_SLOT_FRAME (KF_SLOT_HEAD + KF_SLOT_RAW)

enum kf_slot_state { KF_SLOT_FREE, KF_SLOT_FILLED, KF_SLOT_PACKING, KF_SLOT_READY };

struct kf_slot {
	enum kf_slot_state state;	/* under the pipeline's lock; the rest belongs to whoever holds the slot */
	uint8_t type;			/* of the frame, enum kf_type */
	enum kf_wire_codec wire;	/* that a batch is to be packed with */

	/* a batch being filled */
	uint8_t *raw_frame;		/* KF_SLOT_FRAME bytes; owned */
	uint8_t *raw;			/* in it, behind the room for a head: pages that go as they are are not moved */
	uint32_t raw_bytes, run_count, pages;
	uint8_t runs[KF_SLOT_RUNS * KF_RUN_BYTES];
	struct kf_run last;		/* the run at the end of RUNS, which may still grow */

	/* the frame made of it: header space, then payload */
	uint8_t *frame;			/* where it begins: in front of RAW or of PACKED, or LARGE */
	uint8_t *packed_frame;		/* KF_SLOT_FRAME bytes; owned */
	uint8_t *packed;		/* in it: what a codec made of RAW, again behind the room for a head */
	uint8_t *large;			/* malloc'd for one control frame that needs more, else NULL */
	uint32_t payload_len, payload_crc;
	struct kf_sum128 pages_sum;	/* digest part of this batch */
	bool silent;			/* the receiver has this batch: it only counts */
	bool has_point;			/* a WINDOW: */
	struct kf_history_point point;	/* what to remember of its end, but for what the writer knows */
};

/* All that a slot takes. */
#define KF_SLOT_BYTES (sizeof(struct kf_slot) + 2 * (size_t)KF_SLOT_FRAME)

enum kf_status kf_slot_init(struct kf_slot *s, struct kf_error *err) kf_must_check;
void kf_slot_deinit(struct kf_slot *s);

/* Makes S an empty batch. */
void kf_slot_begin_batch(struct kf_slot *s);

/* Whether S has room for another page of any kind at PFN. */
bool kf_slot_has_room(const struct kf_slot *s, unsigned int page_shift);

/* Appends the page PFN, larger than all before it. For KF_RUN_DATA the caller has put its bytes at
 * kf_slot_next(); only call with room. */
void kf_slot_append(struct kf_slot *s, uint64_t pfn, enum kf_run_kind kind, unsigned int page_shift);

static inline uint8_t *kf_slot_next(struct kf_slot *s)
{
	return s->raw + s->raw_bytes;
}

#endif
