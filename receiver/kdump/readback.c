// SPDX-License-Identifier: GPL-2.0-or-later
// Reading a dump file back; see readback.h.
#include "receiver/kdump/readback.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bitmap.h"
#include "receiver/kdump/format.h"
#include "receiver/kdump/headercheck.h"
#include "receiver/kdump/rest.h"

#define BITS_AT_ONCE (8u << 16)		/* pfns of a piece of the bitmaps: 64 KiB of each */
#define DESCRIPTORS_AT_ONCE 4096u
#define AHEAD (1u << 20)		/* page data is read in pieces; most pages lie one behind the other */
#define BEGINNINGS 5			/* of a file that grows */

struct reading {
	int fd;
	struct kf_readback *r;
	const struct kf_readback_lacking *lacking;
	struct kf_kdump_header header;
	uint64_t size, table;		/* bytes: of the file; where the bitmaps begin */
	uint64_t bitmap;		/* bytes of one */
	uint64_t next;			/* of the next descriptor, bytes */
	uint64_t lacking_next;		/* index */
	uint64_t ram[BITS_AT_ONCE / 64], kept[BITS_AT_ONCE / 64];
	struct kf_kdump_descriptor piece[DESCRIPTORS_AT_ONCE];
	uint64_t in_piece, at_piece;
	uint8_t *ahead, *page;
	uint64_t ahead_at, ahead_len;
	void *unpackers[KF_RESTS];
};

static enum kf_status get(struct reading *g, void *to, size_t len, uint64_t at, struct kf_error *err)
{
	uint8_t *p = to;

	while (len) {
		ssize_t n = pread(g->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kf_fail_errno(err, "reading at byte %" PRIu64, at);
		if (n == 0)
			return kf_fail(err, KF_INVALID, "the file ends at byte %" PRIu64 ", %zu bytes too early", at, len);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return KF_OK;
}

static enum kf_status read_headers(struct reading *g, struct kf_error *err)
{
	struct kf_kdump_header *h = &g->header;
	struct kf_kdump_sub_header sub;
	struct stat st;

	if (fstat(g->fd, &st))
		return kf_fail_errno(err, "its size");
	g->size = (uint64_t)st.st_size;
	if (get(g, h, sizeof(*h), 0, err))
		return err->status;
	if (kf_header_check(h, err))
		return err->status;
	g->r->block = (uint32_t)h->block_size;
	if (get(g, &sub, sizeof(sub), g->r->block, err) || kf_sub_header_check(&sub, h, g->size, err))
		return err->status;
	memcpy(g->r->uts, h->utsname, sizeof(g->r->uts));
	g->r->max_mapnr = sub.max_mapnr_64;
	g->r->level = (uint32_t)sub.dump_level;
	g->r->rest = h->status & ~KF_KDUMP_INCOMPLETE;
	g->r->whole = !(h->status & KF_KDUMP_INCOMPLETE);
	g->bitmap = (uint64_t)h->bitmap_blocks / 2 * g->r->block;
	g->table = ((uint64_t)h->sub_hdr_size + 1) * g->r->block;
	g->next = g->table + 2 * g->bitmap;
	return KF_OK;
}

static enum kf_status next_descriptor(struct reading *g, struct kf_kdump_descriptor *d, struct kf_error *err)
{
	if (g->at_piece == g->in_piece) {
		uint64_t left = (g->size - g->next) / sizeof(*d);

		g->in_piece = left < DESCRIPTORS_AT_ONCE ? left : DESCRIPTORS_AT_ONCE;
		g->at_piece = 0;
		if (!g->in_piece)
			return kf_fail(err, KF_INVALID, "the page table ends at byte %" PRIu64 ", which is too early", g->next);
		if (get(g, g->piece, g->in_piece * sizeof(*d), g->next, err))
			return err->status;
		g->next += g->in_piece * sizeof(*d);
	}
	*d = g->piece[g->at_piece++];
	return KF_OK;
}

/* The bytes of a page as they rest. */
static enum kf_status fetch(struct reading *g, const struct kf_kdump_descriptor *d, const uint8_t **bytes, struct kf_error *err)
{
	if (d->offset < g->ahead_at || d->offset + d->size > g->ahead_at + g->ahead_len) {
		g->ahead_at = d->offset;
		g->ahead_len = g->size - d->offset < AHEAD ? g->size - d->offset : AHEAD;
		if (get(g, g->ahead, g->ahead_len, g->ahead_at, err)) {
			g->ahead_len = 0;
			return err->status;
		}
	}
	*bytes = g->ahead + (d->offset - g->ahead_at);
	return KF_OK;
}

static enum kf_status unpack(struct reading *g, const struct kf_kdump_descriptor *d, struct kf_error *err)
{
	const struct kf_pagecodec *codec = kf_rest_by_flag(d->flags);
	const uint8_t *bytes = NULL;
	void **unpacker;

	if (!codec)
		return kf_fail(err, KF_INVALID, "it has the flags 0x%" PRIx32 " of no codec", d->flags);
	if (d->page_flags)
		return kf_fail(err, KF_INVALID, "its place in the table has page flags, where kferry-recv writes 0");
	if (!d->size || d->size > g->r->block || d->offset > g->size || d->size > g->size - d->offset)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " bytes at %" PRIu64 " are not in the file", d->size, d->offset);
	unpacker = &g->unpackers[kf_rest_place(codec)];
	if (!*unpacker && codec->unpacker_create && !(*unpacker = codec->unpacker_create()))
		return kf_fail(err, KF_FAILED, "no memory to unpack %s", codec->name);
	if (fetch(g, d, &bytes, err))
		return err->status;
	return codec->unpack(*unpacker, g->page, g->r->block, bytes, d->size, err);
}

static enum kf_status take_page(struct reading *g, uint64_t pfn, struct kf_error *err)
{
	struct kf_kdump_descriptor d = { 0 };

	if (next_descriptor(g, &d, err) || unpack(g, &d, err))
		return kf_prepend(err, "page 0x%" PRIx64, pfn);
	kf_sum_page(&g->r->digest, pfn, g->page, g->r->block);
	g->r->pages++;
	return KF_OK;
}

/* Pages that are kept and could not be read have a verdict, and no bit. */
static void add_lacking(struct reading *g, uint64_t first, uint64_t end)
{
	while (g->lacking && g->lacking_next < g->lacking->count) {
		struct kf_range r = g->lacking->ranges[g->lacking_next];

		for (uint64_t pfn = r.first > first ? r.first : first; pfn < r.end && pfn < end; pfn++)
			g->kept[(pfn - first) / 64] |= 1ull << ((pfn - first) % 64);
		if (r.end > end)
			return;
		g->lacking_next++;
	}
}

static enum kf_status take_piece(struct reading *g, uint64_t first, uint64_t count, struct kf_error *err)
{
	size_t bytes = (size_t)((count + 7) / 8), words = (size_t)((count + 63) / 64);

	memset(g->ram, 0, sizeof(g->ram));
	memset(g->kept, 0, sizeof(g->kept));
	if (get(g, g->ram, bytes, g->table + first / 8, err) || get(g, g->kept, bytes, g->table + g->bitmap + first / 8, err))
		return err->status;
	g->r->ram_pages += kf_bitmap_count(g->ram, 0, count);
	if (count % 8 && (kf_bitmap_count(g->ram, count, words * 64) || kf_bitmap_count(g->kept, count, words * 64)))
		return kf_fail(err, KF_INVALID, "a bitmap has bits behind max_mapnr");
	for (uint64_t i = kf_bitmap_next_set(g->kept, 0, count); i < count; i = kf_bitmap_next_set(g->kept, i + 1, count)) {
		if (!kf_bit(g->ram, i))
			return kf_fail(err, KF_INVALID, "page 0x%" PRIx64 " is in the file and no RAM", first + i);
		if (take_page(g, first + i, err))
			return err->status;
	}
	add_lacking(g, first, first + count);
	kf_sum_verdicts(&g->r->verdicts, first / 64, g->kept, words);
	return KF_OK;
}

/* What fills a bitmap's last block, behind max_mapnr: no bits. */
static enum kf_status check_tail(struct reading *g, uint64_t bitmap, struct kf_error *err)
{
	uint64_t used = (g->r->max_mapnr + 7) / 8, left = g->bitmap - used;

	memset(g->kept, 0, sizeof(g->kept));
	if (get(g, g->kept, (size_t)left, bitmap + used, err))
		return err->status;
	if (kf_bitmap_count(g->kept, 0, left * 8))
		return kf_fail(err, KF_INVALID, "a bitmap has bits behind max_mapnr");
	return KF_OK;
}

static enum kf_status read_once(struct reading *g, struct kf_error *err)
{
	*g->r = (struct kf_readback){ 0 };
	g->in_piece = g->at_piece = g->ahead_len = g->lacking_next = 0;
	if (read_headers(g, err))
		return err->status;
	for (uint64_t pfn = 0; pfn < g->r->max_mapnr; pfn += BITS_AT_ONCE) {
		uint64_t left = g->r->max_mapnr - pfn;

		if (take_piece(g, pfn, left < BITS_AT_ONCE ? left : BITS_AT_ONCE, err))
			return err->status;
	}
	if (check_tail(g, g->table, err) || check_tail(g, g->table + g->bitmap, err))
		return err->status;
	return KF_OK;
}

static bool has_changed(struct reading *g)
{
	struct kf_kdump_header now;
	struct kf_error ignored;

	return !get(g, &now, sizeof(now), 0, &ignored) && memcmp(&now, &g->header, sizeof(now)) != 0;
}

enum kf_status kf_readback(struct kf_readback *r, int fd, const struct kf_readback_lacking *lacking, struct kf_error *err)
{
	struct reading *g = calloc(1, sizeof(*g));
	enum kf_status st;

	if (!g)
		return kf_fail(err, KF_FAILED, "no memory to read a dump");
	g->fd = fd;
	g->r = r;
	g->lacking = lacking;
	g->ahead = malloc(AHEAD);
	g->page = malloc(1u << KF_PAGE_SHIFT_MAX);
	st = g->ahead && g->page ? read_once(g, err) : kf_fail(err, KF_FAILED, "no memory to read a dump");
	for (int i = 1; st && st != KF_FAILED && i < BEGINNINGS && has_changed(g); i++)
		st = read_once(g, err);
	for (unsigned int i = 0; i < KF_RESTS; i++)
		if (g->unpackers[i])
			kf_rest_at(i)->unpacker_destroy(g->unpackers[i]);
	free(g->ahead);
	free(g->page);
	free(g);
	return st;
}
