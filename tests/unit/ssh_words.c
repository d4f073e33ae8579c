// SPDX-License-Identifier: GPL-2.0-or-later
// What a command on the server writes to its standard error: as clean lines, few of them, the last kept for the error.
#include "tests/unit/unit.h"

#include "sender/transport/sshwords.h"

struct heard {
	char text[64 << 10];
	unsigned int lines;
};

static void hear(void *context, const char *line)
{
	struct heard *h = context;
	size_t used = strlen(h->text);

	h->lines++;
	snprintf(h->text + used, sizeof(h->text) - used, "%s\n", line);
}

static void lines(void **state)
{
	static const struct {
		const char *story, *said, *shown, *last;
	} rows[] = {
		{ "a line", "command not found\n", "server: command not found\n", "command not found" },
		{ "two lines", "one\ntwo\n", "server: one\nserver: two\n", "two" },
		{ "lines of DOS", "one\r\ntwo\r\n", "server: one\nserver: two\n", "two" },
		{ "no newline at the end", "one\ntwo", "server: one\nserver: two\n", "two" },
		{ "empty lines", "\n\none\n\n\n", "server: one\n", "one" },
		{ "blanks at the end", "one   \n   \n", "server: one\n", "one" },
		{ "colours and bells", "\033[31mred\007\n", "server: ?[31mred?\n", "?[31mred?" },
		{ "tabs", "a\tb\n", "server: a b\n", "a b" },
		{ "letters of others", "gr\xc3\xbc\xc3\x9f\n", "server: gr????\n", "gr????" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 8; piece++) {
			struct heard h = { .lines = 0 };
			struct kf_sshwords w = { .say = hear, .context = &h };
			size_t len = strlen(rows[i].said);

			for (size_t at = 0; at < len; at += piece)
				kf_sshwords_take(&w, rows[i].said + at, piece < len - at ? piece : len - at);
			kf_sshwords_end(&w);
			kf_sshwords_talk(&w);
			CHECK_TEXT(rows[i].story, h.text, rows[i].shown);
			CHECK_TEXT(rows[i].story, w.last, rows[i].last);
		}
}

static void last_line_waits(void **state)
{
	struct heard h = { .lines = 0 };
	struct kf_sshwords w = { .say = hear, .context = &h };

	(void)state;
	kf_sshwords_take(&w, "one\n", 4);
	assert_string_equal(h.text, "");	/* it may be the reason of an error that follows */
	kf_sshwords_take(&w, "two\n", 4);
	assert_string_equal(h.text, "server: one\n");
	w.held = false;				/* the error has it */
	kf_sshwords_talk(&w);
	assert_string_equal(h.text, "server: one\n");
	kf_sshwords_take(&w, "three\n", 6);	/* a receiver that talks is heard at once */
	assert_string_equal(h.text, "server: one\nserver: three\n");
}

static void too_many(void **state)
{
	struct heard h = { .lines = 0 };
	struct kf_sshwords w = { .say = hear, .context = &h };

	(void)state;
	for (int i = 0; i < 5 * KF_WORDS_LINES; i++)
		kf_sshwords_take(&w, "y\n", 2);
	kf_sshwords_take(&w, "the end\n", 8);
	kf_sshwords_talk(&w);
	assert_int_equal(h.lines, KF_WORDS_LINES + 1);
	assert_non_null(strstr(h.text, "server: (more of it is not shown)\n"));
	assert_string_equal(w.last, "the end");
}

static void too_long(void **state)
{
	struct heard h = { .lines = 0 };
	struct kf_sshwords w = { .say = hear, .context = &h };

	(void)state;
	for (int i = 0; i < 5000; i++)
		kf_sshwords_take(&w, "a", 1);
	kf_sshwords_take(&w, "\nb\n", 3);
	kf_sshwords_talk(&w);
	assert_int_equal(strcspn(h.text, "\n"), strlen("server: ") + KF_WORDS_LINE);
	assert_string_equal(w.last, "b");
}

static void nobody_listens(void **state)
{
	struct kf_sshwords w = { .say = NULL };

	(void)state;
	kf_sshwords_take(&w, "one\ntwo", 7);
	kf_sshwords_end(&w);
	kf_sshwords_talk(&w);
	assert_string_equal(w.last, "two");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines), cmocka_unit_test(last_line_waits), cmocka_unit_test(too_many),
		cmocka_unit_test(too_long), cmocka_unit_test(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
