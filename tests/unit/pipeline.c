// SPDX-License-Identifier: GPL-2.0-or-later
// The pipeline: frames leave in the scanner's order whatever packs them, and its first failure reaches everybody.
#include "tests/unit/unit.h"

#include "proto/parser.h"
#include "sender/dump/pipeline.h"
#include "tests/unit/wire/canned.h"

static void no_tick(void *context)
{
	(void)context;
}

static struct kf_pipeline *start(struct canned *c, unsigned int threads, enum kf_wire_codec codec)
{
	struct kf_pipeline_setup setup = {
		.transport = &c->transport, .encoding = { codec, KF_REST_ZSTD, 12 }, .threads = threads, .tick = no_tick,
	};
	struct kf_pipeline *p;
	struct kf_error err;

	CHECK_OK("create", kf_pipeline_create(&p, &setup, &err), &err);
	return p;
}

static enum kf_status keep_alive(struct kf_pipeline *p, struct kf_error *err)
{
	const struct kf_message m = { .type = KF_MSG_KEEPALIVE };

	return kf_pipeline_control(p, &m, err);
}

/* A batch of one page whose every byte is N. */
static enum kf_status send_batch(struct kf_pipeline *p, uint64_t n, struct kf_error *err)
{
	struct kf_slot *slot;

	if (kf_pipeline_batch(p, &slot, err))
		return err->status;
	memset(kf_slot_next(slot), (int)(n & 0xff), 4096);
	kf_slot_append(slot, n, KF_RUN_DATA, 12);
	kf_pipeline_submit(p, slot);
	return KF_OK;
}

static enum kf_status send_end(struct kf_pipeline *p, struct kf_error *err)
{
	const struct kf_message m = { .type = KF_MSG_END };

	return kf_pipeline_control(p, &m, err);
}

/* Every third frame is a control frame; batch N has pfn N. */
static void check_frames(const struct canned *c, uint64_t count)
{
	struct kf_parser *p = kf_parser_create(KF_ROLE_SENDER);
	uint64_t seen = 0;
	size_t at = 0;

	while (at < c->sent_bytes) {
		struct kf_frame frame;
		struct kf_error err;
		uint8_t *where;
		size_t room;
		bool got;

		kf_parser_space(p, &where, &room);
		room = room < c->sent_bytes - at ? room : c->sent_bytes - at;
		memcpy(where, c->sent + at, room);
		at += room;
		CHECK_OK("frame", kf_parser_advance(p, room, &frame, &got, &err), &err);
		if (!got)
			continue;
		if (seen < count && seen % 3 != 2) {
			struct kf_message m;

			CHECK_OK("batch", kf_decode(&m, frame.type, frame.payload, frame.len, &err), &err);
			assert_int_equal(m.type, KF_MSG_BATCH);
			assert_int_equal(kf_run_at(m.batch.runs, 0).first, seen);
		} else {
			assert_int_equal(frame.type, seen < count ? KF_MSG_KEEPALIVE : KF_MSG_END);
		}
		free(frame.payload);
		seen++;
	}
	assert_int_equal(seen, count + 1);
	assert_true(kf_parser_at_boundary(p));
	kf_parser_destroy(p);
}

static void frames_keep_their_order(void **state)
{
	static const unsigned int threads[] = { 1, 2, 5, 12 };

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++) {
		struct canned c;
		struct kf_pipeline *p;
		struct kf_pipeline_totals totals;
		struct kf_replies replies;
		struct kf_error err;

		canned_init(&c, false);
		p = start(&c, threads[i], i % 2 ? KF_WIRE_NONE : KF_WIRE_LZ4);
		for (uint64_t n = 0; n < 200; n++)
			CHECK_OK("send", n % 3 == 2 ? keep_alive(p, &err) : send_batch(p, n, &err), &err);
		CHECK_OK("drain", kf_pipeline_drain(p, &totals, &err), &err);
		assert_int_equal(totals.batches, 134);
		assert_int_equal(totals.raw_bytes, 134 * 4096);
		CHECK_OK("end", send_end(p, &err), &err);
		CHECK_OK("finish", kf_pipeline_finish(p, &replies, &err), &err);
		assert_true(c.finished);
		kf_pipeline_destroy(p, NULL);
		check_frames(&c, 200);
		canned_free(&c);
	}
}

/* Wherever sending fails: the scanner hears of it at its next step, with the reason, and everything ends. */
static void a_failing_transport(void **state)
{
	static const size_t where[] = { 1, 33, 5000, 60000 };

	(void)state;
	for (size_t i = 0; i < COUNT(where); i++) {
		struct canned c;
		struct kf_pipeline *p;
		struct kf_error err;
		enum kf_status st = KF_OK;

		canned_init(&c, false);
		c.fail_after = where[i];
		p = start(&c, 3, KF_WIRE_NONE);
		for (uint64_t n = 0; n < 1000 && !st; n++)
			st = send_batch(p, n, &err);
		CHECK_REFUSED("send", st, KF_FAILED, &err, "the cable was cut");
		CHECK_REFUSED("again", keep_alive(p, &err), KF_FAILED, &err, "the cable was cut");
		assert_false(c.finished);
		kf_pipeline_destroy(p, &err);
		canned_free(&c);
	}
}

static void finishing_that_fails(void **state)
{
	struct canned c;
	struct kf_pipeline *p;
	struct kf_replies replies;
	struct kf_error err;

	(void)state;
	canned_init(&c, false);
	c.fails_to_finish = true;
	p = start(&c, 1, KF_WIRE_LZ4);
	CHECK_OK("end", send_end(p, &err), &err);
	CHECK_REFUSED("finish", kf_pipeline_finish(p, &replies, &err), KF_FAILED, &err, "the disk is full");
	kf_pipeline_destroy(p, &err);
	canned_free(&c);
}

static size_t make_answers(uint8_t *out, size_t size, const struct kf_message *last)
{
	const struct kf_message welcome = { .type = KF_MSG_WELCOME };
	struct kf_writer w = kf_writer_on(out, size);

	kf_preface_encode(kf_put_space(&w, KF_PREFACE_BYTES), KF_ROLE_RECEIVER);
	kf_encode_frame(&w, &welcome, 0);
	if (last)
		kf_encode_frame(&w, last, 1);
	assert_false(w.failed);
	return kf_written(&w);
}

static void stored_is_what_the_receiver_calls_stored(void **state)
{
	struct kf_message stored = { .type = KF_MSG_STORED };
	struct kf_pipeline *p;
	struct kf_replies replies;
	struct kf_error err;
	uint8_t answers[512];
	struct canned c;

	(void)state;
	stored.stored = (struct kf_stored){ KF_STORED_WHOLE, kf_string_of("host-2030") };
	canned_init(&c, true);
	c.answers = answers;
	c.answer_bytes = make_answers(answers, sizeof(answers), &stored);
	c.piece = 5;
	c.slow = true;
	p = start(&c, 1, KF_WIRE_LZ4);
	CHECK_OK("end", send_end(p, &err), &err);
	CHECK_OK("finish", kf_pipeline_finish(p, &replies, &err), &err);
	assert_true(replies.stored && replies.welcomed);
	assert_string_equal(replies.stored_name, "host-2030");
	kf_pipeline_destroy(p, NULL);
	canned_free(&c);

	/* It hangs up first. */
	canned_init(&c, true);
	c.answers = answers;
	c.answer_bytes = make_answers(answers, sizeof(answers), NULL);
	c.closes = true;
	c.answer_after = KF_PREFACE_BYTES + KF_HEADER_BYTES + 100;
	p = start(&c, 1, KF_WIRE_LZ4);
	if (!send_end(p, &err))
		CHECK_REFUSED("hangs up", kf_pipeline_finish(p, &replies, &err), KF_ABSENT, &err, "closed");
	kf_pipeline_destroy(p, &err);
	canned_free(&c);
}

/* A dump that is given up tells the receiver why, as the last thing that it sends. */
static void giving_up_is_told(void **state)
{
	struct kf_pipeline *p;
	struct kf_pipeline_totals totals;
	struct kf_error err;
	uint8_t answers[512];
	struct canned c;
	static const char words[] = "the vmcore went away";
	bool told = false;

	(void)state;
	canned_init(&c, true);
	c.answers = answers;
	c.answer_bytes = make_answers(answers, sizeof(answers), NULL);
	p = start(&c, 2, KF_WIRE_LZ4);
	CHECK_OK("batch", send_batch(p, 1, &err), &err);
	CHECK_OK("drain", kf_pipeline_drain(p, &totals, &err), &err);
	kf_fail(&err, KF_FAILED, "%s", words);
	kf_pipeline_destroy(p, &err);
	for (size_t i = 0; i + sizeof(words) - 1 <= c.sent_bytes; i++)
		told = told || memcmp(c.sent + i, words, sizeof(words) - 1) == 0;
	assert_true(told);
	assert_false(c.finished);
	canned_free(&c);
	kf_pipeline_destroy(NULL, NULL);
}

/* A log or a list of ranges may be larger than a slot. */
static void large_control_frames(void **state)
{
	static uint8_t text[KF_BLOCK_MAX];
	struct kf_message m = { .type = KF_MSG_VMCOREINFO };
	struct kf_pipeline *p;
	struct kf_replies replies;
	struct kf_error err;
	struct canned c;

	(void)state;
	canned_init(&c, false);
	p = start(&c, 1, KF_WIRE_LZ4);
	m.block = (struct kf_block){ .bytes = text, .len = sizeof(text) };
	for (unsigned int i = 0; i < 10; i++)
		CHECK_OK("large", kf_pipeline_control(p, &m, &err), &err);
	CHECK_OK("end", send_end(p, &err), &err);
	CHECK_OK("finish", kf_pipeline_finish(p, &replies, &err), &err);
	kf_pipeline_destroy(p, NULL);
	assert_true(c.sent_bytes > 10 * sizeof(text));
	canned_free(&c);
	/* One that is over its cap is refused before it goes. */
	canned_init(&c, false);
	p = start(&c, 1, KF_WIRE_LZ4);
	m = (struct kf_message){ .type = KF_MSG_KEEPALIVE };
	CHECK_OK("small", kf_pipeline_control(p, &m, &err), &err);
	kf_pipeline_destroy(p, NULL);
	canned_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_keep_their_order),
		cmocka_unit_test(a_failing_transport),
		cmocka_unit_test(finishing_that_fails),
		cmocka_unit_test(stored_is_what_the_receiver_calls_stored),
		cmocka_unit_test(giving_up_is_told),
		cmocka_unit_test(large_control_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
