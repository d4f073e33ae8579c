// SPDX-License-Identifier: GPL-2.0-or-later
// BATCH: runs of pfns, and the bytes of those pages that are not zero.
#include <inttypes.h>

#include "proto/messages.h"

static enum kf_status check_runs(const struct kf_batch *b, struct kf_error *err)
{
	uint64_t next = 0, pages = 0, data = 0;

	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		if (run.first < next || run.first > KF_PFN_MAX || run.count == 0 || run.count > KF_BATCH_PAGES_MAX)
			return kf_fail(err, KF_INVALID, "run %" PRIu32 " of %" PRIu32 " pages at pfn 0x%" PRIx64 " is empty or out of order",
				       i, run.count, run.first);
		if (run.kind != KF_RUN_DATA && run.kind != KF_RUN_ZERO)
			return kf_fail(err, KF_INVALID, "run %" PRIu32 " is of unknown kind %u", i, run.kind);
		next = run.first + run.count;
		pages += run.count;
		if (run.kind == KF_RUN_DATA)
			data += run.count;
	}
	if (pages > KF_BATCH_PAGES_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " pages", pages);
	if (data << b->page_shift != b->raw_bytes)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " data pages in %" PRIu32 " bytes", data, b->raw_bytes);
	return KF_OK;
}

/* Codec `pages`: entries and pages must add up. Which codec they may have depends on the dump. */
static enum kf_status check_entries(const struct kf_batch *b, struct kf_error *err)
{
	uint32_t count = kf_batch_entry_count(b), page = 1u << b->page_shift;
	uint64_t bytes = (uint64_t)count * KF_ENTRY_BYTES;

	if (bytes > b->stored_bytes)
		return kf_fail(err, KF_INVALID, "no room for the entries of %" PRIu32 " pages", count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t entry = kf_batch_entry_at(b, i), n = kf_entry_bytes(entry);

		if (n == 0 || n > page)
			return kf_fail(err, KF_INVALID, "page %" PRIu32 " in %" PRIu32 " bytes", i, n);
		if (kf_entry_flag(entry) == KF_REST_RAW && n != page)
			return kf_fail(err, KF_INVALID, "raw page %" PRIu32 " in %" PRIu32 " bytes", i, n);
		bytes += n;
	}
	if (bytes != b->stored_bytes)
		return kf_fail(err, KF_INVALID, "its pages take %" PRIu64 " bytes of %" PRIu32, bytes, b->stored_bytes);
	return KF_OK;
}

static enum kf_status check_batch(const struct kf_batch *b, struct kf_error *err)
{
	if (check_runs(b, err))
		return err->status;
	return b->codec == KF_WIRE_PAGES ? check_entries(b, err) : KF_OK;
}

static enum kf_status decode_batch(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_batch *b = &m->batch;
	uint8_t codec = kf_get_u8(r);

	b->page_shift = kf_get_u8(r);
	if (kf_get_u16(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	b->run_count = kf_get_u32(r);
	b->raw_bytes = kf_get_u32(r);
	b->stored_bytes = kf_get_u32(r);
	b->xxh3 = kf_get_u64(r);
	if (codec >= KF_WIRE_CODECS)
		return kf_fail(err, KF_INVALID, "unknown codec %u", codec);
	b->codec = (enum kf_wire_codec)codec;
	if (b->page_shift < KF_PAGE_SHIFT_MIN || b->page_shift > KF_PAGE_SHIFT_MAX)
		return kf_fail(err, KF_INVALID, "page size 2^%" PRIu32, b->page_shift);
	if (b->run_count == 0 || b->run_count > KF_BATCH_RUNS_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " runs", b->run_count);
	if (b->raw_bytes > KF_BATCH_RAW_MAX || b->stored_bytes > KF_BATCH_STORED_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " bytes in %" PRIu32, b->raw_bytes, b->stored_bytes);
	if ((b->raw_bytes == 0) != (b->stored_bytes == 0))
		return kf_fail(err, KF_INVALID, "%" PRIu32 " bytes from %" PRIu32, b->raw_bytes, b->stored_bytes);
	b->runs = kf_get_bytes(r, (size_t)b->run_count * KF_RUN_BYTES);
	b->stored = kf_get_bytes(r, b->stored_bytes);
	return b->runs && b->stored ? check_batch(b, err) : KF_OK;	/* cut short is told by the caller */
}

static void encode_batch(struct kf_writer *w, const struct kf_message *m)
{
	const struct kf_batch *b = &m->batch;

	kf_put_u8(w, (uint8_t)b->codec);
	kf_put_u8(w, (uint8_t)b->page_shift);
	kf_put_u16(w, 0);
	kf_put_u32(w, b->run_count);
	kf_put_u32(w, b->raw_bytes);
	kf_put_u32(w, b->stored_bytes);
	kf_put_u64(w, b->xxh3);
	kf_put_bytes(w, b->runs, (size_t)b->run_count * KF_RUN_BYTES);
	kf_put_bytes(w, b->stored, b->stored_bytes);
}

const struct kf_message_ops kf_batch_ops = {
	.payload_max = 24 + KF_BATCH_RUNS_MAX * KF_RUN_BYTES + KF_BATCH_STORED_MAX,
	.decode = decode_batch, .encode = encode_batch,
};
