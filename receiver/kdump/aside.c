// SPDX-License-Identifier: GPL-2.0-or-later
// Where tables lie; see aside.h.
#include "receiver/kdump/aside.h"

#include <stdlib.h>

#include "receiver/kdump/format.h"

#define PIECE (192u << 10)	/* bytes that are copied, or searched, at once; whole descriptors */
_Static_assert(PIECE % sizeof(struct kf_kdump_descriptor) == 0, "no descriptor is cut");

static uint64_t whole_blocks(const struct kf_dumpfile *d, uint64_t bytes)
{
	return (bytes + d->layout.block - 1) / d->layout.block * d->layout.block;
}

/* A file system that can punch holes can have them. */
void kf_aside_begin(struct kf_dumpfile *d, uint64_t ram_pages)
{
	uint64_t end = atomic_load(&d->end), at = whole_blocks(d, end) + ram_pages * d->layout.block;

	d->aside = kf_file_punch(&d->file, end, d->layout.block) ? at : 0;
}

static enum kf_status write_last(struct kf_dumpfile *d, const struct kf_extent *table, struct kf_error *err)
{
	static const uint8_t zero;
	int32_t blocks;

	if (kf_layout_sub_hdr_size(&d->layout, table->at, &blocks, err))
		return err->status;
	return kf_file_write(&d->file, &zero, 1, table->at + table->bytes - 1, err);
}

enum kf_status kf_aside_place(struct kf_dumpfile *d, struct kf_extent *table, bool last, struct kf_error *err)
{
	if (d->aside && !last) {
		table->at = d->aside;
		d->aside = whole_blocks(d, table->at + table->bytes);
		if (!write_last(d, table, err))
			return KF_OK;
		d->aside = 0;	/* a limit on the size of files, say */
	}
	table->at = kf_dumpfile_take(d, table->bytes, d->layout.block);
	return write_last(d, table, err);
}

void kf_aside_trim(struct kf_dumpfile *d)
{
	uint64_t end = d->table.at + d->table.bytes;
	struct kf_error ignored;

	if (kf_file_truncate(&d->file, end, &ignored))
		return;
	atomic_store(&d->end, end);
	if (d->old_table.at > d->table.at)
		d->old_table = (struct kf_extent){ 0 };
}

bool kf_aside_is(const struct kf_dumpfile *d, uint64_t data_end)
{
	return d->opens && d->table.at > whole_blocks(d, data_end);
}

/* There must be zeros behind the pages, since bitmaps are written with holes. */
void kf_aside_clear(struct kf_dumpfile *d, uint64_t data_end)
{
	if (d->torn || !kf_file_punch(&d->file, data_end, d->table.at - data_end))
		return;
	atomic_store(&d->end, data_end);
	if (d->old_table.at >= data_end && d->old_table.at < d->table.at)
		d->old_table = (struct kf_extent){ 0 };
}

static bool is_zero(const uint64_t *words, uint64_t bytes)
{
	for (uint64_t i = 0; i < (bytes + 7) / 8; i++)
		if (words[i])
			return false;
	return true;
}

/* What is all zero stays a hole. */
static enum kf_status copy(struct kf_dumpfile *d, const struct kf_extent *to, struct kf_error *err)
{
	uint64_t *piece = calloc(1, PIECE);
	enum kf_status st = piece ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a piece of the page table");

	for (uint64_t done = 0, n; !st && done < to->bytes; done += n) {
		n = to->bytes - done < PIECE ? to->bytes - done : PIECE;
		if (n % 8)
			piece[n / 8] = 0;
		st = kf_file_read(&d->file, piece, n, d->table.at + done, err);
		if (!st && !is_zero(piece, n))
			st = kf_file_write(&d->file, piece, n, to->at + done, err);
	}
	free(piece);
	return st;
}

/* Switches to a copy of the table at TO. */
static enum kf_status move(struct kf_dumpfile *d, const struct kf_extent *to, struct kf_error *err)
{
	struct kf_extent before = d->table;
	enum kf_status st = copy(d, to, err);

	if (!st)
		st = kf_file_datasync(&d->file, err);
	if (st)
		return st;
	d->table = *to;
	d->old_table = before;
	return kf_dumpfile_flip(d, to->at, d->whole, err);
}

enum kf_status kf_aside_lower(struct kf_dumpfile *d, struct kf_error *err)
{
	struct kf_extent table = { .bytes = d->table.bytes };
	enum kf_status st = kf_aside_place(d, &table, true, err);

	if (!st)
		st = move(d, &table, err);
	if (!st)
		kf_aside_trim(d);
	return st;
}

enum kf_status kf_aside_resume(struct kf_dumpfile *d, uint64_t data_end, uint64_t ram_pages, struct kf_error *err)
{
	struct kf_extent table = { .bytes = d->table.bytes };
	uint64_t at = whole_blocks(d, data_end) + ram_pages * d->layout.block;

	kf_aside_begin(d, ram_pages);
	if (!d->opens || d->table.at < data_end || !d->aside)
		return KF_OK;
	d->aside = at;
	if (d->table.at >= at)
		d->aside = whole_blocks(d, d->table.at + d->table.bytes);
	else if (kf_aside_place(d, &table, false, err) || !d->aside || move(d, &table, err))
		return d->torn ? err->status : KF_OK;
	kf_aside_clear(d, data_end);
	return KF_OK;
}

enum kf_status kf_aside_pages_end(const struct kf_dumpfile *d, uint64_t *end, struct kf_error *err)
{
	const struct kf_layout *l = &d->layout;
	struct kf_kdump_descriptor *piece = malloc(PIECE);
	enum kf_status st = piece ? KF_OK : kf_fail(err, KF_FAILED, "no memory for a piece of the page table");
	uint64_t at = d->table.at + 2 * l->bitmap, stop = d->table.at + d->table.bytes;

	*end = l->data_at;
	while (!st && at < stop) {
		uint64_t n = stop - at < PIECE ? stop - at : PIECE;

		st = kf_file_read(&d->file, piece, n, at, err);
		for (uint64_t i = 0; !st && i < n / sizeof(*piece); i++)
			if (piece[i].offset <= d->table.at && piece[i].offset + piece[i].size > *end)
				*end = piece[i].offset + piece[i].size;
		at += n;
	}
	free(piece);
	return st;
}
