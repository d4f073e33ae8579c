// SPDX-License-Identifier: GPL-2.0-or-later
// Wire codec `none`: the pages as they are.
#include <string.h>

#include "proto/codecs.h"

static size_t encode(void *encoder, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len)
{
	(void)encoder;
	if (raw_len > size)
		return 0;
	memcpy(out, raw, raw_len);
	return raw_len;
}

static enum kf_status decode(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err)
{
	(void)decoder;
	if (len != raw_len)
		return kf_fail(err, KF_INVALID, "plain batch of %zu bytes says it has %zu", len, raw_len);
	if (len)
		memcpy(raw, in, len);
	return KF_OK;
}

const struct kf_codec kf_codec_none = { .name = "none", .id = KF_WIRE_NONE, .encode = encode, .decode = decode };
