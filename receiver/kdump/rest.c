// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's list of codecs at rest; see rest.h.
#include "receiver/kdump/rest.h"

#include "pagecodec/pagecodecs.h"

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
