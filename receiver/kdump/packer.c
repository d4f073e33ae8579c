// SPDX-License-Identifier: GPL-2.0-or-later
// From the pages of a batch to their bytes in the dump file; see packer.h.
#include "receiver/kdump/packer.h"

#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"

#define PAGE_MAX (1u << KF_PAGE_SHIFT_MAX)

static const uint8_t zero_page[PAGE_MAX];

struct kf_packer *kf_packer_create(void)
{
	struct kf_packer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->pages = p->raw = malloc(KF_BATCH_RAW_MAX);
	p->out = malloc(KF_BATCH_RAW_MAX);
	if (!p->raw || !p->out) {
		kf_packer_destroy(p);
		return NULL;
	}
	return p;
}

static void destroy_states(struct kf_packer *p)
{
	for (unsigned int i = 0; i < KF_WIRE_CODECS; i++)
		if (p->decoders[i])
			kf_codec_by_id(i)->decoder_destroy(p->decoders[i]);
	for (unsigned int i = 0; i < KF_RESTS; i++) {
		if (p->packers[i])
			kf_rest_at(i)->packer_destroy(p->packers[i]);
		if (p->unpackers[i])
			kf_rest_at(i)->unpacker_destroy(p->unpackers[i]);
	}
}

void kf_packer_destroy(struct kf_packer *p)
{
	if (!p)
		return;
	destroy_states(p);
	free(p->raw);
	free(p->out);
	free(p);
}

/* Where kf_pack stands in a batch. WITH has no codec if the pages came as they rest. */
struct packing {
	struct kf_packer_codec with;
	uint8_t *out;
	const uint8_t *raw;	/* of the next data page */
	uint32_t used, block;	/* bytes at OUT; of a page */
	struct kf_writer entries;
	struct kf_sum128 digest;
};

static void pack_page(struct packing *p)
{
	uint32_t entry;

	p->used += (uint32_t)kf_pagecodec_pack(p->with.codec, p->with.state, p->out + p->used, p->block, p->raw, p->block, &entry);
	kf_put_u32(&p->entries, entry);
}

static void pack_run(struct packing *p, const struct kf_run *run)
{
	for (uint32_t i = 0; i < run->count; i++) {
		if (run->kind == KF_RUN_ZERO) {
			kf_sum_page(&p->digest, run->first + i, zero_page, p->block);
			continue;
		}
		kf_sum_page(&p->digest, run->first + i, p->raw, p->block);
		if (p->with.codec)
			pack_page(p);
		p->raw += p->block;
	}
}

enum kf_status kf_packer_to_pack(struct kf_packer *p, uint32_t flag, struct kf_packer_codec *out, struct kf_error *err)
{
	const struct kf_pagecodec *codec = kf_rest_by_flag(flag);
	void **packer = codec ? &p->packers[kf_rest_place(codec)] : NULL;

	if (!codec)
		return kf_fail(err, KF_ABSENT, "no codec at rest with flag 0x%x", flag);
	/* Dumps of other page sizes may come to the same worker. */
	if (!*packer && codec->packer_create && !(*packer = codec->packer_create(PAGE_MAX)))
		return kf_fail(err, KF_FAILED, "no memory to pack %s", codec->name);
	*out = (struct kf_packer_codec){ codec, *packer };
	return KF_OK;
}

enum kf_status kf_packer_to_unpack(struct kf_packer *p, uint32_t flag, struct kf_packer_codec *out, struct kf_error *err)
{
	const struct kf_pagecodec *codec = kf_rest_by_flag(flag);
	void **unpacker = codec ? &p->unpackers[kf_rest_place(codec)] : NULL;

	if (!codec)
		return kf_fail(err, KF_ABSENT, "no codec at rest with flag 0x%x", flag);
	if (!*unpacker && codec->unpacker_create && !(*unpacker = codec->unpacker_create()))
		return kf_fail(err, KF_FAILED, "no memory to unpack %s", codec->name);
	*out = (struct kf_packer_codec){ codec, *unpacker };
	return KF_OK;
}

/* Whoever writes over the edge of a piece sends the one before it to disk. Of that a worker may still lack some pages, which the
 * next sync finds. */
#define BEHIND (8ull << 20)	/* bytes */

static void write_behind(struct kf_dumpfile *d, const struct kf_extent *e)
{
	uint64_t edge = (e->at + e->bytes) / BEHIND * BEHIND;

	if (edge > e->at && edge >= 2 * BEHIND)
		kf_file_write_out(&d->file, edge - 2 * BEHIND, BEHIND);
}

static enum kf_status write_out(struct kf_dumpfile *d, const uint8_t *bytes, uint32_t n, struct kf_extent *extent, struct kf_error *err)
{
	*extent = (struct kf_extent){ .at = 0, .bytes = n };
	if (!n)
		return KF_OK;
	extent->at = kf_dumpfile_take(d, n, 1);
	if (kf_file_write(&d->file, bytes, n, extent->at, err))
		return err->status;
	write_behind(d, extent);
	return KF_OK;
}

enum kf_status kf_pack(struct kf_packer *p, struct kf_dumpfile *d, const struct kf_batch *b, uint32_t rest,
		       struct kf_packed *out, struct kf_error *err)
{
	struct packing packing = {
		.out = p->out, .raw = p->pages, .block = d->layout.block, .entries = kf_writer_on(out->entries, sizeof(out->entries)),
	};
	bool packed = b->codec == KF_WIRE_PAGES;
	size_t head = (size_t)kf_batch_entry_count(b) * KF_ENTRY_BYTES;

	if (!packed && kf_packer_to_pack(p, rest, &packing.with, err))
		return err->status;
	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		pack_run(&packing, &run);
	}
	out->digest = packing.digest;
	out->entry_count = kf_batch_entry_count(b);
	if (!packed)
		return write_out(d, p->out, packing.used, &out->extent, err);
	memcpy(out->entries, b->stored, head);
	return write_out(d, b->stored + head, b->stored_bytes - (uint32_t)head, &out->extent, err);
}
