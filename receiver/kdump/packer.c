// SPDX-License-Identifier: GPL-2.0-or-later
// From the pages of a batch to their bytes in the dump file; see packer.h.
#include "receiver/kdump/packer.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t zero_page[1u << KF_PAGE_SHIFT_MAX];

struct kf_packer *kf_packer_create(void)
{
	struct kf_packer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->raw = malloc(KF_BATCH_RAW_MAX);
	p->out = malloc(KF_BATCH_RAW_MAX);
	if (!p->raw || !p->out) {
		kf_packer_destroy(p);
		return NULL;
	}
	return p;
}

void kf_packer_destroy(struct kf_packer *p)
{
	if (!p)
		return;
	for (int i = 0; i < KF_PACKER_CODECS && p->states[i].codec; i++)
		p->states[i].codec->destroy(p->states[i].state);
	free(p->raw);
	free(p->out);
	free(p);
}

static void *state_of(struct kf_packer *p, const struct kf_pagecodec *codec)
{
	int i = 0;

	while (i < KF_PACKER_CODECS - 1 && p->states[i].codec && p->states[i].codec != codec)
		i++;
	if (!p->states[i].codec) {
		p->states[i].state = codec->create();
		p->states[i].codec = p->states[i].state ? codec : NULL;
	}
	return p->states[i].state;
}

/* A page that does not shrink is stored raw, with flags 0. Gives the bytes used at OUT. */
static uint32_t pack_page(const struct kf_pagecodec *codec, void *state, uint8_t *out, const uint8_t *page,
			  uint32_t bytes, uint32_t *flags)
{
	uint32_t n = (uint32_t)codec->pack(state, out, bytes, page, bytes);

	*flags = n ? codec->flag : 0;
	if (n)
		return n;
	memcpy(out, page, bytes);
	return bytes;
}

/* Where kf_pack stands in a batch. */
struct packing {
	const struct kf_pagecodec *codec;
	void *state;
	uint8_t *out;
	const uint8_t *raw;	/* of the next data page */
	uint32_t used, block;	/* bytes at OUT; of a page */
	struct kf_writer entries;
	struct kf_sum128 digest;
};

static void pack_run(struct packing *p, const struct kf_run *run)
{
	for (uint32_t i = 0; i < run->count; i++) {
		uint32_t n, flags;

		if (run->kind == KF_RUN_ZERO) {
			kf_sum_page(&p->digest, run->first + i, zero_page, p->block);
			continue;
		}
		kf_sum_page(&p->digest, run->first + i, p->raw, p->block);
		n = pack_page(p->codec, p->state, p->out + p->used, p->raw, p->block, &flags);
		kf_put_u32(&p->entries, n | flags << 24);
		p->used += n;
		p->raw += p->block;
	}
}

enum kf_status kf_pack(struct kf_packer *p, struct kf_dumpfile *d, const struct kf_batch *b,
		       struct kf_packed *out, struct kf_error *err)
{
	struct packing packing = {
		.codec = kf_pagecodec_by_flag((uint32_t)d->facts.rest), .out = p->out, .raw = p->raw,
		.block = d->layout.block, .entries = kf_writer_on(out->entries, sizeof(out->entries)),
	};

	packing.state = packing.codec ? state_of(p, packing.codec) : NULL;
	if (!packing.state)
		return kf_fail(err, KF_FAILED, "no memory for the codec at rest");
	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		pack_run(&packing, &run);
	}
	out->digest = packing.digest;
	out->entry_count = (uint32_t)(kf_written(&packing.entries) / 4);
	out->extent = (struct kf_extent){ .at = 0, .bytes = packing.used };
	if (!packing.used)
		return KF_OK;
	out->extent.at = kf_dumpfile_take(d, packing.used, 1);
	return kf_file_write(&d->file, p->out, packing.used, out->extent.at, err);
}
