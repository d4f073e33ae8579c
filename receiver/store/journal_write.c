// SPDX-License-Identifier: GPL-2.0-or-later
// Making records of the journal; see journal.h.
#include <stdlib.h>

#include "common/checksum.h"
#include "receiver/store/journal.h"

#define FIRST_ROOM (64u << 10)

void kf_records_deinit(struct kf_records *r)
{
	free(r->bytes);
	*r = (struct kf_records){ 0 };
}

static enum kf_status make_room(struct kf_records *r, size_t more, struct kf_error *err)
{
	size_t room = r->room ? r->room : FIRST_ROOM;
	uint8_t *bytes;

	while (room - r->used < more)
		room *= 2;
	if (room == r->room)
		return KF_OK;
	bytes = realloc(r->bytes, room);
	if (!bytes)
		return kf_fail(err, KF_FAILED, "no memory for %zu bytes of journal", room);
	r->bytes = bytes;
	r->room = room;
	return KF_OK;
}

/* Room for a record with a body of LEN bytes: *W is where the body goes. */
static enum kf_status begin(struct kf_records *r, size_t len, struct kf_writer *w, struct kf_error *err)
{
	enum kf_status st;

	if (len > KF_JOURNAL_BODY_MAX)
		return kf_fail(err, KF_FAILED, "journal record of %zu bytes", len);
	st = make_room(r, KF_RECORD_HEAD_BYTES + len, err);
	if (st == KF_OK)
		*w = kf_writer_on(r->bytes + r->used + KF_RECORD_HEAD_BYTES, len);
	return st;
}

/* Puts the head before a body that is filled now. */
static void finish(struct kf_records *r, enum kf_record_type type, const struct kf_writer *body)
{
	struct kf_writer w = kf_writer_on(r->bytes + r->used, KF_RECORD_HEAD_BYTES);

	kf_put_u32(&w, type);
	kf_put_u32(&w, (uint32_t)body->size);
	kf_put_u32(&w, kf_crc32c(body->start, body->size));
	kf_put_u32(&w, kf_crc32c(r->bytes + r->used, KF_RECORD_HEAD_BYTES - 4));
	r->used += KF_RECORD_HEAD_BYTES + body->size;
}

static void put_sum(struct kf_writer *w, const struct kf_sum128 *sum)
{
	struct kf_digest d;

	kf_sum_encode(&d, sum);
	kf_put_bytes(w, d.bytes, sizeof(d.bytes));
}

enum kf_status kf_journal_put_header(struct kf_records *r, struct kf_error *err)
{
	enum kf_status st = make_room(r, KF_JOURNAL_HEADER_BYTES, err);
	struct kf_writer w;

	if (st)
		return st;
	w = kf_writer_on(r->bytes + r->used, KF_JOURNAL_HEADER_BYTES);
	kf_put_bytes(&w, KF_JOURNAL_MAGIC, 8);
	kf_put_u32(&w, KF_JOURNAL_VERSION);
	kf_put_u32(&w, kf_crc32c(w.start, 12));
	r->used += KF_JOURNAL_HEADER_BYTES;
	return KF_OK;
}

enum kf_status kf_journal_put_session(struct kf_records *r, const struct kf_welcome *who, uint64_t begun,
				      struct kf_error *err)
{
	struct kf_writer w;
	enum kf_status st = begin(r, sizeof(who->session) + sizeof(who->token) + 8, &w, err);

	if (st)
		return st;
	kf_put_bytes(&w, who->session, sizeof(who->session));
	kf_put_bytes(&w, who->token, sizeof(who->token));
	kf_put_u64(&w, begun);
	finish(r, KF_RECORD_SESSION, &w);
	return KF_OK;
}

enum kf_status kf_journal_put_message(struct kf_records *r, enum kf_record_type type, const uint8_t *payload,
				      size_t len, struct kf_error *err)
{
	struct kf_writer w;
	enum kf_status st = begin(r, len, &w, err);

	if (st)
		return st;
	kf_put_bytes(&w, payload, len);
	finish(r, type, &w);
	return KF_OK;
}

enum kf_status kf_journal_put_intro(struct kf_records *r, uint64_t zero_page_at, struct kf_error *err)
{
	struct kf_writer w;
	enum kf_status st = begin(r, 8, &w, err);

	if (st)
		return st;
	kf_put_u64(&w, zero_page_at);
	finish(r, KF_RECORD_INTRO, &w);
	return KF_OK;
}

enum kf_status kf_journal_put_pages(struct kf_records *r, const struct kf_stored_pages *pages,
				    struct kf_error *err)
{
	size_t runs = (size_t)pages->run_count * KF_RUN_BYTES;
	size_t entries = (size_t)pages->entry_count * 4;
	struct kf_writer w;
	enum kf_status st = begin(r, 32 + runs + entries, &w, err);

	if (st)
		return st;
	kf_put_u64(&w, pages->at);
	kf_put_u32(&w, pages->bytes);
	kf_put_u32(&w, pages->run_count);
	put_sum(&w, &pages->digest);
	kf_put_bytes(&w, pages->runs, runs);
	kf_put_bytes(&w, pages->entries, entries);
	finish(r, KF_RECORD_PAGES, &w);
	return KF_OK;
}

enum kf_status kf_journal_put_window(struct kf_records *r, const struct kf_sum128 *verdicts,
				     const uint8_t *payload, size_t len, struct kf_error *err)
{
	struct kf_writer w;
	enum kf_status st = begin(r, KF_DIGEST_BYTES + len, &w, err);

	if (st)
		return st;
	put_sum(&w, verdicts);
	kf_put_bytes(&w, payload, len);
	finish(r, KF_RECORD_WINDOW, &w);
	return KF_OK;
}
