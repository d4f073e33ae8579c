/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digest of a dump: independent of order, codec, windows and resume. */
#ifndef KF_DIGEST_H
#define KF_DIGEST_H

#include "proto/message.h"

/*
 * A sum modulo 2^128 of XXH3-128 values, so that parts can be added in any order by any thread:
 *
 *   pages     over every page that is in the dump, zero pages included: XXH3-128 of its contents with its
 *             pfn as seed
 *   verdicts  over every aligned group of 64 pfns of which a page is kept: XXH3-128 of the group's 64
 *             verdict bits (u64, bit n is pfn 64 * group + n, 1 is kept) with the group number as seed
 *
 * Kept as two words and encoded as 16 little-endian bytes, low word first.
 */
struct kf_sum128 {
	uint64_t low, high;
};

void kf_sum_page(struct kf_sum128 *sum, uint64_t pfn, const void *page, size_t bytes);

/* Adds the verdicts of N groups from GROUP on; bits of words that are 0 add nothing. */
void kf_sum_verdicts(struct kf_sum128 *sum, uint64_t group, const uint64_t *words, size_t n);

void kf_sum_add(struct kf_sum128 *sum, const struct kf_sum128 *more);
void kf_sum_encode(struct kf_digest *out, const struct kf_sum128 *sum);
struct kf_sum128 kf_sum_decode(const struct kf_digest *in);

/* XXH3-64 of a batch's uncompressed page bytes. */
uint64_t kf_batch_hash(const void *bytes, size_t len);

#endif
