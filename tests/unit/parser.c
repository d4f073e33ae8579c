// SPDX-License-Identifier: GPL-2.0-or-later
// The push parser: one stream in pieces of every size, cut at every byte, with every byte damaged.
#include "tests/unit/unit.h"

#include "proto/message.h"
#include "proto/parser.h"

#define STREAM_MAX 4096u

static uint8_t stream[STREAM_MAX];
static size_t stream_len;
static size_t ends[8];		/* where each frame ends; ends[0] is the preface */
static size_t end_count;
static uint8_t text[700];

static void add(struct kf_writer *w, const struct kf_message *m)
{
	kf_encode_frame(w, m, end_count - 1);
	assert_false(w->failed);
	ends[end_count++] = kf_written(w);
}

/* A preface and four frames: short, empty, long, short. */
static int make_stream(void **state)
{
	struct kf_writer w = kf_writer_on(stream, sizeof(stream));
	struct kf_message hello = { .type = KF_MSG_HELLO }, alive = { .type = KF_MSG_KEEPALIVE },
			  info = { .type = KF_MSG_VMCOREINFO }, abort_ = { .type = KF_MSG_ABORT };

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	hello.hello.program = kf_string_of("test");
	info.block.bytes = text;
	info.block.len = sizeof(text);
	abort_.abort = (struct kf_abort){ KF_ABORT_STOPPED, kf_string_of("enough") };
	kf_preface_encode(kf_put_space(&w, KF_PREFACE_BYTES), KF_ROLE_SENDER);
	ends[end_count++] = kf_written(&w);
	add(&w, &hello);
	add(&w, &alive);
	add(&w, &info);
	add(&w, &abort_);
	stream_len = kf_written(&w);
	return 0;
}

struct result {
	enum kf_status status;
	struct kf_error err;
	size_t frames;
	bool at_boundary;
	uint64_t bytes;
};

/* Feeds LEN bytes, at most PIECE at once. */
static struct result feed(const uint8_t *bytes, size_t len, size_t piece)
{
	static const uint8_t types[] = { KF_MSG_HELLO, KF_MSG_KEEPALIVE, KF_MSG_VMCOREINFO, KF_MSG_ABORT };
	struct kf_parser *p = kf_parser_create(KF_ROLE_SENDER);
	struct result r = { .status = KF_OK };
	size_t at = 0;

	while (at < len && !r.status) {
		struct kf_frame frame;
		uint8_t *where;
		size_t room, n;
		bool got;

		kf_parser_space(p, &where, &room);
		assert_true(room > 0);
		n = room < piece ? room : piece;
		n = n < len - at ? n : len - at;
		memcpy(where, bytes + at, n);
		at += n;
		r.status = kf_parser_advance(p, n, &frame, &got, &r.err);
		if (r.status || !got)
			continue;
		assert_int_equal(frame.number, r.frames);
		assert_int_equal(frame.type, types[r.frames]);
		assert_int_equal(frame.len, ends[r.frames + 1] - ends[r.frames] - KF_HEADER_BYTES);
		assert_true(frame.len || !frame.payload);
		assert_true(!frame.len || memcmp(frame.payload, stream + ends[r.frames] + KF_HEADER_BYTES, frame.len) == 0);
		free(frame.payload);
		r.frames++;
	}
	r.at_boundary = kf_parser_at_boundary(p);
	r.bytes = kf_parser_bytes(p);
	kf_parser_destroy(p);
	return r;
}

static void pieces_of_every_size(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= stream_len; piece++) {
		struct result r = feed(stream, stream_len, piece);

		CHECK_OK("stream", r.status, &r.err);
		assert_int_equal(r.frames, 4);
		assert_true(r.at_boundary);
		assert_int_equal(r.bytes, stream_len);
	}
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t len = 0; len <= stream_len; len++) {
		struct result r = feed(stream, len, 97);
		bool boundary = len == 0;
		size_t frames = 0;

		for (size_t i = 0; i < end_count; i++) {
			boundary = boundary || ends[i] == len;
			frames += i > 0 && ends[i] <= len;
		}
		CHECK_OK("cut", r.status, &r.err);
		assert_int_equal(r.at_boundary, boundary);
		assert_int_equal(r.frames, frames);
	}
}

/* Whichever bit is damaged, it is noticed in the frame (or preface) that has it, and not before. */
static void damaged_at_every_bit(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * stream_len; bit++) {
		uint8_t copy[STREAM_MAX];
		size_t frame = 0;
		struct result r;

		memcpy(copy, stream, stream_len);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		while (bit / 8 >= ends[frame])
			frame++;
		r = feed(copy, stream_len, STREAM_MAX);
		assert_int_equal(r.status, KF_INVALID);
		assert_int_equal(r.frames, frame ? frame - 1 : 0);
	}
}

static void says_what_is_damaged(void **state)
{
	const struct {
		const char *name;
		size_t at;
		const char *refusal;
	} rows[] = {
		{ "magic", 0, "not a kferry stream" },
		{ "preface", 12, "preface is damaged" },
		{ "header of frame 0", ends[0] + 4, "frame 0: its header is damaged" },
		{ "payload of frame 0", ends[0] + KF_HEADER_BYTES, "frame 0: its payload is damaged" },
		{ "header of frame 2", ends[2] + 23, "frame 2: its header is damaged" },
		{ "last byte of frame 2", ends[3] - 1, "frame 2: its payload is damaged" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t copy[STREAM_MAX];
		struct result r;

		memcpy(copy, stream, stream_len);
		copy[rows[i].at] ^= 0x10;
		r = feed(copy, stream_len, 7);
		CHECK_REFUSED(rows[i].name, r.status, KF_INVALID, &r.err, rows[i].refusal);
	}
}

static void frames_out_of_turn(void **state)
{
	uint8_t copy[STREAM_MAX];
	struct result r;
	size_t first = ends[1] - ends[0];

	(void)state;
	/* Frame 0 lacks. */
	memcpy(copy, stream, ends[0]);
	memcpy(copy + ends[0], stream + ends[1], stream_len - ends[1]);
	r = feed(copy, stream_len - first, STREAM_MAX);
	CHECK_REFUSED("gap", r.status, KF_INVALID, &r.err, "frame 1 came where 0 should");
	/* Frame 0 twice. */
	memcpy(copy, stream, ends[1]);
	memcpy(copy + ends[1], stream + ends[0], first);
	r = feed(copy, ends[1] + first, STREAM_MAX);
	CHECK_REFUSED("twice", r.status, KF_INVALID, &r.err, "frame 0 came where 1 should");
}

static void wrong_role(void **state)
{
	struct kf_parser *p = kf_parser_create(KF_ROLE_RECEIVER);
	struct kf_frame frame;
	struct kf_error err;
	uint8_t *where;
	size_t room;
	bool got;

	(void)state;
	kf_parser_space(p, &where, &room);
	memcpy(where, stream, KF_PREFACE_BYTES);
	CHECK_REFUSED("role", kf_parser_advance(p, KF_PREFACE_BYTES, &frame, &got, &err), KF_INVALID, &err, "bytes of a sender");
	kf_parser_destroy(p);
	kf_parser_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_every_size),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(damaged_at_every_bit),
		cmocka_unit_test(says_what_is_damaged),
		cmocka_unit_test(frames_out_of_turn),
		cmocka_unit_test(wrong_role),
	};

	return cmocka_run_group_tests(tests, make_stream, NULL);
}
