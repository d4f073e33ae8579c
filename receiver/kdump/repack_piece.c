// SPDX-License-Identifier: GPL-2.0-or-later
// The pages of one piece of a dump file that is packed anew; see repack.h.
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/bitmap.h"
#include "proto/wire.h"
#include "receiver/kdump/format.h"
#include "receiver/kdump/repack.h"

#define PAGE_MAX (1u << KF_PAGE_SHIFT_MAX)
#define GROUP_MAX (KF_BATCH_RAW_MAX >> KF_PAGE_SHIFT_MIN)	/* pages that are written at once */

/* Pages that go into one extent. */
struct group {
	struct kf_repack *r;
	struct kf_packer *p;
	struct kf_packer_codec pack, again;	/* of the codec that was asked for */
	struct kf_sum128 *sum;
	uint64_t pfns[GROUP_MAX];
	struct kf_kdump_descriptor d[GROUP_MAX];
	bool zero[GROUP_MAX];		/* it is the zero page that all share */
	uint32_t count;
	uint32_t used;			/* bytes of p->out */
	uint64_t table;			/* of the first one's descriptor, from the begin of all descriptors */
	uint8_t page[PAGE_MAX], check[PAGE_MAX];
};

static enum kf_status check_descriptor(struct group *g, uint32_t i, struct kf_error *err)
{
	const struct kf_kdump_descriptor *d = &g->d[i];
	const struct kf_repack *r = g->r;

	g->zero[i] = d->offset == r->zero_page;
	if (!d->size || d->size > r->block || d->offset > r->from_bytes || d->size > r->from_bytes - d->offset || d->page_flags ||
	    (g->zero[i] && (d->flags || d->size != r->block)))
		return kf_fail(err, KF_INVALID, "%" PRIu32 " bytes at %" PRIu64 " are not in the file", d->size, d->offset);
	return KF_OK;
}

/* The packed bytes of all pages, one behind the other, into p->raw; those that lie so in the file with one read. */
static enum kf_status fetch(struct group *g, struct kf_error *err)
{
	uint8_t *to = g->p->raw;

	for (uint32_t i = 0, k; i < g->count; i = k) {
		const struct kf_kdump_descriptor *first = &g->d[i];
		uint64_t bytes = first->size;

		k = i + 1;
		if (g->zero[i])
			continue;
		while (k < g->count && g->d[k].offset == first->offset + bytes)
			bytes += g->d[k++].size;
		if (kf_file_read(g->r->from, to, bytes, first->offset, err))
			return err->status;
		to += bytes;
	}
	return KF_OK;
}

/* Packs g->page, and looks at what became of it. */
static enum kf_status pack_page(struct group *g, struct kf_kdump_descriptor *d, struct kf_error *err)
{
	uint8_t *out = g->p->out + g->used;
	uint32_t entry, block = g->r->block;
	size_t n = kf_pagecodec_pack(g->pack.codec, g->pack.state, out, block, g->page, block, &entry);

	d->size = (uint32_t)n;
	d->flags = kf_entry_flag(entry);
	if (!d->flags)
		memcpy(g->check, out, block);
	else if (g->again.codec->unpack(g->again.state, g->check, block, out, n, err))
		return err->status;
	return KF_OK;
}

static enum kf_status take_page(struct group *g, uint32_t i, const uint8_t **in, struct kf_error *err)
{
	struct kf_kdump_descriptor *d = &g->d[i];
	const uint8_t *from = *in, *shown = g->page;
	uint32_t block = g->r->block;
	struct kf_packer_codec was;

	if (g->zero[i]) {
		memset(g->page, 0, block);
		kf_sum_page(g->sum, g->pfns[i], g->page, block);
		return KF_OK;
	}
	*in += d->size;
	if (kf_packer_to_unpack(g->p, d->flags, &was, err) || was.codec->unpack(was.state, g->page, block, from, d->size, err))
		return err->status;
	if (d->flags == g->r->rest) {
		memcpy(g->p->out + g->used, from, d->size);
	} else {
		if (pack_page(g, d, err))
			return err->status;
		shown = g->check;
	}
	kf_sum_page(g->sum, g->pfns[i], shown, block);
	d->offset = g->used;
	g->used += d->size;
	return KF_OK;
}

static enum kf_status write_out(struct group *g, struct kf_error *err)
{
	struct kf_repack *r = g->r;
	uint64_t at = atomic_fetch_add(&r->end, g->used), table = r->to_table + 2 * r->bitmap + g->table;

	for (uint32_t i = 0; i < g->count; i++)
		if (!g->zero[i])
			g->d[i].offset += at;
	if (kf_file_write(r->to, g->p->out, g->used, at, err))
		return err->status;
	return kf_file_write(r->to, g->d, g->count * sizeof(g->d[0]), table, err);
}

static enum kf_status flush(struct group *g, struct kf_error *err)
{
	const struct kf_repack *r = g->r;
	const uint8_t *in = g->p->raw;

	if (!g->count)
		return KF_OK;
	if (kf_file_read(r->from, g->d, g->count * sizeof(g->d[0]), r->from_table + 2 * r->bitmap + g->table, err))
		return err->status;
	for (uint32_t i = 0; i < g->count; i++)
		if (check_descriptor(g, i, err))
			return kf_prepend(err, "page 0x%" PRIx64, g->pfns[i]);
	if (fetch(g, err))
		return err->status;
	g->used = 0;
	for (uint32_t i = 0; i < g->count; i++)
		if (take_page(g, i, &in, err))
			return kf_prepend(err, "page 0x%" PRIx64, g->pfns[i]);
	if (write_out(g, err))
		return err->status;
	g->table += g->count * sizeof(g->d[0]);
	g->count = 0;
	return KF_OK;
}

static enum kf_status run(struct group *g, uint64_t n, struct kf_error *err)
{
	const struct kf_repack *r = g->r;
	uint64_t first = n * KF_REPACK_PFNS, bits = r->max_mapnr - first < KF_REPACK_PFNS ? r->max_mapnr - first : KF_REPACK_PFNS;
	uint64_t map[KF_REPACK_PFNS / 64] = { 0 };

	if (kf_packer_to_pack(g->p, r->rest, &g->pack, err) || kf_packer_to_unpack(g->p, r->rest, &g->again, err) ||
	    kf_file_read(r->from, map, (bits + 7) / 8, r->from_table + r->bitmap + first / 8, err))
		return err->status;
	for (uint64_t i = kf_bitmap_next_set(map, 0, bits); i < bits; i = kf_bitmap_next_set(map, i + 1, bits)) {
		g->pfns[g->count++] = first + i;
		if (g->count == KF_BATCH_RAW_MAX / r->block && flush(g, err))
			return err->status;
	}
	return flush(g, err);
}

enum kf_status kf_repack_piece(struct kf_repack *r, struct kf_packer *p, uint64_t n, struct kf_sum128 *sum, struct kf_error *err)
{
	/* Too large for a stack that may be small. */
	struct group *g = calloc(1, sizeof(*g));
	enum kf_status st;

	if (!g)
		return kf_fail(err, KF_FAILED, "no memory to pack pages anew");
	g->r = r;
	g->p = p;
	g->sum = sum;
	g->table = r->before[n] * sizeof(struct kf_kdump_descriptor);
	st = run(g, n, err);
	free(g);
	return st;
}
