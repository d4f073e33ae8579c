// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's list of codecs at rest; see rest.h.
#include "receiver/kdump/rest.h"

#include "pagecodec/pagecodecs.h"
#include "proto/wire.h"

static const struct kf_pagecodec *const codecs[] = {
	&kf_pagecodec_raw,
	&kf_pagecodec_zlib,
	&kf_pagecodec_lzo,
	&kf_pagecodec_snappy,
	&kf_pagecodec_zstd,
	NULL,
};

_Static_assert(sizeof(codecs) / sizeof(codecs[0]) == KF_RESTS + 1, "one for each place, and the end");

const struct kf_pagecodec *kf_rest_by_flag(uint32_t flag)
{
	return kf_pagecodec_find(codecs, flag);
}

/* Measured on one core: lzo packs 0.7 GB of pages in a second, zstd 0.3, zlib 0.2. Raw pages would be faster still, and a disk slower. */
uint32_t kf_rest_quick(uint32_t flag)
{
	return flag == KF_REST_ZSTD || flag == KF_REST_ZLIB ? KF_REST_LZO : flag;
}

unsigned int kf_rest_place(const struct kf_pagecodec *codec)
{
	unsigned int i = 0;

	while (codecs[i] != codec)
		i++;
	return i;
}

const struct kf_pagecodec *kf_rest_at(unsigned int place)
{
	return codecs[place];
}
