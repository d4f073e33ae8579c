// SPDX-License-Identifier: GPL-2.0-or-later
// Targets as users write them: what is understood, and what is refused with a line that helps.
#include "tests/unit/unit.h"

#include "common/target.h"

static void good_targets(void **state)
{
	static const struct {
		const char *text;
		enum kf_scheme scheme;
		const char *user, *host, *port, *path;
	} rows[] = {
		{ "tcp://server", KF_SCHEME_TCP, "", "server", "7612", "" },
		{ "tcp://10.0.2.2:1234", KF_SCHEME_TCP, "", "10.0.2.2", "1234", "" },
		{ "tcp://server:0", KF_SCHEME_TCP, "", "server", "0", "" },
		{ "tcp://server:65535", KF_SCHEME_TCP, "", "server", "65535", "" },
		{ "tcp://[::1]", KF_SCHEME_TCP, "", "::1", "7612", "" },
		{ "tcp://[fe80::1%eth0]:80", KF_SCHEME_TCP, "", "fe80::1%eth0", "80", "" },
		{ "tcp://fd00::5", KF_SCHEME_TCP, "", "fd00::5", "7612", "" },
		{ "tls://server", KF_SCHEME_TLS, "", "server", "7612", "" },
		{ "ssh://server", KF_SCHEME_SSH, "", "server", "22", "" },
		{ "ssh://dump@server:2222", KF_SCHEME_SSH, "dump", "server", "2222", "" },
		{ "ssh://dump@[::1]:2222", KF_SCHEME_SSH, "dump", "::1", "2222", "" },
		{ "ssh+tls://dump@server", KF_SCHEME_SSH_TLS, "dump", "server", "22", "" },
		{ "exec:ssh host kferry-recv --stdio", KF_SCHEME_EXEC, "", "", "", "ssh host kferry-recv --stdio" },
		{ "file:/var/tmp/stream", KF_SCHEME_FILE, "", "", "", "/var/tmp/stream" },
		{ "file:relative:with:colons", KF_SCHEME_FILE, "", "", "", "relative:with:colons" },
		{ "file:-", KF_SCHEME_FILE, "", "", "", "-" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_target t;
		struct kf_error err;

		CHECK_OK(rows[i].text, kf_target_parse(&t, rows[i].text, &err), &err);
		CHECK_EQ(rows[i].text, t.scheme, rows[i].scheme);
		CHECK_TEXT(rows[i].text, t.user, rows[i].user);
		CHECK_TEXT(rows[i].text, t.host, rows[i].host);
		CHECK_TEXT(rows[i].text, t.port, rows[i].port);
		CHECK_TEXT(rows[i].text, t.path, rows[i].path);
	}
}

static void bad_targets(void **state)
{
	static const struct {
		const char *text, *refusal;
	} rows[] = {
		{ "", "write ssh+tls://[USER@]HOST" },
		{ "/var/crash", "file:PATH" },
		{ "server", "write ssh+tls://[USER@]HOST" },
		{ "server:7612", "write ssh+tls://[USER@]HOST" },
		{ "http://server", "write ssh+tls://[USER@]HOST" },
		{ "TCP://server", "write ssh+tls://[USER@]HOST" },
		{ "tcp:server", "write ssh+tls://[USER@]HOST" },
		{ "tcp://", "host is missing" },
		{ "tcp://:7612", "host is missing" },
		{ "tcp://[]:7612", "host is missing" },
		{ "tcp://[::1", "bracket" },
		{ "tcp://[::1]7612", "bracket" },
		{ "tcp://server:", "port" },
		{ "tcp://server:65536", "port" },
		{ "tcp://server:-1", "port" },
		{ "tcp://server:http", "port" },
		{ "tcp://server/", "no path" },
		{ "tcp://server/dumps", "no path" },
		{ "ssh://@server", "user is missing" },
		{ "exec:", "missing" },
		{ "file:", "missing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_target t;
		struct kf_error err;

		CHECK_REFUSED(rows[i].text, kf_target_parse(&t, rows[i].text, &err), KF_INVALID, &err, rows[i].refusal);
		CHECK(rows[i].text, strstr(err.text, "target '"));
	}
}

/* One byte less than each field's size fits, its size does not. */
static void lengths(void **state)
{
	static const struct {
		const char *name, *before, *behind;
		size_t size;
	} rows[] = {
		{ "host", "tcp://", ":1", KF_HOST_MAX },
		{ "user", "ssh://", "@h", 64 },
		{ "path", "file:", "", KF_TARGET_MAX },
	};
	char text[KF_TARGET_MAX + 64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = rows[i].size - 1; n <= rows[i].size + 1; n++) {
			struct kf_target t;
			struct kf_error err;
			enum kf_status st;

			snprintf(text, sizeof(text), "%s%0*d%s", rows[i].before, (int)n, 0, rows[i].behind);
			st = kf_target_parse(&t, text, &err);
			if (n < rows[i].size)
				CHECK_OK(rows[i].name, st, &err);
			else
				CHECK_REFUSED(rows[i].name, st, KF_INVALID, &err, "target '");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_targets),
		cmocka_unit_test(bad_targets),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
