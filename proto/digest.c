// SPDX-License-Identifier: GPL-2.0-or-later
// The digest of a dump; see digest.h.
#include "proto/digest.h"

#include <xxhash.h>

/* libxxhash may have versions for wider vectors than every x86-64 processor has, and chooses among them; its static library may not. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#define XXH_DISPATCH_DISABLE_REPLACE
#include <xxh_x86dispatch.h>
#pragma weak XXH3_64bits_dispatch
#pragma weak XXH3_128bits_withSeed_dispatch
#define WIDE(plain, dispatch) ((dispatch) ? (dispatch) : (plain))
#else
#define WIDE(plain, dispatch) (plain)
#endif

static void add(struct kf_sum128 *sum, uint64_t low, uint64_t high)
{
	sum->low += low;
	sum->high += high + (sum->low < low);
}

void kf_sum_page(struct kf_sum128 *sum, uint64_t pfn, const void *page, size_t bytes)
{
	XXH128_hash_t h = WIDE(XXH3_128bits_withSeed, XXH3_128bits_withSeed_dispatch)(page, bytes, pfn);

	add(sum, h.low64, h.high64);
}

void kf_sum_verdicts(struct kf_sum128 *sum, uint64_t group, const uint64_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		XXH128_hash_t h;

		if (!words[i])
			continue;
		h = XXH3_128bits_withSeed(&words[i], sizeof(words[i]), group + i);
		add(sum, h.low64, h.high64);
	}
}

void kf_sum_add(struct kf_sum128 *sum, const struct kf_sum128 *more)
{
	add(sum, more->low, more->high);
}

void kf_sum_encode(struct kf_digest *out, const struct kf_sum128 *sum)
{
	struct kf_writer w = kf_writer_on(out->bytes, sizeof(out->bytes));

	kf_put_u64(&w, sum->low);
	kf_put_u64(&w, sum->high);
}

struct kf_sum128 kf_sum_decode(const struct kf_digest *in)
{
	return (struct kf_sum128){ kf_le64_at(in->bytes), kf_le64_at(in->bytes + 8) };
}

uint64_t kf_batch_hash(const void *bytes, size_t len)
{
	return WIDE(XXH3_64bits, XXH3_64bits_dispatch)(bytes, len);
}
