/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wire codecs: how the pages of a batch are packed together for the journey. */
#ifndef KF_CODEC_H
#define KF_CODEC_H

#include "common/status.h"
#include "proto/wire.h"

/*
 * One table of operations for each codec, one file each. `pages` is none of them: it packs each page alone, see
 * docs/PROTOCOL.md. An encoder and a decoder belong to one thread at a time and are used for any number of batches; a
 * codec that needs none has NULL for its three (two) functions, and is given NULL.
 */
struct kf_codec {
	const char *name;
	enum kf_wire_codec id;
	/* Bytes that encoder_create(LARGEST) takes, at most. LARGEST: bytes of the largest batch. */
	size_t (*encoder_bytes)(size_t largest);
	void *(*encoder_create)(size_t largest);	/* NULL if there is no memory */
	void (*encoder_destroy)(void *encoder);		/* NULL is allowed */
	/* Gives 0 if the result would not fit in SIZE, which callers take as "does not shrink". */
	size_t (*encode)(void *encoder, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len);
	void *(*decoder_create)(void);
	void (*decoder_destroy)(void *decoder);
	/* Fills exactly RAW_LEN bytes (not 0) from all of IN, else gives KF_INVALID. IN is hostile. */
	enum kf_status (*decode)(void *decoder, uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err);
};

/* NULL if there is no such codec for whole batches. */
const struct kf_codec *kf_codec_by_id(unsigned int id);

#endif
