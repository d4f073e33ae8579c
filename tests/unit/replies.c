// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's answers at the sender: in pieces of every size, an abort and its words, and what breaks the protocol.
#include "tests/unit/unit.h"

#include "proto/message.h"
#include "sender/dump/replies.h"
#include "tests/unit/wire/canned.h"

static uint8_t bytes[4096];
static struct kf_writer w;
static uint64_t number;

static void begin(enum kf_role role)
{
	w = kf_writer_on(bytes, sizeof(bytes));
	number = 0;
	kf_preface_encode(kf_put_space(&w, KF_PREFACE_BYTES), role);
}

static void add(struct kf_message m)
{
	kf_encode_frame(&w, &m, number++);
	assert_false(w.failed);
}

static struct kf_message stored(uint32_t flags, const char *name)
{
	struct kf_message m = { .type = KF_MSG_STORED };

	m.stored = (struct kf_stored){ flags, kf_string_of(name) };
	return m;
}

static bool end_sent = true;	/* STORED before END is refused, see there */

static enum kf_status pump(struct kf_replies *r, size_t piece, bool closes, struct kf_error *err)
{
	struct canned c;
	enum kf_status st;

	canned_init(&c, true);
	c.answers = bytes;
	c.answer_bytes = kf_written(&w);
	c.piece = piece;
	c.closes = closes;
	CHECK_OK("init", kf_replies_init(r, err), err);
	r->end_sent = end_sent;
	do {
		st = kf_replies_pump(r, &c.transport, err);
	} while (!st && c.given < c.answer_bytes);
	canned_free(&c);
	return st;
}

static void stored_before_end(void **state)
{
	struct kf_replies r;
	struct kf_error err;

	(void)state;
	begin(KF_ROLE_RECEIVER);
	add((struct kf_message){ .type = KF_MSG_WELCOME });
	add(stored(KF_STORED_WHOLE, "too early"));
	end_sent = false;
	CHECK_REFUSED("too early", pump(&r, 1, false, &err), KF_INVALID, &err, "before END");
	assert_false(r.stored);
	end_sent = true;
	kf_replies_deinit(&r);
}

static void all_of_them_in_pieces(void **state)
{
	struct kf_message received = { .type = KF_MSG_RECEIVED }, durable = { .type = KF_MSG_DURABLE }, level = { .type = KF_MSG_LEVEL };

	(void)state;
	received.received.bytes = 12345;
	durable.resume.pfn = 0x2000;
	level.level.level = 31;
	begin(KF_ROLE_RECEIVER);
	add((struct kf_message){ .type = KF_MSG_WELCOME });
	add(received);
	add(durable);
	add(level);
	add((struct kf_message){ .type = KF_MSG_KEEPALIVE });
	add(stored(KF_STORED_WHOLE, "a\x1b[31mb"));
	for (size_t piece = 1; piece <= kf_written(&w); piece++) {
		struct kf_replies r;
		struct kf_error err;

		CHECK_OK("pump", pump(&r, piece, false, &err), &err);
		assert_true(r.welcomed && r.stored);
		assert_int_equal(r.received_bytes, 12345);
		assert_int_equal(r.durable_pfn, 0x2000);
		assert_int_equal(r.stored_flags, KF_STORED_WHOLE);
		assert_string_equal(r.stored_name, "a?[31mb");	/* nothing of the peer's reaches a terminal raw */
		kf_replies_deinit(&r);
	}
}

static void what_ends_it(void **state)
{
	struct kf_message aborted = { .type = KF_MSG_ABORT };
	struct kf_replies r;
	struct kf_error err;

	(void)state;
	aborted.abort = (struct kf_abort){ KF_ABORT_REFUSED, kf_string_of("too\nmany") };
	begin(KF_ROLE_RECEIVER);
	add(aborted);
	CHECK_REFUSED("abort", pump(&r, 7, false, &err), KF_REFUSED, &err, "the receiver ended it (refused): too?many");
	kf_replies_deinit(&r);

	begin(KF_ROLE_RECEIVER);
	add((struct kf_message){ .type = KF_MSG_WELCOME });
	CHECK_REFUSED("closed", pump(&r, 7, true, &err), KF_ABSENT, &err, "closed");
	kf_replies_deinit(&r);

	begin(KF_ROLE_RECEIVER);
	add(stored(KF_STORED_WHOLE, "x"));
	CHECK_REFUSED("order", pump(&r, 7, false, &err), KF_INVALID, &err, "STORED may not come after");
	assert_false(r.stored);
	kf_replies_deinit(&r);

	begin(KF_ROLE_RECEIVER);
	add((struct kf_message){ .type = KF_MSG_WELCOME });
	add(stored(8, "x"));
	CHECK_REFUSED("field", pump(&r, 7, false, &err), KF_INVALID, &err, "the receiver's answer: STORED: unknown flags");
	kf_replies_deinit(&r);

	begin(KF_ROLE_SENDER);
	CHECK_REFUSED("role", pump(&r, 7, false, &err), KF_INVALID, &err, "bytes of a sender");
	kf_replies_deinit(&r);

	begin(KF_ROLE_RECEIVER);
	bytes[0] = 'H';
	CHECK_REFUSED("something else", pump(&r, 7, false, &err), KF_INVALID, &err, "not a kferry stream");
	kf_replies_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_before_end),
		cmocka_unit_test(all_of_them_in_pieces),
		cmocka_unit_test(what_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
