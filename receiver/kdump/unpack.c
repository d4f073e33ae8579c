// SPDX-License-Identifier: GPL-2.0-or-later
// From a batch as it came to its pages, and whether they are those that were sent; see packer.h.
#include <inttypes.h>

#include "proto/codec.h"
#include "proto/names.h"
#include "receiver/kdump/packer.h"

/* Codec `pages`: each page stands alone. Its entries have been checked: they add up. */
static enum kf_status unpack_pages(struct kf_packer *p, const struct kf_batch *b, struct kf_error *err)
{
	uint32_t count = kf_batch_entry_count(b), page = 1u << b->page_shift;
	const uint8_t *in = b->stored + (size_t)count * KF_ENTRY_BYTES;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t entry = kf_batch_entry_at(b, i), bytes = kf_entry_bytes(entry);
		struct kf_packer_codec with;

		if (!kf_rest_by_flag(kf_entry_flag(entry)))
			return kf_fail(err, KF_INVALID, "page %" PRIu32 " has the unknown flag 0x%" PRIx32, i, kf_entry_flag(entry));
		if (kf_packer_to_unpack(p, kf_entry_flag(entry), &with, err))
			return err->status;
		if (with.codec->unpack(with.state, p->raw + (size_t)i * page, page, in, bytes, err))
			return kf_prepend(err, "page %" PRIu32 " of a batch", i);
		in += bytes;
	}
	return KF_OK;
}

/* No copy of what came as it is. */
static enum kf_status take_plain(struct kf_packer *p, const struct kf_batch *b, struct kf_error *err)
{
	if (b->stored_bytes != b->raw_bytes)
		return kf_fail(err, KF_INVALID, "plain batch of %" PRIu32 " bytes says it has %" PRIu32, b->stored_bytes, b->raw_bytes);
	p->pages = b->stored;
	return KF_OK;
}

static enum kf_status unpack_whole(struct kf_packer *p, const struct kf_batch *b, struct kf_error *err)
{
	const struct kf_codec *codec = kf_codec_by_id(b->codec);
	void **decoder = &p->decoders[b->codec];

	if (!codec)
		return kf_fail(err, KF_ABSENT, "this receiver cannot unpack %s", kf_wire_codec_name(b->codec));
	if (!*decoder && codec->decoder_create && !(*decoder = codec->decoder_create()))
		return kf_fail(err, KF_FAILED, "no memory to unpack %s", codec->name);
	return codec->decode(*decoder, p->raw, b->raw_bytes, b->stored, b->stored_bytes, err);
}

enum kf_status kf_unpack(struct kf_packer *p, const struct kf_batch *b, struct kf_error *err)
{
	enum kf_status st = KF_OK;

	p->pages = p->raw;
	if (b->raw_bytes)
		st = b->codec == KF_WIRE_PAGES ? unpack_pages(p, b, err) :
		     b->codec == KF_WIRE_NONE ? take_plain(p, b, err) : unpack_whole(p, b, err);
	if (!st && kf_batch_hash(p->pages, b->raw_bytes) != b->xxh3)
		st = kf_fail(err, KF_INVALID, "the bytes of a batch are not those that were read (XXH3)");
	return st;
}
