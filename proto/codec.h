/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wire codecs: how the pages of a batch are packed together for the journey. */
#ifndef KF_CODEC_H
#define KF_CODEC_H

#include "common/status.h"
#include "proto/wire.h"

/*
 * One table of operations for each codec, one file each. A state belongs to one thread at a time.
 * encode() gives 0 if the result would not fit in SIZE, which callers take as "does not shrink";
 * decode() must fill exactly RAW_LEN bytes and treats its input as hostile.
 */
struct kf_codec {
	const char *name;
	enum kf_wire_codec id;
	size_t state_bytes;	/* of zeroed memory for encode(); 0 for none */
	size_t (*encode)(void *state, uint8_t *out, size_t size, const uint8_t *raw, size_t raw_len);
	enum kf_status (*decode)(uint8_t *raw, size_t raw_len, const uint8_t *in, size_t len, struct kf_error *err);
};

/* NULL if this build has no such codec. */
const struct kf_codec *kf_codec_by_id(unsigned int id);
const struct kf_codec *kf_codec_by_name(const char *name);

#endif
