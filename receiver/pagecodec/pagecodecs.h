/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codecs at rest themselves; only pagecodec.c, which lists them, needs this. */
#ifndef KF_PAGECODECS_H
#define KF_PAGECODECS_H

#include "receiver/pagecodec/pagecodec.h"

extern const struct kf_pagecodec kf_pagecodec_raw;
extern const struct kf_pagecodec kf_pagecodec_zlib;
extern const struct kf_pagecodec kf_pagecodec_zstd;

#endif
