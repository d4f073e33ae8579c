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

enum kf_status kf_pack(struct kf_packer *p, struct kf_dumpfile *d, const struct kf_batch *b,
		       struct kf_packed *out, struct kf_error *err)
{
	const struct kf_pagecodec *codec = kf_pagecodec_by_flag((uint32_t)d->facts.rest);
	void *state = codec ? state_of(p, codec) : NULL;
	struct kf_writer entries = kf_writer_on(out->entries, sizeof(out->entries));
	const uint8_t *raw = p->raw;
	uint32_t used = 0, block = d->layout.block;

	if (!state)
		return kf_fail(err, KF_FAILED, "no memory for the codec at rest");
	out->digest = (struct kf_sum128){ 0 };
	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);
		bool zero = run.kind == KF_RUN_ZERO;

		for (uint32_t k = 0; k < run.count; k++) {
			uint32_t n, flags;

			kf_sum_page(&out->digest, run.first + k, zero ? zero_page : raw, block);
			if (zero)
				continue;
			n = pack_page(codec, state, p->out + used, raw, block, &flags);
			kf_put_u32(&entries, n | flags << 24);
			used += n;
			raw += block;
		}
	}
	out->entry_count = (uint32_t)(kf_written(&entries) / 4);
	out->extent = (struct kf_extent){ .at = 0, .bytes = used };
	if (!used)
		return KF_OK;
	out->extent.at = kf_dumpfile_take(d, used, 1);
	return kf_file_write(&d->file, p->out, used, out->extent.at, err);
}
