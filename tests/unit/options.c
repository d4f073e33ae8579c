// SPDX-License-Identifier: GPL-2.0-or-later
// Options from arguments, from a file and from a kernel command line; what is wrong is said and named.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "common/options.h"

/* What was set, in order: "name=value;name;". */
struct record {
	char text[256];
};

static enum kf_status note(struct record *r, const char *name, const char *value, struct kf_error *err)
{
	size_t used = strlen(r->text);

	if (value && strcmp(value, "bad") == 0)
		return kf_fail(err, KF_INVALID, "'bad' is bad");
	snprintf(r->text + used, sizeof(r->text) - used, value ? "%s=%s;" : "%s;", name, value);
	return KF_OK;
}

static enum kf_status set_to(void *context, const char *value, struct kf_error *err)
{
	return note(context, "to", value, err);
}

static enum kf_status set_dry_run(void *context, const char *value, struct kf_error *err)
{
	return note(context, "dry", value, err);
}

static enum kf_status set_zlib(void *context, const char *value, struct kf_error *err)
{
	return note(context, "zlib", value, err);
}

static enum kf_status set_level(void *context, const char *value, struct kf_error *err)
{
	return note(context, "level", value, err);
}

static const struct kf_option table[] = {
	{ "to", 0, "TARGET", "where", set_to },
	{ "dump-level", 'd', "LEVEL", "how much", set_level },
	{ "dry-run", 0, NULL, "not really", set_dry_run },
	{ "zlib", 'c', NULL, "codec", set_zlib },
	{ 0 },
};

#define ARGS_MAX 8

static void from_arguments(void **state)
{
	static const struct {
		const char *name;
		const char *argv[ARGS_MAX];
		const char *set;
		int operands;		/* index; 0: refused, and then SET is part of the text */
	} rows[] = {
		{ "none", { "p" }, "", 1 },
		{ "long, next word", { "p", "--to", "x" }, "to=x;", 3 },
		{ "long, equals sign", { "p", "--to=x" }, "to=x;", 2 },
		{ "letter, next word", { "p", "-d", "31" }, "level=31;", 3 },
		{ "letter, same word", { "p", "-d31" }, "level=31;", 2 },
		{ "letters together", { "p", "-cd", "31" }, "zlib;level=31;", 3 },
		{ "in their order", { "p", "-c", "--dry-run", "-c" }, "zlib;dry;zlib;", 4 },
		{ "operands go behind", { "p", "core", "-c", "more" }, "zlib;", 2 },
		{ "two dashes end them", { "p", "-c", "--", "-d" }, "zlib;", 3 },
		{ "a value like an option", { "p", "--to", "-c" }, "to=-c;", 3 },
		{ "unknown long", { "p", "--nonsense" }, "--nonsense is no option of this program; see --help", 0 },
		{ "unknown letter", { "p", "-q" }, "-q is no option of this program; see --help", 0 },
		{ "unknown letter behind a known one", { "p", "-cq", "core" }, "-q is no option of this program", 0 },
		{ "unknown letter before a known one", { "p", "-qc", "core" }, "-q is no option of this program", 0 },
		{ "long without its value", { "p", "--to" }, "--to needs a value; see --help", 0 },
		{ "letter without its value", { "p", "-d" }, "-d needs a value; see --help", 0 },
		{ "refused value", { "p", "-d", "bad" }, "--dump-level: 'bad' is bad", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *argv[ARGS_MAX] = { NULL };
		int argc = 0, operands = 0;
		struct record r = { "" };
		struct kf_error err;
		enum kf_status st;

		for (; rows[i].argv[argc]; argc++)
			argv[argc] = strdup(rows[i].argv[argc]);
		st = kf_options_args(table, &r, argc, argv, &operands, &err);
		if (!rows[i].operands) {
			CHECK_REFUSED(rows[i].name, st, KF_INVALID, &err, rows[i].set);
		} else {
			CHECK_OK(rows[i].name, st, &err);
			CHECK_TEXT(rows[i].name, r.text, rows[i].set);
			CHECK_EQ(rows[i].name, operands, rows[i].operands);
		}
		while (argc)
			free(argv[--argc]);
	}
}

static void operands_keep_their_order(void **state)
{
	char a[] = "p", b[] = "first", c[] = "-c", d[] = "second";
	char *argv[] = { a, b, c, d, NULL };
	struct record r = { "" };
	struct kf_error err;
	int operands;

	(void)state;
	CHECK_OK("args", kf_options_args(table, &r, 4, argv, &operands, &err), &err);
	assert_int_equal(operands, 2);
	assert_string_equal(argv[2], "first");
	assert_string_equal(argv[3], "second");
}

static enum kf_status parse_file(const char *text, struct record *r, struct kf_error *err)
{
	char path[] = "/tmp/kferry-options-XXXXXX";
	int fd = mkstemp(path);
	enum kf_status st;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	st = kf_options_file(table, r, path, err);
	unlink(path);
	return st;
}

static void from_a_file(void **state)
{
	static const struct {
		const char *name, *text;
		const char *set;
		const char *refusal;
	} rows[] = {
		{ "empty", "", "", NULL },
		{ "values and flags", "to = tcp://h:1\ndry-run\n", "to=tcp://h:1;dry;", NULL },
		{ "no final newline", "dry-run", "dry;", NULL },
		{ "comments and white space", "# one\n\n \t to\t=\tx  # two\n  dry-run  \n", "to=x;dry;", NULL },
		{ "the value may hold equals signs", "to=a=b\n", "to=a=b;", NULL },
		{ "letters are not for files", "d = 1\n", NULL, ":1: no option is called 'd'" },
		{ "unknown name", "dry-run\nnonsense = 1\n", NULL, ":2: no option is called 'nonsense'" },
		{ "value lacks", "to\n", NULL, ":1: --to needs a value (TARGET)" },
		{ "value too many", "dry-run = 1\n", NULL, ":1: --dry-run takes no value" },
		{ "refused value", "\n\nto = bad\n", NULL, ":3: --to: 'bad' is bad" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record r = { "" };
		struct kf_error err;
		enum kf_status st = parse_file(rows[i].text, &r, &err);

		if (rows[i].refusal) {
			CHECK_REFUSED(rows[i].name, st, KF_INVALID, &err, rows[i].refusal);
			continue;
		}
		CHECK_OK(rows[i].name, st, &err);
		CHECK_TEXT(rows[i].name, r.text, rows[i].set);
	}
}

static void file_that_is_not_there(void **state)
{
	struct record r = { "" };
	struct kf_error err;

	(void)state;
	CHECK_REFUSED("absent", kf_options_file(table, &r, "/nonexistent/kferry", &err), KF_FAILED, &err,
		      "/nonexistent/kferry: No such file");
}

static void from_a_kernel_command_line(void **state)
{
	static const struct {
		const char *name, *cmdline;
		const char *set;
		const char *refusal;
	} rows[] = {
		{ "nothing of ours", "root=/dev/vda quiet dry-run kferry", "", NULL },
		{ "a value", "quiet kferry.to=tcp://10.0.2.2:7612 irqpoll\n", "to=tcp://10.0.2.2:7612;", NULL },
		{ "a flag", "kferry.dry-run", "dry;", NULL },
		{ "underscores for dashes", "kferry.dry_run kferry.dump_level=31", "dry;level=31;", NULL },
		{ "not in values", "kferry.to=file:/a_b-c", "to=file:/a_b-c;", NULL },
		{ "two of them, in order", "kferry.to=a  kferry.to=b", "to=a;to=b;", NULL },
		{ "a word that only begins so", "kferryx.to=a xkferry.to=b", "", NULL },
		{ "unknown name", "kferry.nonsense=1", NULL, "kernel command line, 'kferry.nonsense=1': no option is called 'nonsense'" },
		{ "refused value", "kferry.to=bad", NULL, "kernel command line, 'kferry.to=bad': --to: 'bad' is bad" },
		{ "what comes behind a wrong word is set", "kferry.nonsense=1 kferry.dry-run", "dry;", "'kferry.nonsense=1'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record r = { "" };
		struct kf_error err;
		enum kf_status st = kf_options_kernel(table, &r, rows[i].cmdline, &err);

		if (rows[i].refusal) {
			CHECK_REFUSED(rows[i].name, st, KF_INVALID, &err, rows[i].refusal);
			CHECK_TEXT(rows[i].name, r.text, rows[i].set ? rows[i].set : "");
			continue;
		}
		CHECK_OK(rows[i].name, st, &err);
		CHECK_TEXT(rows[i].name, r.text, rows[i].set);
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 }, { "31", true, 31 }, { "007", true, 7 },
		{ "32", false, 0 }, { "", false, 0 }, { "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 },
		{ "1 ", false, 0 }, { "0x1", false, 0 }, { "1.5", false, 0 }, { "99999999999999999999999", false, 0 },
		{ "18446744073709551617", false, 0 },	/* 2^64 + 1 must not come out as 1 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t v = 99;
		struct kf_error err;
		enum kf_status st = kf_option_number(rows[i].text, 0, 31, &v, &err);

		if (rows[i].good) {
			CHECK_OK(rows[i].text, st, &err);
			CHECK_EQ(rows[i].text, v, rows[i].value);
		} else {
			CHECK_REFUSED(rows[i].text, st, KF_INVALID, &err, "is no number from 0 to 31");
			CHECK_EQ(rows[i].text, v, 99);
		}
	}
}

static void help_names_every_option(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	kf_options_help(table, out);
	fclose(out);
	assert_non_null(strstr(text, "-d, --dump-level LEVEL"));
	assert_non_null(strstr(text, "--to TARGET"));
	assert_non_null(strstr(text, "--dry-run"));
	assert_non_null(strstr(text, "not really\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_arguments),
		cmocka_unit_test(operands_keep_their_order),
		cmocka_unit_test(from_a_file),
		cmocka_unit_test(file_that_is_not_there),
		cmocka_unit_test(from_a_kernel_command_line),
		cmocka_unit_test(numbers),
		cmocka_unit_test(help_names_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
