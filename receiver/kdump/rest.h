/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codecs at rest that this receiver can write. */
#ifndef KF_REST_H
#define KF_REST_H

#include "pagecodec/pagecodec.h"

/* NULL if there is none with FLAG (enum kf_rest_codec). */
const struct kf_pagecodec *kf_rest_by_flag(uint32_t flag);

/* The flag of a codec that packs much faster, for when there is no time; FLAG itself if it is fast enough. */
uint32_t kf_rest_quick(uint32_t flag);

/* The place of a codec in the list, for who keeps something for each: 0 to KF_RESTS - 1. */
#define KF_RESTS 5
unsigned int kf_rest_place(const struct kf_pagecodec *codec);
const struct kf_pagecodec *kf_rest_at(unsigned int place);

#endif
