// SPDX-License-Identifier: GPL-2.0-or-later
// Bitmaps in the order of kdump files; see bitmap.h.
#include "common/bitmap.h"

/* The bits of word W that lie in [first, end); the caller has clipped W to the range's words. */
static uint64_t mask_of(uint64_t w, uint64_t first, uint64_t end)
{
	uint64_t mask = ~0ULL;

	if (w == first / 64)
		mask &= ~0ULL << (first % 64);
	if (w == end / 64)
		mask &= ~(~0ULL << (end % 64));
	return mask;
}

void kf_bitmap_set(uint64_t *map, uint64_t first, uint64_t end)
{
	if (first >= end)
		return;
	for (uint64_t w = first / 64; w <= (end - 1) / 64; w++)
		map[w] |= mask_of(w, first, end);
}

void kf_bitmap_clear(uint64_t *map, uint64_t first, uint64_t end)
{
	if (first >= end)
		return;
	for (uint64_t w = first / 64; w <= (end - 1) / 64; w++)
		map[w] &= ~mask_of(w, first, end);
}

uint64_t kf_bitmap_count(const uint64_t *map, uint64_t first, uint64_t end)
{
	uint64_t n = 0;

	if (first >= end)
		return 0;
	for (uint64_t w = first / 64; w <= (end - 1) / 64; w++)
		n += (uint64_t)__builtin_popcountll(map[w] & mask_of(w, first, end));
	return n;
}

/* INVERT is 0 to look for a set bit, all ones to look for a clear one. */
static uint64_t next(const uint64_t *map, uint64_t from, uint64_t end, uint64_t invert)
{
	if (from >= end)
		return end;
	for (uint64_t w = from / 64; w <= (end - 1) / 64; w++) {
		uint64_t bits = (map[w] ^ invert) & mask_of(w, from, end);

		if (bits)
			return w * 64 + (uint64_t)__builtin_ctzll(bits);
	}
	return end;
}

uint64_t kf_bitmap_next_set(const uint64_t *map, uint64_t from, uint64_t end)
{
	return next(map, from, end, 0);
}

uint64_t kf_bitmap_next_clear(const uint64_t *map, uint64_t from, uint64_t end)
{
	return next(map, from, end, ~0ULL);
}
