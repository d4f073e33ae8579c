/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codecs at rest themselves; only the list of each program needs this. */
#ifndef KF_PAGECODECS_H
#define KF_PAGECODECS_H

#include "pagecodec/pagecodec.h"

extern const struct kf_pagecodec kf_pagecodec_raw;
extern const struct kf_pagecodec kf_pagecodec_zlib;
extern const struct kf_pagecodec kf_pagecodec_lzo;
extern const struct kf_pagecodec kf_pagecodec_snappy;	/* the receiver's alone: its library is C++ */
extern const struct kf_pagecodec kf_pagecodec_zstd;

#endif
