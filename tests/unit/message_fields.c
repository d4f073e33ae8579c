// SPDX-License-Identifier: GPL-2.0-or-later
// Every message: the fields that its bytes mean, and the same bytes again when it is encoded.
#include "tests/unit/unit.h"

#include "common/checksum.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "tests/unit/sample/payload.h"

static struct sample s;

static struct kf_message decoded(uint8_t type)
{
	struct kf_message m;
	struct kf_error err;

	sample_of(&s, type);
	CHECK_OK(s.name, kf_decode(&m, type, s.bytes, s.len, &err), &err);
	assert_int_equal(m.type, type);
	return m;
}

static void there_and_back(void **state)
{
	struct sample all[SAMPLES];

	(void)state;
	sample_all(all);
	for (size_t i = 0; i < SAMPLES; i++) {
		uint8_t out[SAMPLE_MAX];
		struct kf_writer w = kf_writer_on(out, sizeof(out));
		struct kf_message m;
		struct kf_error err;

		CHECK_OK(all[i].name, kf_decode(&m, all[i].type, all[i].bytes, all[i].len, &err), &err);
		kf_encode(&w, &m);
		CHECK(all[i].name, !w.failed);
		CHECK_EQ(all[i].name, kf_written(&w), all[i].len);
		CHECK(all[i].name, memcmp(out, all[i].bytes, all[i].len) == 0);
	}
}

static void as_a_frame(void **state)
{
	struct sample all[SAMPLES];

	(void)state;
	sample_all(all);
	for (size_t i = 0; i < SAMPLES; i++) {
		uint8_t out[SAMPLE_MAX + KF_HEADER_BYTES];
		struct kf_writer w = kf_writer_on(out, sizeof(out));
		struct kf_message m;
		struct kf_header h;
		struct kf_error err;

		CHECK_OK(all[i].name, kf_decode(&m, all[i].type, all[i].bytes, all[i].len, &err), &err);
		kf_encode_frame(&w, &m, 5 + i);
		CHECK_EQ(all[i].name, kf_written(&w), KF_HEADER_BYTES + all[i].len);
		CHECK_OK(all[i].name, kf_header_decode(&h, out, 5 + i, &err), &err);
		CHECK_EQ(all[i].name, h.type, all[i].type);
		CHECK_EQ(all[i].name, h.len, all[i].len);
		CHECK_EQ(all[i].name, h.payload_crc, kf_crc32c(all[i].bytes, all[i].len));
		/* Too little room: the writer says so. */
		w = kf_writer_on(out, KF_HEADER_BYTES + all[i].len - 1);
		kf_encode_frame(&w, &m, 0);
		CHECK(all[i].name, w.failed);
	}
}

static void check_text(const char *name, const struct kf_string *text, const char *wanted)
{
	CHECK_EQ(name, text->len, strlen(wanted));
	CHECK(name, memcmp(text->text, wanted, text->len) == 0);
}

static void check_tally(const char *name, const struct kf_tally *t)
{
	static const uint64_t pages[KF_CLASSES] = { 158, 20, 10, 80, 40, 5, 3, 4 };

	for (int i = 0; i < KF_CLASSES; i++)
		CHECK_EQ(name, t->pages[i], pages[i]);
	CHECK_EQ(name, t->zero, 10);
	CHECK_EQ(name, t->unreadable, 3);
	CHECK_EQ(name, t->undecided, 6);
	CHECK_EQ(name, t->rescued, 1);
}

static void hello(void **state)
{
	struct kf_message m = decoded(KF_MSG_HELLO);

	(void)state;
	CHECK_EQ(s.name, m.hello.flags, KF_HELLO_RESUME);
	CHECK_EQ(s.name, m.hello.session[15], 0x1f);
	CHECK_EQ(s.name, m.hello.token[31], 0x5f);
	check_text(s.name, &m.hello.program, "kferry-send 9.9");
	check_text(s.name, &m.hello.host, "crashed.example");
}

static void dump(void **state)
{
	struct kf_message m = decoded(KF_MSG_DUMP);

	(void)state;
	CHECK_EQ(s.name, m.dump.page_shift, 12);
	CHECK_EQ(s.name, m.dump.nr_cpus, 3);
	CHECK_EQ(s.name, m.dump.max_mapnr, 0x40000);
	CHECK_EQ(s.name, m.dump.phys_base, 0xfffffffff0000000);
	CHECK_EQ(s.name, m.dump.crash_time, 1700000000);
	CHECK_EQ(s.name, m.dump.notes_bytes, 5000);
	CHECK_EQ(s.name, m.dump.vmcoreinfo_offset, 1000);
	CHECK_EQ(s.name, m.dump.vmcoreinfo_bytes, 4000);
	CHECK_EQ(s.name, m.dump.level, 31);
	CHECK_EQ(s.name, m.dump.rest, KF_REST_ZSTD);
	CHECK_TEXT(s.name, m.dump.uts[KF_UTS_SYSNAME], "Linux");
	CHECK_TEXT(s.name, m.dump.uts[KF_UTS_RELEASE], "6.1.0-test");
	CHECK_TEXT(s.name, m.dump.uts[KF_UTS_DOMAINNAME], "(none)");
}

static void blocks(void **state)
{
	struct kf_message m = decoded(KF_MSG_VMCOREINFO);

	(void)state;
	CHECK_EQ(s.name, m.block.len, 21);
	CHECK(s.name, m.block.bytes == s.bytes);
	m = decoded(KF_MSG_LOG);
	CHECK_EQ(s.name, m.block.offset, 4096);
	CHECK_EQ(s.name, m.block.flags, KF_LOG_LAST);
	CHECK_EQ(s.name, m.block.len, 6);
	CHECK(s.name, memcmp(m.block.bytes, "panic\n", 6) == 0);
	m = decoded(KF_MSG_NOTES);
	CHECK_EQ(s.name, m.block.offset, 64);
	CHECK_EQ(s.name, m.block.len, 20);
	CHECK_EQ(s.name, m.block.bytes[19], 20);
}

static void ranges(void **state)
{
	static const uint8_t types[] = { KF_MSG_RAM, KF_MSG_VITAL };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct kf_message m = decoded(types[i]);

		CHECK_EQ(s.name, m.list.flags, KF_RANGES_MORE);
		CHECK_EQ(s.name, m.list.ranges.count, 3);
		CHECK_EQ(s.name, kf_range_at(&m.list.ranges, 0).first, 1);
		CHECK_EQ(s.name, kf_range_at(&m.list.ranges, 0).end, 0x9f);
		CHECK_EQ(s.name, kf_range_at(&m.list.ranges, 2).end, 0x300);
	}
}

static void batch(void **state)
{
	struct kf_message m = decoded(KF_MSG_BATCH);

	(void)state;
	CHECK_EQ(s.name, m.batch.codec, KF_WIRE_LZ4);
	CHECK_EQ(s.name, m.batch.page_shift, 12);
	CHECK_EQ(s.name, m.batch.raw_bytes, 3 * 4096);
	CHECK_EQ(s.name, m.batch.xxh3, 0x0123456789abcdef);
	CHECK_EQ(s.name, m.batch.run_count, 3);
	CHECK_EQ(s.name, kf_run_at(m.batch.runs, 1).first, 0x82);
	CHECK_EQ(s.name, kf_run_at(m.batch.runs, 1).count, 5);
	CHECK_EQ(s.name, kf_run_at(m.batch.runs, 1).kind, KF_RUN_ZERO);
	CHECK_EQ(s.name, m.batch.stored_bytes, 40);
	CHECK_EQ(s.name, m.batch.stored[0], 7);
}

static void window(void **state)
{
	struct kf_message m = decoded(KF_MSG_WINDOW);
	struct kf_reader r = kf_reader_on(m.window.runs, m.window.runs_bytes);
	uint64_t pfn = m.window.first;
	struct kf_range kept;

	(void)state;
	CHECK_EQ(s.name, m.window.flags, 0);
	CHECK_EQ(s.name, m.window.first, 0x80);
	CHECK_EQ(s.name, m.window.end, 0x1c0);
	CHECK_EQ(s.name, m.window.in.end, 0xa0);
	CHECK_EQ(s.name, m.window.in.why, KF_FREE);
	CHECK_EQ(s.name, m.window.out.end, 0x400);
	CHECK_EQ(s.name, m.window.out.why, KF_USER);
	check_tally(s.name, &m.window.tally);
	CHECK_EQ(s.name, m.window.unreadable.count, 2);
	CHECK_EQ(s.name, kf_range_at(&m.window.unreadable, 1).first, 0xc0);
	CHECK_EQ(s.name, m.window.undecided.count, 1);
	CHECK_EQ(s.name, kf_range_at(&m.window.undecided, 0).end, 0xa6);
	CHECK_EQ(s.name, m.window.run_count, 5);
	CHECK(s.name, kf_verdict_next(&r, &pfn, &kept));
	CHECK(s.name, kept.first == 0xa0 && kept.end == 0x104);
	CHECK(s.name, kf_verdict_next(&r, &pfn, &kept));
	CHECK(s.name, kept.first == 0x136 && kept.end == 0x170);
	CHECK(s.name, !kf_verdict_next(&r, &pfn, &kept));
}

static void end(void **state)
{
	struct kf_message m = decoded(KF_MSG_END);

	(void)state;
	CHECK_EQ(s.name, m.end.reason, KF_END_DEADLINE);
	check_tally(s.name, &m.end.tally);
	CHECK_EQ(s.name, m.end.windows, 17);
	CHECK_EQ(s.name, m.end.batches, 18);
	CHECK_EQ(s.name, m.end.pages.bytes[15], 0x2f);
	CHECK_EQ(s.name, m.end.verdicts.bytes[0], 0x60);
	CHECK_EQ(s.name, m.end.prepare_us, 100);
	CHECK_EQ(s.name, m.end.scan_us, 200);
	CHECK_EQ(s.name, m.end.total_us, 3000000);
}

static void replies(void **state)
{
	static const uint8_t types[] = { KF_MSG_RESUME, KF_MSG_DURABLE };
	struct kf_message m = decoded(KF_MSG_WELCOME);

	(void)state;
	CHECK_EQ(s.name, m.welcome.session[0], 0x10);
	CHECK_EQ(s.name, m.welcome.token[0], 0x40);
	for (size_t i = 0; i < COUNT(types); i++) {
		m = decoded(types[i]);
		CHECK_EQ(s.name, m.resume.pfn, 0x2000);
		CHECK_EQ(s.name, m.resume.carry.end, 0x2400);
		CHECK_EQ(s.name, m.resume.carry.why, KF_FREE);
		CHECK_EQ(s.name, m.resume.flags, KF_RESUME_INTRO | KF_RESUME_VITAL);
	}
	m = decoded(KF_MSG_RECEIVED);
	CHECK_EQ(s.name, m.received.bytes, 0x123456789a);
	m = decoded(KF_MSG_STORED);
	CHECK_EQ(s.name, m.stored.flags, KF_STORED_WHOLE);
	check_text(s.name, &m.stored.name, "host-2030-01-01-00:00:00");
	m = decoded(KF_MSG_LEVEL);
	CHECK_EQ(s.name, m.level.level, 31);
	m = decoded(KF_MSG_ABORT);
	CHECK_EQ(s.name, m.abort.code, KF_ABORT_SYSTEM);
	check_text(s.name, &m.abort.text, "disk full");
}

static void texts_for_people(void **state)
{
	char out[8];
	struct kf_string text = kf_string_of("ab\x1b[1m\xff");
	char longer[400];

	(void)state;
	kf_string_text(out, sizeof(out), &text);
	assert_string_equal(out, "ab?[1m?");
	kf_string_text(out, 4, &text);
	assert_string_equal(out, "ab?");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(kf_string_of(longer).len, KF_STRING_MAX);
}

static void tallies_add_up(void **state)
{
	struct kf_message m = decoded(KF_MSG_END);
	struct kf_tally sum = m.end.tally;

	(void)state;
	kf_tally_add(&sum, &m.end.tally);
	for (int i = 0; i < KF_CLASSES; i++)
		assert_int_equal(sum.pages[i], 2 * m.end.tally.pages[i]);
	assert_int_equal(sum.zero, 20);
	assert_int_equal(sum.unreadable, 6);
	assert_int_equal(sum.undecided, 12);
	assert_int_equal(sum.rescued, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(as_a_frame),
		cmocka_unit_test(hello),
		cmocka_unit_test(dump),
		cmocka_unit_test(blocks),
		cmocka_unit_test(ranges),
		cmocka_unit_test(batch),
		cmocka_unit_test(window),
		cmocka_unit_test(end),
		cmocka_unit_test(replies),
		cmocka_unit_test(texts_for_people),
		cmocka_unit_test(tallies_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
