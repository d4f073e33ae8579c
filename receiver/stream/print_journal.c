// SPDX-License-Identifier: GPL-2.0-or-later
// Printing the journal beside a dump, record by record; see print.h and receiver/store/journal.h.
#include <inttypes.h>

#include "receiver/store/journal.h"
#include "receiver/stream/print_fields.h"

static enum kf_status print_session(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	struct kf_reader body = kf_reader_on(r->body, r->len);
	const uint8_t *session = kf_get_bytes(&body, KF_SESSION_BYTES), *token = kf_get_bytes(&body, KF_TOKEN_BYTES);
	uint64_t begun = kf_get_u64(&body);

	if (body.failed || kf_left(&body))
		return kf_fail(err, KF_INVALID, "it has %" PRIu32 " bytes", r->len);
	fprintf(p->out, " SESSION");
	kf_print_hex(p, "session", session, KF_SESSION_BYTES);
	kf_print_secret(p, "token", token, KF_TOKEN_BYTES);
	fprintf(p->out, " begun=%" PRIu64, begun);
	return KF_OK;
}

static enum kf_status print_payload(const struct kf_printer *p, enum kf_type type, const uint8_t *payload, size_t len,
				    struct kf_error *err)
{
	struct kf_message m;
	enum kf_status st = kf_decode(&m, (uint8_t)type, payload, len, err);

	if (!st)
		kf_print_message(p, &m);
	return st;
}

static enum kf_status print_dump(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	return print_payload(p, KF_MSG_DUMP, r->body, r->len, err);
}

static enum kf_status print_ram(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	return print_payload(p, KF_MSG_RAM, r->body, r->len, err);
}

static enum kf_status print_intro(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	if (r->len != 8)
		return kf_fail(err, KF_INVALID, "it has %" PRIu32 " bytes", r->len);
	fprintf(p->out, " INTRO zero page at %" PRIu64 " of the dump file", kf_le64_at(r->body));
	return KF_OK;
}

static enum kf_status print_pages(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	struct kf_stored_pages pages;
	struct kf_digest digest;
	enum kf_status st = kf_record_pages(&pages, r, err);

	if (st)
		return st;
	kf_sum_encode(&digest, &pages.digest);
	fprintf(p->out, " PAGES %" PRIu32 " data pages, %" PRIu32 " bytes at %" PRIu64 " of the dump file", pages.entry_count, pages.bytes,
		pages.at);
	kf_print_hex(p, "digest", digest.bytes, sizeof(digest.bytes));
	fprintf(p->out, "\n    %" PRIu32 " runs", pages.run_count);
	kf_print_runs(p, pages.runs, pages.run_count);
	kf_print_entries(p, pages.runs, pages.run_count, pages.entries);
	return KF_OK;
}

static enum kf_status print_window(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	enum kf_status st;

	if (r->len < KF_DIGEST_BYTES)
		return kf_fail(err, KF_INVALID, "it has %" PRIu32 " bytes", r->len);
	st = print_payload(p, KF_MSG_WINDOW, r->body + KF_DIGEST_BYTES, r->len - KF_DIGEST_BYTES, err);
	if (st)
		return st;
	fprintf(p->out, "\n   ");
	kf_print_hex(p, "verdicts", r->body, KF_DIGEST_BYTES);
	return KF_OK;
}

static enum kf_status print_vital(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	(void)r, (void)err;
	fprintf(p->out, " VITAL pages follow");
	return KF_OK;
}

static enum kf_status print_record(const struct kf_printer *p, const struct kf_record *r, struct kf_error *err)
{
	static enum kf_status (*const table[])(const struct kf_printer *, const struct kf_record *, struct kf_error *) = {
		[KF_RECORD_SESSION] = print_session, [KF_RECORD_DUMP] = print_dump, [KF_RECORD_RAM] = print_ram,
		[KF_RECORD_INTRO] = print_intro, [KF_RECORD_PAGES] = print_pages, [KF_RECORD_WINDOW] = print_window,
		[KF_RECORD_VITAL] = print_vital,
	};
	enum kf_status st;

	fprintf(p->out, "@%" PRIu64, r->at);
	st = r->type < sizeof(table) / sizeof(*table) && table[r->type] ? table[r->type](p, r, err) :
		kf_fail(err, KF_INVALID, "type %u, which is unknown", (unsigned int)r->type);
	fputc('\n', p->out);
	return st ? kf_prepend(err, "the record at %" PRIu64, r->at) : KF_OK;
}

enum kf_status kf_print_journal(struct kf_printer *p, int fd, struct kf_error *err)
{
	const struct kf_file file = { .io = &kf_io_system, .name = "journal", .fd = fd };
	struct kf_journal_reader reader = { 0 };
	struct kf_record record;
	uint64_t size = 0;
	enum kf_status st = kf_file_size(&file, &size, err);

	if (!st)
		st = kf_journal_reader_init(&reader, &file, 0, size, err);
	if (!st)
		fprintf(p->out, "a journal, version %d\n", KF_JOURNAL_VERSION);
	while (!st && !(st = kf_journal_next(&reader, &record, err))) {
		p->messages++;
		st = print_record(p, &record, err);
	}
	kf_journal_reader_deinit(&reader);
	if (st == KF_ABSENT) {
		fprintf(p->out, "to its end: %" PRIu64 " records, %" PRIu64 " bytes\n", p->messages, size);
		return KF_OK;
	}
	fprintf(p->out, "not whole: %s\n", err->text);
	/* A receiver that was killed leaves half a record: what is before it counts. */
	return st == KF_INVALID && p->messages ? kf_fail(err, KF_INCOMPLETE, "the journal ends with a damaged record") : st;
}
