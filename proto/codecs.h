/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire codecs themselves; only codec.c, which lists them, needs this. */
#ifndef KF_CODECS_H
#define KF_CODECS_H

#include "proto/codec.h"

extern const struct kf_codec kf_codec_none;
extern const struct kf_codec kf_codec_lz4;
extern const struct kf_codec kf_codec_zstd;

#endif
