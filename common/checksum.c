// SPDX-License-Identifier: GPL-2.0-or-later
// CRC32C: the processor's instruction where there is one, else half a byte at a time; see checksum.h.
//
// No well-kept C library of Debian's offers CRC32C without C++ or assembler for one processor, and
// it is ten lines; zlib's CRC32 is another polynomial.
#include "common/checksum.h"

#include <string.h>

static uint32_t crc_by_table(uint32_t crc, const uint8_t *p, size_t len)
{
	/* The CRC of each value of four bits, from the polynomial. */
	static const uint32_t nibble[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	while (len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ nibble[crc & 15];
		crc = (crc >> 4) ^ nibble[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
	uint64_t wide = crc;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		wide = _mm_crc32_u64(wide, word);
	}
	crc = (uint32_t)wide;
	while (len--)
		crc = _mm_crc32_u8(crc, *p++);
	return crc;
}

uint32_t kf_crc32c_add(uint32_t crc, const void *bytes, size_t len)
{
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_by_instruction(~crc, bytes, len);
	return ~crc_by_table(~crc, bytes, len);
}
#else
uint32_t kf_crc32c_add(uint32_t crc, const void *bytes, size_t len)
{
	return ~crc_by_table(~crc, bytes, len);
}
#endif
