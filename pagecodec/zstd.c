// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `zstd`: one zstd frame of level 1 for each page.
#include <stdlib.h>

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"
#include "proto/zstdframe.h"

static size_t pack(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	return room ? kf_zstd_pack(packer, out, room - 1, page, len) : 0;
}

static enum kf_status unpack(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size, struct kf_error *err)
{
	if (!kf_zstd_unpack(unpacker, page, len, in, size))
		return kf_fail(err, KF_INVALID, "zstd page does not unpack to its %zu bytes", len);
	return KF_OK;
}

const struct kf_pagecodec kf_pagecodec_zstd = {
	.name = "zstd", .flag = KF_REST_ZSTD,
	.packer_bytes = kf_zstd_encoder_bytes, .packer_create = kf_zstd_encoder_create, .packer_destroy = free, .pack = pack,
	.unpacker_create = kf_zstd_decoder_create, .unpacker_destroy = free, .unpack = unpack,
};
