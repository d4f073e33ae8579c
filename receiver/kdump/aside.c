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

/* Behind all that RAM_PAGES pages from END on can take, and behind the last table, which goes right behind them while one that lies aside
 * is still in use. */
static uint64_t behind(const struct kf_dumpfile *d, uint64_t end, uint64_t ram_pages)
{
	return whole_blocks(d, whole_blocks(d, end) + ram_pages * d->layout.block + d->layout.block + kf_layout_table_bytes(&d->layout, ram_pages));
}

/* A file system that can punch holes can have them. */
void kf_aside_begin(struct kf_dumpfile *d, uint64_t ram_pages)
{
	uint64_t end = atomic_load(&d->end);

	d->aside = kf_file_punch(&d->file, end, d->layout.block) ? behind(d, end, ram_pages) : 0;
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
bool kf_aside_clear(struct kf_dumpfile *d, uint64_t data_end)
{
	if (d->torn || !kf_file_punch(&d->file, data_end, d->table.at - data_end))
		return false;
	atomic_store(&d->end, data_end);
	if (d->old_table.at >= data_end && d->old_table.at < d->table.at)
		d->old_table = (struct kf_extent){ 0 };
	return true;
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

/* What lies in the file stays where it is, a part of a table that could not be moved to TO among it; pages go behind all of it, and tables behind them. */
static void go_behind(struct kf_dumpfile *d, const struct kf_extent *to, uint64_t ram_pages)
{
	uint64_t end = atomic_load(&d->end), ends[] = { to->at + to->bytes, d->table.at + d->table.bytes, d->old_table.at + d->old_table.bytes };

	if (!d->aside)		/* and no table will be: END is behind them all */
		return;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		end = ends[i] > end ? ends[i] : end;
	atomic_store(&d->end, whole_blocks(d, end));
	d->aside = behind(d, end, ram_pages);
}

enum kf_status kf_aside_resume(struct kf_dumpfile *d, uint64_t data_end, uint64_t ram_pages, struct kf_error *err)
{
	struct kf_extent table = { .bytes = d->table.bytes };
	uint64_t at = behind(d, data_end, ram_pages);
	bool moved = true;

	kf_aside_begin(d, ram_pages);
	if (!d->opens || d->table.at < data_end || !d->aside)
		return KF_OK;
	d->aside = at;
	if (d->table.at >= at)
		d->aside = whole_blocks(d, d->table.at + d->table.bytes);
	else
		moved = !kf_aside_place(d, &table, false, err) && d->aside && !move(d, &table, err);
	if (d->torn)
		return err->status;
	if (!moved || !kf_aside_clear(d, data_end))
		go_behind(d, &table, ram_pages);
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
