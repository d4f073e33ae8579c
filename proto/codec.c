// SPDX-License-Identifier: GPL-2.0-or-later
// The table of wire codecs; see codec.h.
#include "proto/codec.h"

#include "proto/codecs.h"

static const struct kf_codec *const codecs[] = {
	&kf_codec_none,
	&kf_codec_lz4,
	&kf_codec_zstd,
};

const struct kf_codec *kf_codec_by_id(unsigned int id)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if ((unsigned int)codecs[i]->id == id)
			return codecs[i];
	return NULL;
}
