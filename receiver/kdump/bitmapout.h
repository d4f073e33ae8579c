/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bitmap on its way into the dump file, in pieces, so that its size costs no memory. */
#ifndef KF_BITMAPOUT_H
#define KF_BITMAPOUT_H

#include "common/status.h"
#include "proto/message.h"
#include "receiver/store/file.h"

#define KF_BITMAP_PIECE (64u << 10)	/* bytes */

/* Pieces without a set bit are not written: the file has a hole there, which reads zeros. So the place
 * must never have been written before. */
struct kf_bitmap_out {
	const struct kf_file *file;	/* borrowed */
	uint64_t at, bytes;		/* of the bitmap in the file */
	uint64_t piece;			/* number of the piece in MAP */
	uint64_t *map;			/* KF_BITMAP_PIECE bytes, owned */
	bool dirty;			/* MAP has bits that are not in the file */
};

enum kf_status kf_bitmap_out_init(struct kf_bitmap_out *b, const struct kf_file *file, uint64_t at,
				  uint64_t bytes, struct kf_error *err) kf_must_check;
void kf_bitmap_out_deinit(struct kf_bitmap_out *b);

/* Sets the bits of RANGE, which must not begin in a piece before that of an earlier call. */
enum kf_status kf_bitmap_out_set(struct kf_bitmap_out *b, struct kf_range range, struct kf_error *err) kf_must_check;

/* Writes what is not written yet. */
enum kf_status kf_bitmap_out_flush(struct kf_bitmap_out *b, struct kf_error *err) kf_must_check;

#endif
