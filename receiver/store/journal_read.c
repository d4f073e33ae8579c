// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the journal; see journal.h. What is on disk is not believed either: a killed receiver leaves
// half records, and disks have errors.
#include <inttypes.h>
#include <stdlib.h>

#include "common/checksum.h"
#include "receiver/store/journal.h"

static enum kf_status check_header(const struct kf_file *file, struct kf_error *err)
{
	uint8_t h[KF_JOURNAL_HEADER_BYTES];
	enum kf_status st = kf_file_read(file, h, sizeof(h), 0, err);

	if (st)
		return st;
	if (memcmp(h, KF_JOURNAL_MAGIC, 8) != 0 || kf_le32_at(h + 12) != kf_crc32c(h, 12))
		return kf_fail(err, KF_INVALID, "%s: not a journal", file->name);
	if (kf_le32_at(h + 8) != KF_JOURNAL_VERSION)
		return kf_fail(err, KF_INVALID, "%s: version %" PRIu32 ", this program knows %d", file->name,
			       kf_le32_at(h + 8), KF_JOURNAL_VERSION);
	return KF_OK;
}

enum kf_status kf_journal_reader_init(struct kf_journal_reader *r, const struct kf_file *file, uint64_t from,
				      uint64_t end, struct kf_error *err)
{
	*r = (struct kf_journal_reader){ .file = file, .at = from, .end = end };
	if (from > 0)
		return KF_OK;
	r->at = KF_JOURNAL_HEADER_BYTES;
	return check_header(file, err);
}

void kf_journal_reader_deinit(struct kf_journal_reader *r)
{
	free(r->body);
	r->body = NULL;
}

static enum kf_status damaged(const struct kf_journal_reader *r, struct kf_error *err)
{
	return kf_fail(err, KF_INVALID, "%s: the record at %" PRIu64 " is damaged", r->file->name, r->at);
}

static enum kf_status make_room(struct kf_journal_reader *r, size_t len, struct kf_error *err)
{
	uint8_t *body;

	if (len <= r->room)
		return KF_OK;
	body = realloc(r->body, len);
	if (!body)
		return kf_fail(err, KF_FAILED, "no memory for a journal record of %zu bytes", len);
	r->body = body;
	r->room = len;
	return KF_OK;
}

enum kf_status kf_journal_next(struct kf_journal_reader *r, struct kf_record *record, struct kf_error *err)
{
	uint8_t head[KF_RECORD_HEAD_BYTES];
	enum kf_status st;
	uint32_t len;

	if (r->at >= r->end)
		return KF_ABSENT;
	if (r->end - r->at < sizeof(head))
		return damaged(r, err);
	st = kf_file_read(r->file, head, sizeof(head), r->at, err);
	if (st)
		return st;
	len = kf_le32_at(head + 4);
	if (kf_le32_at(head + 12) != kf_crc32c(head, 12) || len > KF_JOURNAL_BODY_MAX ||
	    len > r->end - r->at - sizeof(head))
		return damaged(r, err);
	st = make_room(r, len, err);
	if (st == KF_OK)
		st = kf_file_read(r->file, r->body, len, r->at + sizeof(head), err);
	if (st)
		return st;
	if (kf_le32_at(head + 8) != kf_crc32c(r->body, len))
		return damaged(r, err);
	*record = (struct kf_record){
		.type = (enum kf_record_type)kf_le32_at(head), .at = r->at, .body = r->body, .len = len,
	};
	r->at += sizeof(head) + len;
	return KF_OK;
}

/* Counts the pages of data runs; false if a run is empty or they do not ascend. */
static bool count_entries(const struct kf_stored_pages *p, uint64_t *entries)
{
	uint64_t next = 0;

	*entries = 0;
	for (uint32_t i = 0; i < p->run_count; i++) {
		struct kf_run run = kf_run_at(p->runs, i);

		if (run.first < next || run.first > KF_PFN_MAX || run.count == 0)
			return false;
		next = run.first + run.count;
		if (run.kind == KF_RUN_DATA)
			*entries += run.count;
	}
	return true;
}

enum kf_status kf_record_pages(struct kf_stored_pages *pages, const struct kf_record *record,
			       struct kf_error *err)
{
	struct kf_reader r = kf_reader_on(record->body, record->len);
	struct kf_digest digest = { 0 };
	const uint8_t *sum;
	uint64_t entries;

	*pages = (struct kf_stored_pages){ .at = kf_get_u64(&r), .bytes = kf_get_u32(&r), .run_count = kf_get_u32(&r) };
	sum = kf_get_bytes(&r, sizeof(digest.bytes));
	pages->runs = kf_get_bytes(&r, (size_t)pages->run_count * KF_RUN_BYTES);
	if (r.failed || !count_entries(pages, &entries) || kf_left(&r) != entries * 4)
		return kf_fail(err, KF_INVALID, "journal: the pages at %" PRIu64 " are damaged", record->at);
	memcpy(digest.bytes, sum, sizeof(digest.bytes));
	pages->digest = kf_sum_decode(&digest);
	pages->entry_count = (uint32_t)entries;
	pages->entries = kf_get_bytes(&r, kf_left(&r));
	return KF_OK;
}
