/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps in the order of kdump files: bit n is byte n/8, bit n mod 8, least significant first. */
#ifndef KF_BITMAP_H
#define KF_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A bitmap is plain memory of at least (nbits + 63) / 64 * 8 bytes, 8-byte aligned, owned by the
 * caller. All positions are bit numbers; ranges are [first, end). Little-endian machines only
 * (both programs check this when they are built), so that the words are the format's bytes.
 */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bitmaps are used as words");

static inline size_t kf_bitmap_bytes(uint64_t nbits)
{
	return (size_t)((nbits + 63) / 64 * 8);
}

static inline bool kf_bit(const uint64_t *map, uint64_t n)
{
	return (map[n / 64] >> (n % 64)) & 1;
}

/* Both do nothing if first >= end. */
void kf_bitmap_set(uint64_t *map, uint64_t first, uint64_t end);
void kf_bitmap_clear(uint64_t *map, uint64_t first, uint64_t end);

/* Number of set bits in [first, end). */
uint64_t kf_bitmap_count(const uint64_t *map, uint64_t first, uint64_t end);

/* The first set (clear) bit at or after FROM, or END if there is none before END. */
uint64_t kf_bitmap_next_set(const uint64_t *map, uint64_t from, uint64_t end);
uint64_t kf_bitmap_next_clear(const uint64_t *map, uint64_t from, uint64_t end);

#endif
