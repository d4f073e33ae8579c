/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zstd as kferry uses it, on the wire and at rest: one frame of level 1, in memory of known size. */
#ifndef KF_ZSTDFRAME_H
#define KF_ZSTDFRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An encoder and a decoder are one piece of memory each, taken with malloc; free() ends them. Neither takes more
 * later. LARGEST: bytes of the largest piece that will be packed. NULL if there is no memory. */
size_t kf_zstd_encoder_bytes(size_t largest);
void *kf_zstd_encoder_create(size_t largest);
void *kf_zstd_decoder_create(void);

/* The bytes used at OUT, or 0 if the frame would not fit in SIZE. */
size_t kf_zstd_pack(void *encoder, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len);

/*
 * Whether IN was one frame and nothing else, which says that it has RAW_LEN bytes and has them: RAW is then filled. IN
 * is hostile. Skippable frames, those of zstd before 0.8, dictionaries and windows above KF_BATCH_RAW_MAX are refused.
 */
bool kf_zstd_unpack(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len);

#endif
