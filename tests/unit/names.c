// SPDX-License-Identifier: GPL-2.0-or-later
// Names: each value of the protocol has one of its own, everything else is "unknown".
#include "tests/unit/unit.h"

#include "proto/names.h"
#include "proto/order.h"

static void each_value_has_its_name(void **state)
{
	const struct {
		const char *what;
		const char *(*name)(unsigned int);
		unsigned int named;	/* how many of 0..1023 have a name */
	} rows[] = {
		{ "type", kf_type_name, 18 },
		{ "class", kf_class_name, KF_CLASSES },
		{ "wire codec", kf_wire_codec_name, KF_WIRE_CODECS },
		{ "codec at rest", kf_rest_codec_name, 5 },
		{ "end reason", kf_end_reason_name, KF_END_REASONS },
		{ "abort code", kf_abort_code_name, KF_ABORT_CODES - 1 },
		{ "order state", kf_order_state_name, KF_ORDER_STATES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *seen[64];
		unsigned int n = 0;

		for (unsigned int v = 0; v < 1024; v++) {
			const char *name = rows[i].name(v);

			if (strcmp(name, "unknown") == 0)
				continue;
			for (unsigned int k = 0; k < n; k++)
				CHECK(name, strcmp(seen[k], name) != 0);
			seen[n++] = name;
		}
		CHECK_EQ(rows[i].what, n, rows[i].named);
		CHECK_TEXT(rows[i].what, rows[i].name(UINT32_MAX), "unknown");
	}
}

static void some_of_them(void **state)
{
	(void)state;
	assert_string_equal(kf_type_name(KF_MSG_WINDOW), "WINDOW");
	assert_string_equal(kf_class_name(KF_CACHE_PRIVATE), "cache-private");
	assert_string_equal(kf_wire_codec_name(KF_WIRE_LZ4), "lz4");
	assert_string_equal(kf_rest_codec_name(KF_REST_ZSTD), "zstd");
	assert_string_equal(kf_end_reason_name(KF_END_SPACE), "space");
	assert_string_equal(kf_abort_code_name(KF_ABORT_SYSTEM), "system");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_has_its_name),
		cmocka_unit_test(some_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
