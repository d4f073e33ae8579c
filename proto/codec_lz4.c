// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codec `lz4`: one LZ4 block of the whole batch.
#include <limits.h>
#include <lz4.h>

#include "proto/codecs.h"

_Static_assert(KF_BATCH_STORED_MAX < INT_MAX, "LZ4 counts in int");

/* LZ4_sizeofState() is a function; a static table needs a constant, which LZ4 exports as its union. */
#define STATE_BYTES sizeof(LZ4_stream_t)

static size_t encode(void *state, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len)
{
	int n = LZ4_compress_fast_extState(state, (const char *)raw, (char *)out, (int)raw_len, (int)size, 1);

	return n > 0 ? (size_t)n : 0;
}

static enum kf_status decode(uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err)
{
	int n = LZ4_decompress_safe((const char *)in, (char *)raw, (int)len, (int)raw_len);

	if (n < 0 || (size_t)n != raw_len)
		return kf_fail(err, KF_INVALID, "lz4 batch does not unpack to its %zu bytes", raw_len);
	return KF_OK;
}

const struct kf_codec kf_codec_lz4 = { "lz4", KF_WIRE_LZ4, STATE_BYTES, encode, decode };
