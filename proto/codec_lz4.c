// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codec `lz4`: one LZ4 block of the whole batch.
#include <limits.h>
#include <lz4.h>
#include <stdlib.h>

#include "proto/codecs.h"

_Static_assert(KF_BATCH_STORED_MAX < INT_MAX, "LZ4 counts in int");

static size_t encoder_bytes(size_t largest)
{
	(void)largest;
	return sizeof(LZ4_stream_t);
}

static void *encoder_create(size_t largest)
{
	return calloc(1, encoder_bytes(largest));
}

static size_t encode(void *encoder, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len)
{
	int n = LZ4_compress_fast_extState(encoder, (const char *)raw, (char *)out, (int)raw_len, (int)size, 1);

	return n > 0 ? (size_t)n : 0;
}

static enum kf_status decode(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err)
{
	int n = LZ4_decompress_safe((const char *)in, (char *)raw, (int)len, (int)raw_len);

	(void)decoder;
	if (n < 0 || (size_t)n != raw_len)
		return kf_fail(err, KF_INVALID, "lz4 batch does not unpack to its %zu bytes", raw_len);
	return KF_OK;
}

const struct kf_codec kf_codec_lz4 = {
	.name = "lz4", .id = KF_WIRE_LZ4,
	.encoder_bytes = encoder_bytes, .encoder_create = encoder_create, .encoder_destroy = free,
	.encode = encode, .decode = decode,
};
