// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `zlib`: a zlib stream of level 1, as makedumpfile -c makes it, but by libdeflate.
#include <libdeflate.h>

#include "proto/wire.h"
#include "receiver/pagecodec/pagecodecs.h"

#define LEVEL 1

static void *create(void)
{
	return libdeflate_alloc_compressor(LEVEL);
}

static void destroy(void *state)
{
	if (state)
		libdeflate_free_compressor(state);
}

static size_t pack(void *state, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	return libdeflate_zlib_compress(state, page, len, out, room - 1);
}

const struct kf_pagecodec kf_pagecodec_zlib = { "zlib", KF_REST_ZLIB, create, destroy, pack };
