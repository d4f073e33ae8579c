// SPDX-License-Identifier: GPL-2.0-or-later
// A finished dump file packed anew: headers, bitmaps, the end; see repack.h. Its pages are in repack_piece.c.
#include "receiver/kdump/repack.h"

#include <stdlib.h>

#include "receiver/kdump/bitmapout.h"
#include "receiver/kdump/format.h"
#include "receiver/kdump/headercheck.h"

#define PIECE (64u << 10)	/* bytes copied at once: some whole pieces of the bitmap */
_Static_assert(PIECE % (KF_REPACK_PFNS / 8) == 0, "whole pieces");

static uint64_t whole_blocks(const struct kf_repack *r, uint64_t bytes)
{
	return (bytes + r->block - 1) / r->block * r->block;
}

/* Copies LEN bytes; what is all zero stays a hole. BEFORE, if not NULL, gets the bits before each piece. */
static enum kf_status copy(struct kf_repack *r, uint64_t from, uint64_t to, uint64_t len, uint64_t *before, struct kf_error *err)
{
	uint64_t *bytes = malloc(PIECE), pages = 0, piece = 0;
	enum kf_status st = bytes ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a piece of a dump");

	for (uint64_t done = 0, n; !st && done < len; done += n) {
		bool any = false;

		n = len - done < PIECE ? len - done : PIECE;
		bytes[(n - 1) / 8] = 0;
		st = kf_file_read(r->from, bytes, n, from + done, err);
		for (uint64_t i = 0; !st && i < (n + 7) / 8; i++) {
			if (before && i % (KF_REPACK_PFNS / 64) == 0 && piece < r->pieces)
				before[piece++] = pages;
			any |= bytes[i] != 0;
			pages += (uint64_t)__builtin_popcountll(bytes[i]);
		}
		if (!st && any)
			st = kf_file_write(r->to, bytes, n, to + done, err);
	}
	free(bytes);
	if (before)
		r->pages = pages;
	return st;
}

static enum kf_status read_headers(struct kf_repack *r, struct kf_kdump_sub_header *sub, struct kf_error *err)
{
	struct kf_kdump_header *h = &r->header;

	if (kf_file_size(r->from, &r->from_bytes, err) || kf_file_read(r->from, h, sizeof(*h), 0, err) || kf_header_check(h, err))
		return err->status;
	r->block = (uint32_t)h->block_size;
	if (kf_file_read(r->from, sub, sizeof(*sub), r->block, err) || kf_sub_header_check(sub, h, r->from_bytes, err))
		return err->status;
	if (h->status & KF_KDUMP_INCOMPLETE)
		return kf_fail(err, KF_INVALID, "%s: it is not whole", r->from->name);
	r->rest = h->status;
	r->max_mapnr = sub->max_mapnr_64;
	r->bitmap = (uint64_t)h->bitmap_blocks / 2 * r->block;
	r->pieces = (r->max_mapnr + KF_REPACK_PFNS - 1) / KF_REPACK_PFNS;
	r->from_table = ((uint64_t)h->sub_hdr_size + 1) * r->block;
	r->zero_page = whole_blocks(r, sub->offset_note + sub->size_note);
	r->to_table = r->zero_page + r->block;
	if (r->to_table > r->from_table)
		return kf_fail(err, KF_INVALID, "%s: its table lies where the zero page should be", r->from->name);
	return KF_OK;
}

enum kf_status kf_repack_init(struct kf_repack *r, const struct kf_file *from, const struct kf_file *to, struct kf_error *err)
{
	struct kf_kdump_sub_header sub;
	uint64_t end;

	*r = (struct kf_repack){ .from = from, .to = to };
	if (read_headers(r, &sub, err))
		return err->status;
	r->before = calloc(r->pieces, sizeof(*r->before));
	if (!r->before)
		return kf_fail(err, KF_FAILED, "no memory to pack a dump anew");
	/* Notes and zero page; then the bitmaps, of which the second one is counted. */
	if (copy(r, r->block, r->block, r->to_table - r->block, NULL, err) ||
	    copy(r, r->from_table, r->to_table, r->bitmap, NULL, err) ||
	    copy(r, r->from_table + r->bitmap, r->to_table + r->bitmap, r->bitmap, r->before, err))
		return err->status;
	end = r->to_table + 2 * r->bitmap + r->pages * sizeof(struct kf_kdump_descriptor);
	if (r->from_table + 2 * r->bitmap + r->pages * sizeof(struct kf_kdump_descriptor) > r->from_bytes)
		return kf_fail(err, KF_INVALID, "%s: its table is cut", r->from->name);
	atomic_init(&r->end, end);
	return kf_file_truncate(to, end, err);
}

void kf_repack_deinit(struct kf_repack *r)
{
	free(r->before);
	r->before = NULL;
}

enum kf_status kf_repack_finish(struct kf_repack *r, struct kf_error *err)
{
	r->header.sub_hdr_size = (int32_t)(r->to_table / r->block - 1);
	if (kf_file_write(r->to, &r->header, sizeof(r->header), 0, err))
		return err->status;
	return kf_file_sync(r->to, err);
}
