// SPDX-License-Identifier: GPL-2.0-or-later
// The preface: its bytes, and each field that a peer may have wrong.
#include "tests/unit/unit.h"

#include "common/checksum.h"
#include "proto/preface.h"

static const uint8_t good[KF_PREFACE_BYTES - 4] = {
	0x93, 'K', 'F', 'E', 'R', 'R', 'Y', '\n',	/* magic */
	1, 0,						/* version */
	1,						/* role: sender */
};

static void seal(uint8_t *bytes)
{
	uint32_t crc = kf_crc32c(bytes, KF_PREFACE_BYTES - 4);

	for (int i = 0; i < 4; i++)
		bytes[KF_PREFACE_BYTES - 4 + i] = (uint8_t)(crc >> 8 * i);
}

static void its_bytes(void **state)
{
	uint8_t bytes[KF_PREFACE_BYTES], wanted[KF_PREFACE_BYTES];

	(void)state;
	memcpy(wanted, good, sizeof(good));
	seal(wanted);
	kf_preface_encode(bytes, KF_ROLE_SENDER);
	assert_memory_equal(bytes, wanted, sizeof(bytes));
	wanted[10] = 2;
	seal(wanted);
	kf_preface_encode(bytes, KF_ROLE_RECEIVER);
	assert_memory_equal(bytes, wanted, sizeof(bytes));
}

static void both_roles_are_read(void **state)
{
	(void)state;
	for (enum kf_role role = KF_ROLE_SENDER; role <= KF_ROLE_RECEIVER; role++) {
		uint8_t bytes[KF_PREFACE_BYTES];
		struct kf_preface p;
		struct kf_error err;

		kf_preface_encode(bytes, role);
		CHECK_OK("preface", kf_preface_decode(&p, bytes, role, &err), &err);
		assert_int_equal(p.role, role);
		assert_int_equal(p.optional, 0);
	}
}

static void unknown_optional_features_are_ignored(void **state)
{
	uint8_t bytes[KF_PREFACE_BYTES];
	struct kf_preface p;
	struct kf_error err;

	(void)state;
	memcpy(bytes, good, sizeof(good));
	bytes[20] = bytes[23] = 0xff;
	seal(bytes);
	CHECK_OK("optional", kf_preface_decode(&p, bytes, KF_ROLE_SENDER, &err), &err);
	assert_int_equal(p.optional, 0);
}

static void every_wrong_field(void **state)
{
	static const struct {
		const char *name;
		unsigned int at;
		uint8_t value;
		bool sealed;		/* its CRC fits the damage */
		const char *refusal;
	} rows[] = {
		{ "first byte", 0, 0x13, true, "not a kferry stream" },
		{ "line ends translated", 7, '\r', true, "not a kferry stream" },
		{ "version 2", 8, 2, true, "protocol version 2" },
		{ "version 257", 9, 1, true, "protocol version 257" },
		{ "the other role", 10, 2, true, "bytes of a receiver where a sender should speak" },
		{ "no role", 10, 0, true, "bytes of a stranger" },
		{ "reserved byte 11", 11, 1, true, "reserved" },
		{ "reserved byte 15", 15, 0x80, true, "reserved" },
		{ "required feature 0", 16, 1, true, "feature bits 0x1 " },
		{ "required feature 31", 19, 0x80, true, "feature bits 0x80000000 " },
		{ "reserved byte 24", 24, 1, true, "reserved" },
		{ "reserved byte 27", 27, 1, true, "reserved" },
		{ "CRC", 28, 0x55, false, "damaged" },
		{ "version, CRC of the old one", 8, 2, false, "damaged" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[KF_PREFACE_BYTES];
		struct kf_preface p;
		struct kf_error err;

		memcpy(bytes, good, sizeof(good));
		seal(bytes);
		bytes[rows[i].at] = rows[i].value;
		if (rows[i].sealed)
			seal(bytes);
		CHECK_REFUSED(rows[i].name, kf_preface_decode(&p, bytes, KF_ROLE_SENDER, &err), KF_INVALID, &err, rows[i].refusal);
	}
}

static void every_flipped_bit(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 8 * KF_PREFACE_BYTES; bit++) {
		uint8_t bytes[KF_PREFACE_BYTES];
		struct kf_preface p;
		struct kf_error err;

		kf_preface_encode(bytes, KF_ROLE_SENDER);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(kf_preface_decode(&p, bytes, KF_ROLE_SENDER, &err), KF_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_bytes),
		cmocka_unit_test(both_roles_are_read),
		cmocka_unit_test(unknown_optional_features_are_ignored),
		cmocka_unit_test(every_wrong_field),
		cmocka_unit_test(every_flipped_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
