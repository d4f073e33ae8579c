// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `snappy`: a raw snappy block, as makedumpfile -p makes it.
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"

/* snappy refuses to begin where its output could not grow to the worst, so it writes here. */
struct packer {
	size_t bytes;
	char out[];
};

/* Without what snappy itself takes for each page; this codec is not in the program whose memory is counted. */
static size_t packer_bytes(size_t largest)
{
	return sizeof(struct packer) + snappy_max_compressed_length(largest);
}

static void *packer_create(size_t largest)
{
	struct packer *p = malloc(packer_bytes(largest));

	if (p)
		p->bytes = snappy_max_compressed_length(largest);
	return p;
}

static size_t pack(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	struct packer *p = packer;
	size_t n = p->bytes;

	if (snappy_compress((const char *)page, len, p->out, &n) != SNAPPY_OK || n >= room)
		return 0;
	memcpy(out, p->out, n);
	return n;
}

static enum kf_status unpack(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size, struct kf_error *err)
{
	size_t n = 0;

	(void)unpacker;
	/* The length that it claims decides what it writes, so that is asked first. */
	if (snappy_uncompressed_length((const char *)in, size, &n) != SNAPPY_OK || n != len ||
	    snappy_uncompress((const char *)in, size, (char *)page, &n) != SNAPPY_OK || n != len)
		return kf_fail(err, KF_INVALID, "snappy page does not unpack to its %zu bytes", len);
	return KF_OK;
}

const struct kf_pagecodec kf_pagecodec_snappy = {
	.name = "snappy", .flag = KF_REST_SNAPPY,
	.packer_bytes = packer_bytes, .packer_create = packer_create, .packer_destroy = free, .pack = pack,
	.unpack = unpack,
};
