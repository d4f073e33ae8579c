/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a batch as it came to its pages' bytes in the dump file. */
#ifndef KF_PACKER_H
#define KF_PACKER_H

#include "proto/digest.h"
#include "proto/message.h"
#include "receiver/kdump/dumpfile.h"
#include "receiver/kdump/rest.h"

/* Pages of data that a batch can have. */
#define KF_PACK_PAGES_MAX (KF_BATCH_RAW_MAX >> KF_PAGE_SHIFT_MIN)

/* What one worker needs: memory, and what each codec works in, made when first used. Belongs to one thread at a time. */
struct kf_packer {
	uint8_t *raw;			/* KF_BATCH_RAW_MAX bytes: what a batch is unpacked to */
	const uint8_t *pages;		/* where its unpacked pages are: there, or in the batch itself if they came as they are */
	uint8_t *out;			/* as much again */
	void *decoders[KF_WIRE_CODECS];	/* by enum kf_wire_codec */
	void *packers[KF_RESTS], *unpackers[KF_RESTS];	/* by kf_rest_place */
};

/* NULL if there is no memory. */
struct kf_packer *kf_packer_create(void);
void kf_packer_destroy(struct kf_packer *p);	/* NULL is allowed */

/* A batch as it rests; by value. */
struct kf_packed {
	struct kf_extent extent;	/* its bytes in the dump file */
	uint32_t entry_count;
	uint8_t entries[KF_PACK_PAGES_MAX * KF_ENTRY_BYTES];	/* as in PAGES records of the journal */
	struct kf_sum128 digest;	/* of all its pages, zero pages included */
};

/*
 * Unpacks the data pages of B, which has been validated; p->pages says where they are then. KF_INVALID if they are not what B says: other
 * lengths, other bytes than its hash is of. For codec `pages` each page's codec must be one of this receiver's.
 */
enum kf_status kf_unpack(struct kf_packer *p, const struct kf_batch *b, struct kf_error *err) kf_must_check;

/*
 * Writes the pages of B, which kf_unpack has put where p->pages says, as one extent with one write: packed with the codec at rest
 * that has the flag REST, or for codec `pages` as they came. B has the dump's page size.
 */
enum kf_status kf_pack(struct kf_packer *p, struct kf_dumpfile *d, const struct kf_batch *b, uint32_t rest,
		       struct kf_packed *out, struct kf_error *err) kf_must_check;

/* The codec with FLAG and what P has for it, made when it is first asked for. KF_ABSENT if there is no such codec. */
struct kf_packer_codec {
	const struct kf_pagecodec *codec;
	void *state;		/* its packer, or its unpacker; NULL if it needs none. Belongs to P */
};
enum kf_status kf_packer_to_pack(struct kf_packer *p, uint32_t flag, struct kf_packer_codec *out, struct kf_error *err) kf_must_check;
enum kf_status kf_packer_to_unpack(struct kf_packer *p, uint32_t flag, struct kf_packer_codec *out, struct kf_error *err) kf_must_check;

#endif
