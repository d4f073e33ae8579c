// SPDX-License-Identifier: GPL-2.0-or-later
// Packing a batch, by a wire codec or page by page as the pages will rest; see encoder.h.
#include "sender/dump/encoder.h"

#include "pagecodec/pagecodecs.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "sender/dump/slot.h"

static const struct kf_pagecodec *const page_codecs[] = {
	&kf_pagecodec_raw,
	&kf_pagecodec_zlib,
	&kf_pagecodec_lzo,
	&kf_pagecodec_zstd,
	NULL,
};

static struct kf_encoder encoder_of(const struct kf_encoding *how)
{
	struct kf_encoder e = { .wire = how->wire, .page_bytes = (size_t)1 << how->page_shift };

	if (how->wire == KF_WIRE_PAGES)
		e.pages = kf_pagecodec_find(page_codecs, (uint32_t)how->rest);
	else
		e.codec = kf_codec_by_id(how->wire);
	return e;
}

bool kf_encoding_known(const struct kf_encoding *how)
{
	struct kf_encoder e = encoder_of(how);

	return how->automatic || e.pages || e.codec;
}

size_t kf_encoder_bytes(const struct kf_encoding *how)
{
	struct kf_encoder e = encoder_of(how);

	if (e.pages)
		return e.pages->packer_bytes ? e.pages->packer_bytes(e.page_bytes) : 0;
	return e.codec && e.codec->encoder_bytes ? e.codec->encoder_bytes(KF_SLOT_RAW) : 0;
}

enum kf_status kf_encoder_init(struct kf_encoder *e, const struct kf_encoding *how, struct kf_error *err)
{
	bool stateless;

	*e = encoder_of(how);
	if (!e->pages && !e->codec)
		return kf_fail(err, KF_ABSENT, "this sender cannot pack batches so");
	stateless = e->pages ? !e->pages->packer_create : !e->codec->encoder_create;
	if (stateless)
		return KF_OK;
	e->state = e->pages ? e->pages->packer_create(e->page_bytes) : e->codec->encoder_create(KF_SLOT_RAW);
	if (!e->state)
		return kf_fail(err, KF_FAILED, "no memory for codec %s", e->pages ? e->pages->name : e->codec->name);
	return KF_OK;
}

void kf_encoder_deinit(struct kf_encoder *e)
{
	if (e->state && e->pages)
		e->pages->packer_destroy(e->state);
	else if (e->state)
		e->codec->encoder_destroy(e->state);
	e->state = NULL;
}

static size_t pack_pages(const struct kf_encoder *e, uint8_t *out, const uint8_t *raw, size_t raw_len)
{
	size_t count = raw_len / e->page_bytes, used = count * KF_ENTRY_BYTES;
	struct kf_writer entries = kf_writer_on(out, used);

	for (size_t i = 0; i < count; i++) {
		uint32_t entry;
		size_t n = kf_pagecodec_pack(e->pages, e->state, out + used, raw_len - used, raw + i * e->page_bytes, e->page_bytes, &entry);

		if (n == 0)
			return 0;
		kf_put_u32(&entries, entry);
		used += n;
	}
	return used < raw_len ? used : 0;
}

size_t kf_encoder_pack(const struct kf_encoder *e, uint8_t *out, const uint8_t *raw, size_t raw_len)
{
	if (raw_len == 0 || e->wire == KF_WIRE_NONE)
		return 0;
	return e->pages ? pack_pages(e, out, raw, raw_len) : e->codec->encode(e->state, out, raw_len, raw, raw_len);
}
