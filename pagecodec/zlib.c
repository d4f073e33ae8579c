// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `zlib`: a zlib stream of level 1, as makedumpfile -c makes it, but by libdeflate.
#include <libdeflate.h>

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"

#define LEVEL 1
/* libdeflate does not say what it takes. At level 1 that is 200 KiB, with the alignment; a test looks. */
#define PACKER_BYTES (208u << 10)

static size_t packer_bytes(size_t largest)
{
	(void)largest;
	return PACKER_BYTES;
}

static void *packer_create(size_t largest)
{
	(void)largest;
	return libdeflate_alloc_compressor(LEVEL);
}

static void packer_destroy(void *packer)
{
	if (packer)
		libdeflate_free_compressor(packer);
}

static size_t pack(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	return room ? libdeflate_zlib_compress(packer, page, len, out, room - 1) : 0;
}

static void *unpacker_create(void)
{
	return libdeflate_alloc_decompressor();
}

static void unpacker_destroy(void *unpacker)
{
	if (unpacker)
		libdeflate_free_decompressor(unpacker);
}

static enum kf_status unpack(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size, struct kf_error *err)
{
	size_t used, got;

	if (libdeflate_zlib_decompress_ex(unpacker, in, size, page, len, &used, &got) != LIBDEFLATE_SUCCESS ||
	    used != size || got != len)
		return kf_fail(err, KF_INVALID, "zlib page does not unpack to its %zu bytes", len);
	return KF_OK;
}

const struct kf_pagecodec kf_pagecodec_zlib = {
	.name = "zlib", .flag = KF_REST_ZLIB,
	.packer_bytes = packer_bytes, .packer_create = packer_create, .packer_destroy = packer_destroy, .pack = pack,
	.unpacker_create = unpacker_create, .unpacker_destroy = unpacker_destroy, .unpack = unpack,
};
