// SPDX-License-Identifier: GPL-2.0-or-later
// Cursors: bounds, failures that stay, integers at every width, varints that are right and that are not.
#include "tests/unit/unit.h"

#include "common/cursor.h"

static void reads_every_width(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct kf_reader r = kf_reader_on(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(kf_get_u8(&r), 1);
	assert_int_equal(kf_get_u16(&r), 0x0302);
	assert_int_equal(kf_get_u32(&r), 0x07060504);
	assert_int_equal(kf_get_u64(&r), 0x0f0e0d0c0b0a0908);
	assert_int_equal(kf_left(&r), 0);
	assert_false(r.failed);
}

static void read_past_the_end_stays_failed(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct kf_reader r = kf_reader_on(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(kf_get_u32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(kf_left(&r), 3);		/* it did not move */
	assert_int_equal(kf_get_u8(&r), 0);		/* nor does it read what would be there */
	assert_null(kf_get_bytes(&r, 0));
	assert_int_equal(kf_left(&r), 3);
}

static void huge_length_does_not_wrap(void **state)
{
	uint8_t bytes[8] = { 0 };
	struct kf_reader r = kf_reader_on(bytes, sizeof(bytes));
	struct kf_writer w = kf_writer_on(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(kf_get_u8(&r), 0);
	assert_null(kf_get_bytes(&r, SIZE_MAX));
	assert_true(r.failed);
	kf_put_u8(&w, 1);
	assert_null(kf_put_space(&w, SIZE_MAX));
	assert_true(w.failed);
}

static void no_bytes_can_be_read(void **state)
{
	struct kf_reader r = kf_reader_on("", 0);

	(void)state;
	assert_non_null(kf_get_bytes(&r, 0));
	assert_false(r.failed);
	assert_null(kf_get_bytes(&r, 1));
}

static void writes_every_width(void **state)
{
	static const uint8_t wanted[] = { 1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8, 0, 0, 0x61 };
	uint8_t bytes[sizeof(wanted)];
	struct kf_writer w = kf_writer_on(bytes, sizeof(bytes));

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	kf_put_u8(&w, 1);
	kf_put_u16(&w, 0x0203);
	kf_put_u32(&w, 0x04050607);
	kf_put_u64(&w, 0x08090a0b0c0d0e0f);
	kf_put_zeros(&w, 2);
	kf_put_bytes(&w, "a", 1);
	assert_false(w.failed);
	assert_int_equal(kf_written(&w), sizeof(wanted));
	assert_memory_equal(bytes, wanted, sizeof(wanted));
}

static void write_past_the_end_writes_nothing(void **state)
{
	uint8_t bytes[5] = { 9, 9, 9, 9, 9 };
	struct kf_writer w = kf_writer_on(bytes, 3);

	(void)state;
	kf_put_u32(&w, 0);
	assert_true(w.failed);
	kf_put_u8(&w, 0);
	assert_int_equal(kf_written(&w), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 9);
}

static void bytes_may_be_in_place(void **state)
{
	uint8_t bytes[4] = { 0, 5, 6, 7 };
	struct kf_writer w = kf_writer_on(bytes, sizeof(bytes));

	(void)state;
	kf_put_u8(&w, 4);
	kf_put_bytes(&w, bytes + 1, 3);
	assert_false(w.failed);
	assert_memory_equal(bytes, "\4\5\6\7", 4);
}

static const struct {
	const char *name;
	uint64_t value;
	size_t len;
	uint8_t bytes[KF_VARINT_MAX];
} good_varints[] = {
	{ "0", 0, 1, { 0 } },
	{ "127", 127, 1, { 0x7f } },
	{ "128", 128, 2, { 0x80, 1 } },
	{ "16383", 16383, 2, { 0xff, 0x7f } },
	{ "16384", 16384, 3, { 0x80, 0x80, 1 } },
	{ "2^63", 1ull << 63, 10, { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 } },
	{ "2^64 - 1", UINT64_MAX, 10, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 } },
};

static void varints_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_varints); i++) {
		struct kf_reader r = kf_reader_on(good_varints[i].bytes, good_varints[i].len);
		uint8_t out[KF_VARINT_MAX];
		struct kf_writer w = kf_writer_on(out, sizeof(out));

		CHECK_EQ(good_varints[i].name, kf_get_varint(&r), good_varints[i].value);
		CHECK(good_varints[i].name, !r.failed && kf_left(&r) == 0);
		kf_put_varint(&w, good_varints[i].value);
		CHECK_EQ(good_varints[i].name, kf_written(&w), good_varints[i].len);
		CHECK(good_varints[i].name, memcmp(out, good_varints[i].bytes, good_varints[i].len) == 0);
	}
}

static void varints_that_are_none(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		uint8_t bytes[12];
	} rows[] = {
		{ "nothing", 0, { 0 } },
		{ "cut after one byte", 1, { 0x80 } },
		{ "cut after nine bytes", 9, { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 } },
		{ "0 in two bytes", 2, { 0x80, 0 } },
		{ "1 in two bytes", 2, { 0x81, 0 } },
		{ "127 in three bytes", 3, { 0xff, 0x80, 0 } },
		{ "2^64", 10, { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2 } },
		{ "eleven bytes", 11, { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x81, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_reader r = kf_reader_on(rows[i].bytes, rows[i].len);

		CHECK_EQ(rows[i].name, kf_get_varint(&r), 0);
		CHECK(rows[i].name, r.failed);
	}
}

static void varint_into_too_little_room(void **state)
{
	(void)state;
	for (size_t size = 0; size < KF_VARINT_MAX; size++) {
		uint8_t out[KF_VARINT_MAX];
		struct kf_writer w = kf_writer_on(out, size);

		kf_put_varint(&w, UINT64_MAX);
		assert_true(w.failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_width),
		cmocka_unit_test(read_past_the_end_stays_failed),
		cmocka_unit_test(huge_length_does_not_wrap),
		cmocka_unit_test(no_bytes_can_be_read),
		cmocka_unit_test(writes_every_width),
		cmocka_unit_test(write_past_the_end_writes_nothing),
		cmocka_unit_test(bytes_may_be_in_place),
		cmocka_unit_test(varints_both_ways),
		cmocka_unit_test(varints_that_are_none),
		cmocka_unit_test(varint_into_too_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
