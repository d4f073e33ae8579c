// SPDX-License-Identifier: GPL-2.0-or-later
// Codec at rest `raw`: never shrinks a page, so every page is stored as it is.
#include <string.h>

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"

static size_t pack(void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len)
{
	(void)packer, (void)out, (void)room, (void)page, (void)len;
	return 0;
}

static enum kf_status unpack(void *unpacker, uint8_t *page, size_t len, const uint8_t *in, size_t size, struct kf_error *err)
{
	(void)unpacker;
	if (size != len)
		return kf_fail(err, KF_INVALID, "raw page has %zu bytes and not %zu", size, len);
	memcpy(page, in, len);
	return KF_OK;
}

const struct kf_pagecodec kf_pagecodec_raw = { .name = "raw", .flag = KF_REST_RAW, .pack = pack, .unpack = unpack };
