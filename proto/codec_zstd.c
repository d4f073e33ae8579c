// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codec `zstd`: one zstd frame of the whole batch.
#include <stdlib.h>

#include "proto/codecs.h"
#include "proto/zstdframe.h"

static enum kf_status decode(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err)
{
	if (!kf_zstd_unpack(decoder, raw, raw_len, in, len))
		return kf_fail(err, KF_INVALID, "zstd batch does not unpack to its %zu bytes", raw_len);
	return KF_OK;
}

const struct kf_codec kf_codec_zstd = {
	.name = "zstd", .id = KF_WIRE_ZSTD,
	.encoder_bytes = kf_zstd_encoder_bytes, .encoder_create = kf_zstd_encoder_create, .encoder_destroy = free,
	.encode = kf_zstd_pack,
	.decoder_create = kf_zstd_decoder_create, .decoder_destroy = free, .decode = decode,
};
