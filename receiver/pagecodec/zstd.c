// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `zstd`: one zstd frame of level 1 for each page.
#include <zstd.h>

#include "proto/wire.h"
#include "receiver/pagecodec/pagecodecs.h"

#define LEVEL 1

static void *create(void)
{
	return ZSTD_createCCtx();
}

static void destroy(void *state)
{
	ZSTD_freeCCtx(state);
}

static size_t pack(void *state, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	size_t n = ZSTD_compressCCtx(state, out, room - 1, page, len, LEVEL);

	return ZSTD_isError(n) ? 0 : n;	/* OUT is too small, or there is no memory: raw is right for both */
}

const struct kf_pagecodec kf_pagecodec_zstd = { "zstd", KF_REST_ZSTD, create, destroy, pack };
