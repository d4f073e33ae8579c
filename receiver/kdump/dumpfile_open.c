// SPDX-License-Identifier: GPL-2.0-or-later
// A dump file of an earlier run: what its block 0 points to. See dumpfile.h.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/kdump/dumpfile.h"
#include "receiver/kdump/format.h"

#define PIECE (256u << 10)	/* bytes of a bitmap at once */

static enum kf_status wrong(const struct kf_dumpfile *d, const char *what, struct kf_error *err)
{
	return kf_fail(err, KF_INVALID, "%s: its header %s", d->file.name, what);
}

static enum kf_status count_bits(const struct kf_dumpfile *d, uint64_t at, uint64_t *pages, struct kf_error *err)
{
	uint64_t *words = malloc(PIECE);
	enum kf_status st = KF_OK;

	if (!words)
		return kf_fail(err, KF_FAILED, "no memory for a piece of a bitmap");
	*pages = 0;
	for (uint64_t done = 0; !st && done < d->layout.bitmap;) {
		uint64_t n = d->layout.bitmap - done < PIECE ? d->layout.bitmap - done : PIECE;

		st = kf_file_read(&d->file, words, n, at + done, err);
		for (uint64_t i = 0; !st && i < n / 8; i++)
			*pages += (uint64_t)__builtin_popcountll(words[i]);
		done += n;
	}
	free(words);
	return st;
}

/* The table's place; nothing in the header is believed before it was compared with what the journal says of the dump. */
static enum kf_status find_table(struct kf_dumpfile *d, const struct kf_kdump_header *h, uint64_t size, uint64_t *pages,
				 struct kf_error *err)
{
	const struct kf_layout *l = &d->layout;
	uint64_t at;

	if (memcmp(h->signature, KF_KDUMP_SIGNATURE, sizeof(h->signature)) != 0)
		return wrong(d, "has no signature", err);
	if (h->block_size != (int32_t)l->block || (uint64_t)h->bitmap_blocks * l->block != 2 * l->bitmap ||
	    memcmp(h->utsname, d->facts.uts, sizeof(h->utsname)) != 0)
		return wrong(d, "is that of another dump", err);
	at = ((uint64_t)(uint32_t)h->sub_hdr_size + 1) * l->block;
	if (h->sub_hdr_size < 0 || at < l->data_at || at > size || size - at < 2 * l->bitmap)
		return wrong(d, "points behind its end", err);
	if (count_bits(d, at + l->bitmap, pages, err))
		return err->status;
	d->table = (struct kf_extent){ .at = at, .bytes = kf_layout_table_bytes(l, *pages) };
	if (d->table.bytes > size - at)
		return wrong(d, "points to a table that it does not hold", err);
	d->opens = true;
	d->whole = !(h->status & KF_KDUMP_INCOMPLETE);
	return KF_OK;
}

enum kf_status kf_dumpfile_open(struct kf_dumpfile *d, const struct kf_io *io, int dir, const char *name,
				const struct kf_dump *facts, uint64_t *pages, struct kf_error *err)
{
	static const struct kf_kdump_header none;
	struct kf_kdump_header h = { .block_size = 0 };
	enum kf_status st;
	uint64_t size;

	*pages = 0;
	d->facts = *facts;
	d->table = d->old_table = (struct kf_extent){ 0 };
	d->aside = 0;
	d->opens = d->whole = d->torn = false;
	kf_layout_of(&d->layout, facts);
	st = kf_file_open(&d->file, io, dir, name, err);
	if (!st)
		st = kf_file_size(&d->file, &size, err);
	if (!st && size >= sizeof(h))
		st = kf_file_read(&d->file, &h, sizeof(h), 0, err);
	if (!st && memcmp(&h, &none, sizeof(h)) != 0)	/* zeros: there was no checkpoint */
		st = find_table(d, &h, size, pages, err);
	if (!st)
		atomic_init(&d->end, size > d->layout.data_at ? size : d->layout.data_at);
	else
		kf_dumpfile_close(d);
	return st;
}
