// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a sender's messages, with right checksums, through feed, order and assembler; connections break and are resumed.
//
// The input looks like a saved stream, so that one is a seed. Magic, number and checksums of its frames are made right here, and a
// length goes to the input's end at most. Frames of three types that do not exist are events: BREAK, TICK and RECOVER.
#include "tests/fuzz/receive.h"

#include "proto/frame.h"

enum { EVENT_BREAK = 200, EVENT_TICK = 201, EVENT_RECOVER = 202 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A HELLO that resumes asks for the dump that is there, as its sender would: both ids are random. */
static void make_hello_fit(const struct receive *r, uint8_t *payload, uint32_t len)
{
	struct kf_message m;
	struct kf_error err;
	struct kf_writer w;
	uint8_t *copy;

	if (kf_decode(&m, KF_MSG_HELLO, payload, len, &err) || !(m.hello.flags & KF_HELLO_RESUME))
		return;
	copy = malloc(len);
	if (!copy)
		return;
	memcpy(copy, payload, len);
	if (kf_decode(&m, KF_MSG_HELLO, copy, len, &err))
		abort();
	memcpy(m.hello.session, r->id.session, sizeof(m.hello.session));
	memcpy(m.hello.token, r->id.token, sizeof(m.hello.token));
	w = kf_writer_on(payload, len);
	kf_encode(&w, &m);
	free(copy);
}

static void event(struct receive *r, uint8_t type)
{
	if (type == EVENT_TICK) {
		kf_assembler_tick(r->rig.a);
		rig_pump(&r->rig);
		return;
	}
	receive_break(r);
	if (type == EVENT_RECOVER)
		receive_recover(r);
	receive_connect(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct receive r;
	uint64_t number = 0;
	unsigned int events = 0;

	if (size < KF_PREFACE_BYTES)
		return 0;
	receive_init(&r);
	receive_connect(&r);
	for (size_t at = KF_PREFACE_BYTES; size - at >= KF_HEADER_BYTES && events < 8;) {
		struct kf_header h = { .type = data[at + 2], .len = kf_le32_at(data + at + 4), .number = number };
		uint8_t *frame;

		at += KF_HEADER_BYTES;
		if (h.len > size - at)
			h.len = (uint32_t)(size - at);
		if (h.type >= EVENT_BREAK && h.type <= EVENT_RECOVER) {
			events++;
			event(&r, h.type);
			number = 0;
			at += h.len;
			continue;
		}
		frame = malloc(KF_HEADER_BYTES + h.len);
		if (!frame)
			abort();
		memcpy(frame + KF_HEADER_BYTES, data + at, h.len);
		if (h.type == KF_MSG_HELLO)
			make_hello_fit(&r, frame + KF_HEADER_BYTES, h.len);
		h.payload_crc = kf_crc32c(frame + KF_HEADER_BYTES, h.len);
		kf_header_encode(frame, &h);
		receive_give(&r, frame, KF_HEADER_BYTES + h.len);
		r.end_came |= h.type == KF_MSG_END;
		free(frame);
		number++;
		at += h.len;
	}
	receive_break(&r);
	receive_deinit(&r);
	return 0;
}
