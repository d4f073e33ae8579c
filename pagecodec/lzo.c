// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `lzo`: LZO1X. LZO1X-1(12) has a table of 4096 places, one for each byte of a page: it is cleared and kept in the cache for
// less than that of LZO1X-1, which makes a page 0.3 % smaller.
#include <lzo/lzo1x.h>
#include <stdlib.h>
#include <string.h>

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"

/* LZO writes without looking where its output ends, so it writes here: as much as a page can grow to. */
struct packer {
	uint8_t work[LZO1X_1_12_MEM_COMPRESS] __attribute__((aligned(16)));
	uint8_t out[];
};

#define GROWN(len) ((len) + (len) / 16 + 64 + 3)

static size_t packer_bytes(size_t largest)
{
	return sizeof(struct packer) + GROWN(largest);
}

static void *packer_create(size_t largest)
{
	return malloc(packer_bytes(largest));
}

static size_t pack(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	struct packer *p = packer;
	lzo_uint n = 0;

	if (lzo1x_1_12_compress(page, len, p->out, &n, p->work) != LZO_E_OK || n >= room)
		return 0;
	memcpy(out, p->out, n);
	return n;
}

static enum kf_status unpack(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size, struct kf_error *err)
{
	lzo_uint n = len;

	(void)unpacker;
	/* It also fails if input is left over. */
	if (lzo1x_decompress_safe(in, size, page, &n, NULL) != LZO_E_OK || n != len)
		return kf_fail(err, KF_INVALID, "lzo page does not unpack to its %zu bytes", len);
	return KF_OK;
}

const struct kf_pagecodec kf_pagecodec_lzo = {
	.name = "lzo", .flag = KF_REST_LZO,
	.packer_bytes = packer_bytes, .packer_create = packer_create, .packer_destroy = free, .pack = pack,
	.unpack = unpack,
};
