/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a compressor thread packs the pages of a batch with. */
#ifndef KF_ENCODER_H
#define KF_ENCODER_H

#include <stdbool.h>

#include "common/status.h"
#include "proto/wire.h"

struct kf_codec;
struct kf_pagecodec;

/* How batches are packed. */
struct kf_encoding {
	enum kf_wire_codec wire;
	enum kf_rest_codec rest;	/* what KF_WIRE_PAGES packs each page with */
	unsigned int page_shift;
	bool automatic;			/* WIRE is chosen for each batch, by choice.h */
};

struct kf_encoder {
	enum kf_wire_codec wire;
	const struct kf_codec *codec;		/* of whole batches; NULL for KF_WIRE_PAGES */
	const struct kf_pagecodec *pages;	/* of single pages, or NULL */
	size_t page_bytes;
	void *state;				/* the codec's own; owned */
};

/* Whether this sender can pack so. It has no snappy: its library is C++. */
bool kf_encoding_known(const struct kf_encoding *how);

/* Bytes that an encoder takes, at most. */
size_t kf_encoder_bytes(const struct kf_encoding *how);

/* KF_FAILED if there is no memory, KF_ABSENT if it is not known. An encoder belongs to one thread at a time. */
enum kf_status kf_encoder_init(struct kf_encoder *e, const struct kf_encoding *how, struct kf_error *err) kf_must_check;
void kf_encoder_deinit(struct kf_encoder *e);

/* Packs RAW_LEN bytes of pages into OUT, which has as much room. Gives the bytes used, or 0 if they do not shrink. */
size_t kf_encoder_pack(const struct kf_encoder *e, uint8_t *out, const uint8_t *raw, size_t raw_len);

#endif
