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

/* The instruction could begin anew in each cycle, but takes three for its result: so three stretches go side by side. */
#define STRETCH 4096u		/* bytes of each */

/* What becomes of each bit of a CRC behind a STRETCH of zeros: the bit's power of x times x^(8 * STRETCH), modulo the polynomial. */
static const uint32_t behind_stretch[32] = {
	0xc2a5b65e, 0x80a71a4d, 0x04a2426b, 0x094484d6, 0x128909ac, 0x25121358, 0x4a2426b0, 0x94484d60,
	0x2d7cec31, 0x5af9d862, 0xb5f3b0c4, 0x6e0b1779, 0xdc162ef2, 0xbdc02b15, 0x7e6c20db, 0xfcd841b6,
	0xfc5cf59d, 0xfd559dcb, 0xff474d67, 0xfb62ec3f, 0xf329ae8f, 0xe3bf2bef, 0xc292212f, 0x80c834af,
	0x047c1faf, 0x08f83f5e, 0x11f07ebc, 0x23e0fd78, 0x47c1faf0, 0x8f83f5e0, 0x1aeb9d31, 0x35d73a62,
};

static uint32_t go_on(uint32_t crc, uint64_t next)
{
	uint32_t moved = 0;

	for (unsigned int bit = 0; bit < 32; bit++)
		moved ^= behind_stretch[bit] & -(crc >> bit & 1);
	return moved ^ (uint32_t)next;
}

static uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

__attribute__((target("sse4.2")))
static uint32_t three_stretches(uint32_t crc, const uint8_t *p)
{
	uint64_t a = crc, b = 0, c = 0;

	for (const uint8_t *end = p + STRETCH; p < end; p += 8) {
		a = _mm_crc32_u64(a, word_at(p));
		b = _mm_crc32_u64(b, word_at(p + STRETCH));
		c = _mm_crc32_u64(c, word_at(p + 2 * (size_t)STRETCH));
	}
	return go_on(go_on((uint32_t)a, b), c);
}

__attribute__((target("sse4.2")))
static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
	uint64_t wide;

	for (; len >= 3 * (size_t)STRETCH; p += 3 * (size_t)STRETCH, len -= 3 * (size_t)STRETCH)
		crc = three_stretches(crc, p);
	wide = crc;
	for (; len >= 8; p += 8, len -= 8)
		wide = _mm_crc32_u64(wide, word_at(p));
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
