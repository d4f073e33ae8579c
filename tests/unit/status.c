// SPDX-License-Identifier: GPL-2.0-or-later
// Statuses: texts that are prepended and cut, the system's reason, exit codes, and which lines a log prints.
#include "tests/unit/unit.h"

#include <errno.h>

#include "common/log.h"

static void each_caller_prepends(void **state)
{
	struct kf_error err;

	(void)state;
	assert_int_equal(kf_fail(&err, KF_REFUSED, "no %d", 7), KF_REFUSED);
	assert_int_equal(kf_prepend(&err, "page %s", "x"), KF_REFUSED);
	assert_int_equal(kf_prepend(&err, "dump"), KF_REFUSED);
	assert_string_equal(err.text, "dump: page x: no 7");
	assert_int_equal(err.status, KF_REFUSED);
}

static void system_reason_comes_last(void **state)
{
	struct kf_error err;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(kf_fail_errno(&err, "write %s", "vmcore"), KF_FAILED);
	assert_string_equal(err.text, "write vmcore: No space left on device");
	errno = 12345;
	assert_int_equal(kf_fail_errno(&err, "odd"), KF_FAILED);
	assert_string_equal(err.text, "odd: unknown error");
}

static void long_texts_are_cut(void **state)
{
	struct kf_error err;
	char longer[2 * KF_ERROR_TEXT];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	kf_fail(&err, KF_INVALID, "%s", longer);
	assert_int_equal(strlen(err.text), KF_ERROR_TEXT - 1);
	kf_prepend(&err, "%.*s", KF_ERROR_TEXT - 2, longer);	/* leaves room for one byte */
	assert_int_equal(strlen(err.text), KF_ERROR_TEXT - 1);
	errno = EIO;
	kf_fail_errno(&err, "%s", longer);
	assert_int_equal(strlen(err.text), KF_ERROR_TEXT - 1);
}

static void exit_codes(void **state)
{
	static const struct {
		enum kf_status status;
		int code;
	} rows[] = {
		{ KF_OK, 0 }, { KF_FAILED, 1 }, { KF_INVALID, 1 }, { KF_MISMATCH, 2 },
		{ KF_INCOMPLETE, 3 }, { KF_ABSENT, 1 }, { KF_REFUSED, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(kf_exit_code(rows[i].status), rows[i].code);
}

static void log_prints_what_was_asked_for(void **state)
{
	char *text = NULL;
	size_t len;
	struct kf_log log = { .out = open_memstream(&text, &len), .level = KF_LOG_ERROR | KF_LOG_REPORT, .program = "kferry" };

	(void)state;
	kf_log(&log, KF_LOG_ERROR, "bad %s", "thing");
	kf_log(&log, KF_LOG_COMMON, "not asked for");
	kf_log(&log, KF_LOG_REPORT, "Original pages: %d", 1);
	fclose(log.out);
	assert_string_equal(text, "kferry: bad thing\nOriginal pages: 1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_caller_prepends),
		cmocka_unit_test(system_reason_comes_last),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(log_prints_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
