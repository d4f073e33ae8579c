/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the pages of a batch to their bytes in the dump file. */
#ifndef KF_PACKER_H
#define KF_PACKER_H

#include "proto/digest.h"
#include "proto/message.h"
#include "receiver/kdump/dumpfile.h"
#include "receiver/pagecodec/pagecodec.h"

/* Pages of data that a batch can have. */
#define KF_PACK_PAGES_MAX (KF_BATCH_RAW_MAX >> KF_PAGE_SHIFT_MIN)
#define KF_PACKER_CODECS 8

/* What one worker needs to pack: memory and codec states. Belongs to one thread at a time. */
struct kf_packer {
	uint8_t *raw;	/* KF_BATCH_RAW_MAX bytes: the caller puts a batch's unpacked pages here */
	uint8_t *out;	/* as much again */
	struct {
		const struct kf_pagecodec *codec;
		void *state;
	} states[KF_PACKER_CODECS];	/* made when first used */
};

/* NULL if there is no memory. */
struct kf_packer *kf_packer_create(void);
void kf_packer_destroy(struct kf_packer *p);	/* NULL is allowed */

/* A batch as it rests; by value. */
struct kf_packed {
	struct kf_extent extent;	/* its bytes in the dump file */
	uint32_t entry_count;
	uint8_t entries[KF_PACK_PAGES_MAX * 4];	/* as in PAGES records of the journal */
	struct kf_sum128 digest;	/* of all its pages, zero pages included */
};

/*
 * Packs the pages of B, whose unpacked bytes are in p->raw, with the dump's codec at rest, and writes
 * them as one extent with one write. B has been validated and has the dump's page size.
 */
enum kf_status kf_pack(struct kf_packer *p, struct kf_dumpfile *d, const struct kf_batch *b,
		       struct kf_packed *out, struct kf_error *err) kf_must_check;

#endif
