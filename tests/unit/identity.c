// SPDX-License-Identifier: GPL-2.0-or-later
// Identities: which texts are one, and what is made of addresses.
#include "tests/unit/unit.h"

#include "common/identity.h"

static void good_ones_and_others(void **state)
{
	static const struct { const char *text; bool good; } rows[] = {
		{ "a", true }, { "0", true }, { "web7.example.org", true }, { "192.0.2.7", true }, { "A_b-c.", true }, { "2001-db8--7", true },
		{ "", false }, { ".", false }, { "..", false }, { ".hidden", false }, { "-option", false }, { "_x", false },
		{ "a/b", false }, { "a b", false }, { "a\n", false }, { "::1", false }, { "a:b", false }, { "a%b", false }, { "\xc3\xa4", false },
	};
	char text[KF_IDENTITY_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		CHECK(rows[i].text, kf_identity_is_good(rows[i].text, strlen(rows[i].text)) == rows[i].good);
	memset(text, 'x', sizeof(text));
	assert_true(kf_identity_is_good(text, KF_IDENTITY_MAX));
	assert_false(kf_identity_is_good(text, KF_IDENTITY_MAX + 1));
	assert_false(kf_identity_is_good("ab\0cd", 5));
}

static void every_byte(void **state)
{
	static const char inner[] = "._-";

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char text[2] = { 'a', (char)c };
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		assert_int_equal(kf_identity_is_good(text + 1, 1), alnum);
		assert_int_equal(kf_identity_is_good(text, 2), alnum || (c && strchr(inner, c)));
	}
}

static void cleaned(void **state)
{
	static const struct { const char *text, *wanted; } rows[] = {
		{ "192.0.2.7", "192.0.2.7" }, { "::1", "0--1" }, { "2001:db8::7", "2001-db8--7" }, { "fe80::1%eth0", "fe80--1eth0" },
		{ "", "0" }, { "///", "0" }, { "../../etc", "0....etc" }, { "a\nb", "ab" }, { "-x", "0-x" },
		{ "0123456789012345678901234567890123456789012345678901234567890123456789",
		  "0123456789012345678901234567890123456789012345678901234567890123" },
	};
	char out[KF_IDENTITY_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		kf_identity_clean(out, rows[i].text);
		CHECK_TEXT(rows[i].text, out, rows[i].wanted);
		CHECK(rows[i].text, kf_identity_is_good(out, strlen(out)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_and_others),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
