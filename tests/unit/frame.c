// SPDX-License-Identifier: GPL-2.0-or-later
// The frame header: its bytes, each field that can be wrong, and which lengths each type may have.
#include "tests/unit/unit.h"

#include "common/checksum.h"
#include "proto/frame.h"

#define NUMBER 0x1122334455667788ull

/* A KEEPALIVE's header, byte for byte. */
static const uint8_t good[KF_HEADER_BYTES - 4] = {
	'K', 'F', 66, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x0d, 0xf0, 0xad, 0x0b,
};

static void seal(uint8_t *bytes)
{
	uint32_t crc = kf_crc32c(bytes, KF_HEADER_BYTES - 4);

	for (int i = 0; i < 4; i++)
		bytes[KF_HEADER_BYTES - 4 + i] = (uint8_t)(crc >> 8 * i);
}

static void its_bytes(void **state)
{
	const struct kf_header h = { .type = KF_MSG_KEEPALIVE, .number = NUMBER, .payload_crc = 0x0badf00d };
	uint8_t bytes[KF_HEADER_BYTES], wanted[KF_HEADER_BYTES];
	struct kf_header back;
	struct kf_error err;

	(void)state;
	memcpy(wanted, good, sizeof(good));
	seal(wanted);
	kf_header_encode(bytes, &h);
	assert_memory_equal(bytes, wanted, sizeof(bytes));
	CHECK_OK("header", kf_header_decode(&back, bytes, NUMBER, &err), &err);
	assert_int_equal(back.type, h.type);
	assert_int_equal(back.len, 0);
	assert_true(back.number == NUMBER);
	assert_int_equal(back.payload_crc, h.payload_crc);
}

static void every_wrong_field(void **state)
{
	static const struct {
		const char *name;
		unsigned int at;
		uint8_t value;
		bool sealed;
		const char *refusal;
	} rows[] = {
		{ "magic", 0, 'k', true, "no frame magic" },
		{ "unknown type", 2, 200, true, "unknown type 200" },
		{ "type 0", 2, 0, true, "unknown type 0" },
		{ "a gap in the types", 2, 11, true, "unknown type 11" },
		{ "one above the largest type", 2, 67, true, "unknown type 67" },
		{ "reserved byte", 3, 1, true, "reserved byte" },
		{ "length over the cap", 4, 2, true, "over its cap" },
		{ "length of 4 GiB", 7, 0xff, true, "over its cap" },
		{ "number", 8, 0x89, true, "should" },
		{ "number, high byte", 15, 0x91, true, "should" },
		{ "payload CRC, header CRC of the old one", 16, 0, false, "header is damaged" },
		{ "header CRC", 20, 0, false, "header is damaged" },
		{ "length, header CRC of the old one", 4, 1, false, "header is damaged" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kf_header ok = { .type = KF_MSG_KEEPALIVE, .number = NUMBER, .payload_crc = 0x0badf00d };
		uint8_t bytes[KF_HEADER_BYTES];
		struct kf_header h;
		struct kf_error err;

		kf_header_encode(bytes, &ok);
		bytes[rows[i].at] = rows[i].value;
		if (rows[i].sealed)
			seal(bytes);
		CHECK_REFUSED(rows[i].name, kf_header_decode(&h, bytes, NUMBER, &err), KF_INVALID, &err, rows[i].refusal);
	}
}

/* Each cap is reached and not passed, and no other byte is a type. */
static void caps(void **state)
{
	static const struct {
		unsigned int type;
		uint32_t cap;		/* written out, to notice a change of the protocol */
	} rows[] = {
		{ 1, 570 }, { 2, 454 }, { 3, 1048576 }, { 4, 1048592 }, { 5, 524296 }, { 6, 1048584 }, { 7, 524296 },
		{ 8, 1179672 }, { 9, 1704096 }, { 10, 176 },
		{ 33, 48 }, { 34, 32 }, { 35, 8 }, { 36, 32 }, { 37, 261 }, { 38, 8 }, { 65, 261 }, { 66, 1 },
	};
	size_t row = 0;

	(void)state;
	for (unsigned int type = 0; type < 256; type++) {
		char name[16];
		uint32_t cap = 0;

		snprintf(name, sizeof(name), "type %u", type);
		if (row < COUNT(rows) && rows[row].type == type)
			cap = rows[row++].cap;
		CHECK_EQ(name, kf_payload_max((uint8_t)type), cap);
		for (uint32_t len = cap; cap && len <= cap + 1; len++) {
			const struct kf_header h = { .type = (uint8_t)type, .len = len };
			uint8_t bytes[KF_HEADER_BYTES];
			struct kf_header back;
			struct kf_error err;

			kf_header_encode(bytes, &h);
			CHECK_EQ(name, kf_header_decode(&back, bytes, 0, &err), len == cap ? KF_OK : KF_INVALID);
		}
	}
	assert_int_equal(row, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_bytes),
		cmocka_unit_test(every_wrong_field),
		cmocka_unit_test(caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
