// SPDX-License-Identifier: GPL-2.0-or-later
// The printer: a line for each message, nothing that a terminal would obey, and a last word.
#include "tests/unit/recv/plan.h"
#include "tests/unit/unit.h"

#include <unistd.h>

#include "receiver/stream/print.h"

/* Prints LEN bytes of S; the text is the caller's to free. */
static char *print(const struct plan_stream *s, size_t len, enum kf_status *st)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size), *in = tmpfile();
	struct kf_error err;

	assert_int_equal(fwrite(s->bytes, 1, len, in), len);
	fflush(in);
	lseek(fileno(in), 0, SEEK_SET);
	*st = kf_print_stream(out, fileno(in), &err);
	fclose(in);
	fclose(out);
	return text;
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
		"0 HELLO new program=\"plan 1.0\" host=\"../made up?\"\n",
		"1 DUMP page=4096 max_mapnr=0x3e9",
		"2 VMCOREINFO 31 bytes",
		"LOG 20 bytes at 0\n",
		"at 20 last\n",
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
		if (!strstr(text, parts[i]))
			fail_msg("not printed: %s", parts[i]);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
