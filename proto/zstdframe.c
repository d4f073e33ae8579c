// SPDX-License-Identifier: GPL-2.0-or-later
// zstd frames, packed and unpacked without a byte taken on the way; see zstdframe.h.
#include "proto/zstdframe.h"

#include <stdlib.h>
#define ZSTD_STATIC_LINKING_ONLY	/* contexts in memory that is given; the frame's header */
#include <zstd.h>

#include "proto/wire.h"

#define LEVEL 1
#define SMALLEST 1024u

/* zstd takes other parameters for small pieces than for large ones, and those of a small one may need more. */
size_t kf_zstd_encoder_bytes(size_t largest)
{
	size_t most = ZSTD_estimateCCtxSize_usingCParams(ZSTD_getCParams(LEVEL, largest, 0));

	for (size_t size = SMALLEST; size < largest; size *= 2) {
		size_t n = ZSTD_estimateCCtxSize_usingCParams(ZSTD_getCParams(LEVEL, size, 0));

		most = n > most ? n : most;
	}
	return most;
}

/* A context in given memory lies at its beginning, so that free() is right for it. */
void *kf_zstd_encoder_create(size_t largest)
{
	size_t bytes = kf_zstd_encoder_bytes(largest);
	void *memory = malloc(bytes);

	if (memory && ZSTD_initStaticCCtx(memory, bytes))
		return memory;
	free(memory);
	return NULL;
}

void *kf_zstd_decoder_create(void)
{
	size_t bytes = ZSTD_estimateDCtxSize();
	void *memory = malloc(bytes);

	if (memory && ZSTD_initStaticDCtx(memory, bytes))
		return memory;
	free(memory);
	return NULL;
}

size_t kf_zstd_pack(void *encoder, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len)
{
	size_t n = ZSTD_compressCCtx(encoder, out, size, raw, raw_len, LEVEL);

	return ZSTD_isError(n) ? 0 : n;
}

/* What a frame claims is looked at first: zstd itself would also take several frames, or skip some. */
static bool is_one_frame(size_t raw_len, const uint8_t *in, size_t len)
{
	ZSTD_frameHeader h;

	return ZSTD_getFrameHeader(&h, in, len) == 0 && h.frameType == ZSTD_frame && h.dictID == 0 &&
	       h.frameContentSize == raw_len && h.windowSize <= KF_BATCH_RAW_MAX &&
	       ZSTD_findFrameCompressedSize(in, len) == len;
}

bool kf_zstd_unpack(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len)
{
	return is_one_frame(raw_len, in, len) && ZSTD_decompressDCtx(decoder, raw, raw_len, in, len) == raw_len;
}
