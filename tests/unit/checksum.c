// SPDX-License-Identifier: GPL-2.0-or-later
// CRC32C: known answers of RFC 3720 appendix B.4, in pieces, and both ways of computing it.
#include "tests/unit/unit.h"

/* The file once more under another name, to reach what is static in it. */
#define kf_crc32c_add crc_of_this_copy
#include "common/checksum.c"
#undef kf_crc32c_add

uint32_t kf_crc32c_add(uint32_t crc, const void *bytes, size_t len);	/* the program's */

/* Bytes 0 (or another value) counting up by STEP. */
static void count(uint8_t *out, size_t len, uint8_t first, int step)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(first + (int)i * step);
}

static void known_answers(void **state)
{
	static const uint8_t read_command[48] = {
		0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
		0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
		0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	};
	uint8_t zeros[32], ones[32], up[32], down[32];
	const struct {
		const char *name;
		const void *bytes;
		size_t len;
		uint32_t crc;
	} rows[] = {
		{ "nothing", "", 0, 0 },
		{ "123456789", "123456789", 9, 0xe3069283 },
		{ "32 zeros", zeros, 32, 0x8a9136aa },
		{ "32 ones", ones, 32, 0x62a8ab43 },
		{ "0..31", up, 32, 0x46dd794e },
		{ "31..0", down, 32, 0x113fdb5c },
		{ "a read command", read_command, sizeof(read_command), 0xd9963a56 },
	};

	(void)state;
	count(zeros, 32, 0, 0);
	count(ones, 32, 0xff, 0);
	count(up, 32, 0, 1);
	count(down, 32, 31, -1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		CHECK_EQ(rows[i].name, kf_crc32c_add(0, rows[i].bytes, rows[i].len), rows[i].crc);
		CHECK_EQ(rows[i].name, ~crc_by_table(~0u, rows[i].bytes, rows[i].len), rows[i].crc);
	}
}

static void pieces_make_the_whole(void **state)
{
	uint8_t bytes[100];
	uint32_t whole;

	(void)state;
	count(bytes, sizeof(bytes), 7, 37);
	whole = kf_crc32c_add(0, bytes, sizeof(bytes));
	for (size_t cut = 0; cut <= sizeof(bytes); cut++)
		assert_int_equal(kf_crc32c_add(kf_crc32c_add(0, bytes, cut), bytes + cut, sizeof(bytes) - cut), whole);
}

/* Every length and alignment takes another way through the instruction's loop. */
static void table_and_instruction_agree(void **state)
{
	uint8_t bytes[80];

	(void)state;
	count(bytes, sizeof(bytes), 3, 101);
	for (size_t from = 0; from < 8; from++)
		for (size_t len = 0; len + from <= sizeof(bytes); len++) {
			assert_int_equal(~crc_by_table(~5u, bytes + from, len), kf_crc32c_add(5, bytes + from, len));
			assert_int_equal(crc_of_this_copy(5, bytes + from, len), kf_crc32c_add(5, bytes + from, len));
		}
}

/* Long ones go in stretches of 4096 bytes beside each other. */
static void long_ones(void **state)
{
	enum { MOST = 3 * 3 * 4096 + 4096 };
	uint8_t *bytes = malloc(MOST + 8);
	const size_t lens[] = { 12287, 12288, 12289, 24575, 24576, 24577, 30000, MOST };

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < MOST + 8; i++)
		bytes[i] = (uint8_t)(i * i >> 3 ^ i);
	for (size_t i = 0; i < COUNT(lens); i++)
		for (size_t from = 0; from < 8; from += 3)
			assert_int_equal(~crc_by_table(~9u, bytes + from, lens[i]), kf_crc32c_add(9, bytes + from, lens[i]));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(pieces_make_the_whole),
		cmocka_unit_test(table_and_instruction_agree),
		cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
