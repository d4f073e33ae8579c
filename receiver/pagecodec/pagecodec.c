// SPDX-License-Identifier: GPL-2.0-or-later
// The table of codecs at rest; see pagecodec.h.
#include "receiver/pagecodec/pagecodec.h"

#include "receiver/pagecodec/pagecodecs.h"

static const struct kf_pagecodec *const codecs[] = {
	&kf_pagecodec_raw,
	&kf_pagecodec_zlib,
	&kf_pagecodec_zstd,
};

const struct kf_pagecodec *kf_pagecodec_by_flag(uint32_t flag)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i]->flag == flag)
			return codecs[i];
	return NULL;
}
