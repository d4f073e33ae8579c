// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: bytes of either direction through parser, decoder and order, and what they point to.
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/order.h"
#include "proto/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct kf_codec *codec, const struct kf_batch *b)
{
	static uint8_t raw[KF_BATCH_RAW_MAX];
	void *decoder = codec->decoder_create ? codec->decoder_create() : NULL;
	struct kf_error err;

	(void)!codec->decode(decoder, raw, b->raw_bytes, b->stored, b->stored_bytes, &err);
	if (decoder)
		codec->decoder_destroy(decoder);
}

/* Everything that a decoded message points to is read. */
static void look(const struct kf_message *m)
{
	struct kf_reader r;
	struct kf_range kept;
	uint64_t pfn;

	if (m->type == KF_MSG_WINDOW) {
		r = kf_reader_on(m->window.runs, m->window.runs_bytes);
		pfn = m->window.first;
		while (kf_verdict_next(&r, &pfn, &kept))
			if (kept.first >= kept.end || kept.end > m->window.end)
				abort();
	}
	if (m->type == KF_MSG_BATCH && m->batch.raw_bytes && kf_codec_by_id(m->batch.codec))
		decode(kf_codec_by_id(m->batch.codec), &m->batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As the preface says, so that a saved stream is a seed as it lies. */
	enum kf_role role = size > 10 && data[10] == KF_ROLE_RECEIVER ? KF_ROLE_RECEIVER : KF_ROLE_SENDER;
	struct kf_parser *p = kf_parser_create(role);
	struct kf_order order = kf_order_of(role);
	enum kf_status st = KF_OK;

	while (!st && size) {
		struct kf_frame frame;
		struct kf_message m;
		struct kf_error err;
		uint8_t *where;
		size_t room;
		bool got;

		kf_parser_space(p, &where, &room);
		room = room < size ? room : size;
		memcpy(where, data, room);
		data += room;
		size -= room;
		st = kf_parser_advance(p, room, &frame, &got, &err);
		if (st || !got)
			continue;
		if (!kf_decode(&m, frame.type, frame.payload, frame.len, &err)) {
			look(&m);
			st = kf_order_take(&order, &m, &err);
		}
		free(frame.payload);
	}
	kf_parser_destroy(p);
	return 0;
}
