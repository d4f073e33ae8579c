// SPDX-License-Identifier: GPL-2.0-or-later
// A checkpoint; see checkpoint.h.
#include "receiver/kdump/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>

#include "receiver/kdump/aside.h"
#include "receiver/kdump/bitmapout.h"

#define TABLE_PIECE 4096	/* descriptors gathered for a write */

/* The page table on its way into the file. */
struct table_out {
	const struct kf_file *file;
	uint64_t at;		/* of the next write, bytes */
	struct kf_kdump_descriptor *piece;
	size_t used;
};

static enum kf_status table_flush(struct table_out *t, struct kf_error *err)
{
	size_t bytes = t->used * sizeof(*t->piece);
	enum kf_status st = kf_file_write(t->file, t->piece, bytes, t->at, err);

	t->at += bytes;
	t->used = 0;
	return st;
}

static enum kf_status table_put(struct table_out *t, const struct kf_kdump_descriptor *d, struct kf_error *err)
{
	t->piece[t->used++] = *d;
	return t->used == TABLE_PIECE ? table_flush(t, err) : KF_OK;
}

static enum kf_status write_ram(const struct kf_checkpoint *c, uint64_t at, struct kf_error *err)
{
	struct kf_bitmap_out out;
	enum kf_status st = kf_bitmap_out_init(&out, &c->dump->file, at, c->dump->layout.bitmap, err);

	for (size_t i = 0; !st && i < c->ram->count; i++)
		st = kf_bitmap_out_set(&out, c->ram->ranges[i], err);
	if (!st)
		st = kf_bitmap_out_flush(&out, err);
	kf_bitmap_out_deinit(&out);
	return st;
}

/* One walk over all pages fills bitmap and table side by side. */
static enum kf_status put_pages(const struct kf_checkpoint *c, struct kf_pages *pages, struct kf_bitmap_out *map,
				struct table_out *table, struct kf_error *err)
{
	struct kf_kdump_descriptor d;
	uint64_t pfn, n = 0;
	enum kf_status st;

	while ((st = kf_pages_next(pages, &pfn, &d, err)) == KF_OK) {
		if (pfn >= c->dump->facts.max_mapnr || ++n > c->pages)
			return kf_fail(err, KF_INVALID, "journal: page 0x%" PRIx64 " is too many", pfn);
		st = kf_bitmap_out_set(map, (struct kf_range){ pfn, pfn + 1 }, err);
		if (!st)
			st = table_put(table, &d, err);
		if (st)
			return st;
	}
	if (st != KF_ABSENT)
		return st;
	if (n != c->pages)
		return kf_fail(err, KF_INVALID, "journal: %" PRIu64 " pages where %" PRIu64 " should be", n, c->pages);
	st = kf_bitmap_out_flush(map, err);
	return st ? st : table_flush(table, err);
}

static enum kf_status write_pages(const struct kf_checkpoint *c, uint64_t at, struct kf_error *err)
{
	const struct kf_layout *l = &c->dump->layout;
	struct table_out table = { .file = &c->dump->file, .at = at + l->bitmap };
	struct kf_bitmap_out map;
	struct kf_pages pages;
	enum kf_status st = kf_bitmap_out_init(&map, &c->dump->file, at, l->bitmap, err);

	if (st)
		return st;
	table.piece = malloc(TABLE_PIECE * sizeof(*table.piece));
	if (!table.piece)
		st = kf_fail(err, KF_FAILED, "no memory for a piece of the page table");
	else
		st = kf_pages_init(&pages, c->journal, &c->span, l->zero_page_at, l->block, err);
	if (!st) {
		st = put_pages(c, &pages, &map, &table, err);
		kf_pages_deinit(&pages);
	}
	free(table.piece);
	kf_bitmap_out_deinit(&map);
	return st;
}

/* This table, the one before, and the older one, which can go once block 0 is known to be on disk. */
static struct kf_extent shift_tables(struct kf_dumpfile *d, struct kf_extent now)
{
	struct kf_extent oldest = d->old_table;

	d->old_table = d->table;
	d->table = now;
	return oldest;
}

/* Bitmaps and table, to disk. Nothing points to them yet. */
static enum kf_status append(const struct kf_checkpoint *c, const struct kf_extent *table, struct kf_error *err)
{
	struct kf_dumpfile *d = c->dump;
	enum kf_status st = write_ram(c, table->at, err);

	if (!st)
		st = write_pages(c, table->at + d->layout.bitmap, err);
	return st ? st : kf_file_datasync(&d->file, err);
}

enum kf_status kf_checkpoint_make(const struct kf_checkpoint *c, struct kf_error *err)
{
	struct kf_dumpfile *d = c->dump;
	struct kf_extent oldest, table = { .bytes = kf_layout_table_bytes(&d->layout, c->pages) };
	enum kf_status st = kf_aside_place(d, &table, c->last, err);

	if (!st)
		st = append(c, &table, err);
	if (st)
		return kf_prepend(err, "checkpoint");
	/* Before the flip: if that fails half-way, block 0 may point to the new table all the same. */
	oldest = shift_tables(d, table);
	st = kf_dumpfile_flip(d, table.at, c->whole, err);
	if (st)
		return kf_prepend(err, "checkpoint");
	if (oldest.bytes)
		(void)kf_file_punch(&d->file, oldest.at, oldest.bytes);
	if (c->last)
		kf_aside_trim(d);
	return KF_OK;
}
