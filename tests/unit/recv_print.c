// SPDX-License-Identifier: GPL-2.0-or-later
// The printer: a line for each message, nothing that a terminal would obey, and a last word.
#include "tests/unit/recv/plan.h"
#include "tests/unit/unit.h"

#include <unistd.h>

#include "proto/preface.h"
#include "receiver/store/journal.h"
#include "receiver/stream/print.h"

/* Prints LEN bytes; the text is the caller's to free. */
static char *print_bytes(const uint8_t *bytes, size_t len, bool all, enum kf_status *st)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size), *in = tmpfile();
	struct kf_error err;

	assert_int_equal(fwrite(bytes, 1, len, in), len);
	fflush(in);
	lseek(fileno(in), 0, SEEK_SET);
	*st = kf_print_stream(out, fileno(in), all, &err);
	fclose(in);
	fclose(out);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	return text;
}

static char *print(const struct plan_stream *s, size_t len, enum kf_status *st)
{
	return print_bytes(s->bytes, len, false, st);
}

static void must_say(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("not printed: %s", part);
}

static const char *last_line(const char *text)
{
	const char *end = text + strlen(text) - 1;

	assert_int_equal(*end, '\n');
	while (end > text && end[-1] != '\n')
		end--;
	return end;
}

static void whole(void **state)
{
	static const char *const parts[] = {
		"a sender's stream, version 1, optional features 0x0\n0 @32 HELLO new program=\"plan 1.0\" host=\"../made up?\"\n",
		" DUMP page=4096 max_mapnr=0x3e9",
		" VMCOREINFO 31 bytes",
		"LOG 20 bytes at 0, xxh3=",
		" last\n",
		"RAM 3 ranges\n    ranges [0x1, 0x280) [0x290, 0x2bc) [0x300, 0x3e8), 915 pages\n",
		"VITAL 1 ranges\n",
		"BATCH lz4 ",
		"WINDOW closes the vital pages\n",
		"WINDOW [0x100, 0x200)\n",
		"unreadable [0x25e, 0x260), 2 pages",
		"END complete, 5 windows",
	};
	struct plan_stream s;
	struct plan p;
	enum kf_status st;
	char *text;

	(void)state;
	plan_default(&p);
	plan_add(p.vital, 250, 252);
	plan_stream_make(&s, &p, NULL, NULL);
	text = print(&s, s.len, &st);
	assert_int_equal(st, KF_OK);
	for (size_t i = 0; i < COUNT(parts); i++)
		must_say(text, parts[i]);
	assert_null(strstr(text, "Kernel panic"));
	assert_int_equal(strncmp(last_line(text), "whole: ", 7), 0);
	free(text);
	plan_stream_free(&s);
}

static void not_whole(void **state)
{
	struct plan_stream s;
	struct plan p;
	enum kf_status st;
	char *text;

	(void)state;
	plan_default(&p);
	p.reason = KF_END_SPACE;
	plan_stream_make(&s, &p, NULL, NULL);
	text = print(&s, s.len, &st);
	assert_int_equal(st, KF_INCOMPLETE);
	CHECK_TEXT("ends early", last_line(text), "not whole: the sender ended early: space\n");
	free(text);
	text = print(&s, 0, &st);
	assert_int_equal(st, KF_INCOMPLETE);
	CHECK_TEXT("empty", last_line(text), "not whole: not a byte came\n");
	free(text);
	text = print(&s, s.len - 1, &st);
	assert_int_equal(st, KF_INCOMPLETE);
	assert_non_null(strstr(last_line(text), "without END"));
	free(text);
	s.bytes[s.len - 1] ^= 1;
	text = print(&s, s.len, &st);
	assert_int_equal(st, KF_INVALID);
	assert_non_null(strstr(last_line(text), "damaged"));
	free(text);
	plan_stream_free(&s);
}

/* Everything: the texts, every range, what each packed page takes. */
static void all_of_it(void **state)
{
	static const uint8_t nasty[] = "a\x1b[2J\\\n\xff";
	uint8_t frame[128];
	struct plan_stream s;
	struct plan p;
	enum kf_status st;
	struct kf_writer w;
	char *text;

	(void)state;
	plan_default(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	text = print_bytes(s.bytes, s.len, true, &st);
	assert_int_equal(st, KF_OK);
	must_say(text, "\n    | [    0.0] a made-up");
	must_say(text, " hwpoison=0 ");
	assert_null(strstr(text, " more"));
	free(text);
	plan_stream_free(&s);
	/* A log with what a terminal would obey. */
	w = kf_writer_on(frame, sizeof(frame));
	kf_encode_frame(&w, &(struct kf_message){ .type = KF_MSG_LOG, .block = { .bytes = nasty, .len = sizeof(nasty) - 1, .flags = KF_LOG_LAST } }, 0);
	assert_false(w.failed);
	{
		struct kf_message m;
		struct kf_error err;
		char *shown = NULL;
		size_t size;
		struct kf_printer printer = { .out = open_memstream(&shown, &size), .all = true };

		assert_int_equal(kf_decode(&m, KF_MSG_LOG, frame + KF_HEADER_BYTES, w.at - KF_HEADER_BYTES, &err), KF_OK);
		kf_print_message(&printer, &m);
		fclose(printer.out);
		must_say(shown, "\n    | a\\x1b[2J\\x5c\n    | \\xff");
		free(shown);
	}
}

/* The receiver's direction. */
static void replies(void **state)
{
	static const struct kf_message said[] = {
		{ .type = KF_MSG_WELCOME, .welcome = { .session = { 0xab, 1 }, .token = { 0xcd } } },
		{ .type = KF_MSG_RESUME, .resume = { .pfn = 64, .flags = KF_RESUME_INTRO, .carry = { 70, KF_FREE } } },
		{ .type = KF_MSG_RECEIVED, .received = { 77 } },
		{ .type = KF_MSG_DURABLE, .resume = { .pfn = 128, .flags = KF_RESUME_INTRO | KF_RESUME_VITAL } },
		{ .type = KF_MSG_LEVEL, .level = { 31 } },
		{ .type = KF_MSG_STORED, .stored = { .flags = KF_STORED_WHOLE, .name = { "a-1", 3 } } },
	};
	static const char *const parts[] = {
		"a receiver's stream, version 1", "0 @32 WELCOME session=ab01000000", " token-xxh3=", "RESUME pfn=0x40 intro in=free to 0x46",
		"RECEIVED 77 bytes", "DURABLE pfn=0x80 intro vital\n", "LEVEL 31\n", "STORED whole name=\"a-1\"\nwhole: 6 messages",
	};
	uint8_t bytes[1024];
	struct kf_writer w = kf_writer_on(bytes, sizeof(bytes));
	enum kf_status st;
	char *text;

	(void)state;
	kf_preface_encode(bytes, KF_ROLE_RECEIVER);
	w.at = KF_PREFACE_BYTES;
	for (size_t i = 0; i < COUNT(said); i++)
		kf_encode_frame(&w, &said[i], i);
	assert_false(w.failed);
	text = print_bytes(bytes, w.at, false, &st);
	assert_int_equal(st, KF_OK);
	for (size_t i = 0; i < COUNT(parts); i++)
		must_say(text, parts[i]);
	assert_null(strstr(text, "cd0000"));
	free(text);
}

/* A journal, whole and with a damaged record at its end. */
static void journal(void **state)
{
	static const struct kf_welcome who = { .session = { 0xab }, .token = { 0xcd } };
	const struct kf_sum128 none = { 0 };
	uint8_t runs[KF_RUN_BYTES * 2], entries[2 * KF_ENTRY_BYTES], payload[256];
	struct kf_writer w = kf_writer_on(runs, sizeof(runs)), e = kf_writer_on(entries, sizeof(entries)), f = kf_writer_on(payload, sizeof(payload));
	static const uint8_t excluded = 64;
	struct kf_window window = { .end = 64, .run_count = 1, .runs = &excluded, .runs_bytes = 1, .tally.pages[KF_FREE] = 64 };
	struct kf_stored_pages pages = { .at = 8192, .bytes = 130, .run_count = 2, .entry_count = 2, .runs = runs, .entries = entries };
	struct kf_records r = { 0 };
	struct kf_error err;
	enum kf_status st;
	char *text;

	(void)state;
	kf_put_u64(&w, 5), kf_put_u32(&w, 2), kf_put_u32(&w, KF_RUN_DATA);
	kf_put_u64(&w, 9), kf_put_u32(&w, 3), kf_put_u32(&w, KF_RUN_ZERO);
	kf_put_u32(&e, kf_entry(100, KF_REST_ZLIB)), kf_put_u32(&e, kf_entry(30, KF_REST_RAW));
	kf_encode(&f, &(struct kf_message){ .type = KF_MSG_WINDOW, .window = window });
	assert_false(w.failed || e.failed || f.failed);
	assert_int_equal(kf_journal_put_header(&r, &err), KF_OK);
	assert_int_equal(kf_journal_put_session(&r, &who, 7, &err), KF_OK);
	assert_int_equal(kf_journal_put_intro(&r, 4096, &err), KF_OK);
	assert_int_equal(kf_journal_put_pages(&r, &pages, &err), KF_OK);
	assert_int_equal(kf_journal_put_window(&r, &none, payload, f.at, &err), KF_OK);
	text = print_bytes(r.bytes, r.used, true, &st);
	assert_int_equal(st, KF_OK);
	must_say(text, "a journal, version 2\n@16 SESSION session=ab00");
	must_say(text, "begun=7\n");
	must_say(text, "INTRO zero page at 4096 of the dump file\n");
	must_say(text, "PAGES 2 data pages, 130 bytes at 8192");
	must_say(text, "2 runs [0x5, 0x7) [0x9, 0xc)zero\n    0x5 zlib 100 bytes\n    0x6 raw 30 bytes\n");
	must_say(text, "WINDOW [0x0, 0x40)\n");
	must_say(last_line(text), "to its end: 4 records");
	free(text);
	r.bytes[r.used - 1] ^= 1;
	text = print_bytes(r.bytes, r.used, false, &st);
	assert_int_equal(st, KF_INCOMPLETE);
	must_say(last_line(text), "not whole: journal: the record at ");
	free(text);
	kf_records_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(not_whole),
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(replies),
		cmocka_unit_test(journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
