// SPDX-License-Identifier: GPL-2.0-or-later
// A bitmap on its way into the dump file; see bitmapout.h.
#include "receiver/kdump/bitmapout.h"

#include <stdlib.h>
#include <string.h>

#include "common/bitmap.h"

#define PIECE_BITS (8ull * KF_BITMAP_PIECE)

enum kf_status kf_bitmap_out_init(struct kf_bitmap_out *b, const struct kf_file *file, uint64_t at,
				  uint64_t bytes, struct kf_error *err)
{
	*b = (struct kf_bitmap_out){ .file = file, .at = at, .bytes = bytes, .map = calloc(1, KF_BITMAP_PIECE) };
	return b->map ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a piece of a bitmap");
}

void kf_bitmap_out_deinit(struct kf_bitmap_out *b)
{
	free(b->map);
	b->map = NULL;
}

enum kf_status kf_bitmap_out_flush(struct kf_bitmap_out *b, struct kf_error *err)
{
	uint64_t offset = b->piece * KF_BITMAP_PIECE;
	uint64_t len = b->bytes - offset < KF_BITMAP_PIECE ? b->bytes - offset : KF_BITMAP_PIECE;

	if (!b->dirty)
		return KF_OK;
	b->dirty = false;
	return kf_file_write(b->file, b->map, len, b->at + offset, err);
}

static enum kf_status go_to(struct kf_bitmap_out *b, uint64_t piece, struct kf_error *err)
{
	enum kf_status st = kf_bitmap_out_flush(b, err);

	memset(b->map, 0, KF_BITMAP_PIECE);
	b->piece = piece;
	return st;
}

enum kf_status kf_bitmap_out_set(struct kf_bitmap_out *b, struct kf_range range, struct kf_error *err)
{
	while (range.first < range.end) {
		uint64_t piece = range.first / PIECE_BITS, base = piece * PIECE_BITS;
		uint64_t end = range.end < base + PIECE_BITS ? range.end : base + PIECE_BITS;
		enum kf_status st = piece == b->piece ? KF_OK : go_to(b, piece, err);

		if (st)
			return st;
		kf_bitmap_set(b->map, range.first - base, end - base);
		b->dirty = true;
		range.first = end;
	}
	return KF_OK;
}
