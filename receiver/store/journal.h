/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal beside a dump: what is durable, and all that is needed to go on from there. */
#ifndef KF_JOURNAL_H
#define KF_JOURNAL_H

#include "proto/digest.h"
#include "proto/message.h"
#include "receiver/store/file.h"

/*
 * The dump file holds pages in the order of their arrival and, somewhere, a table that knows them up
 * to the last checkpoint. The journal knows them up to the last sync, together with the verdicts; a
 * checkpoint is made from it alone, and so would be a dump whose receiver was killed.
 *
 * Order of writing: page data to the dump file, fdatasync, records to the journal, fdatasync. So
 * whatever a whole record names is on disk. A record that is cut or damaged ends the journal.
 *
 *   journal := header record*
 *   header  16 bytes: magic "KFJOURN\n", u32 version (2), u32 CRC32C of the 12 bytes before
 *   record  16 bytes: u32 type, u32 length of the body (at most KF_JOURNAL_BODY_MAX),
 *                     u32 CRC32C of the body, u32 CRC32C of the 12 bytes before; then the body
 *
 * Integers are little endian. The first records are SESSION, DUMP, RAM, ..., INTRO; then PAGES and
 * WINDOW in the order in which the sender sent them, so that PAGES behind the last WINDOW belong to a
 * window that was still open.
 *
 *   SESSION   16 bytes session id, 32 bytes resume token, u64 seconds since 1970 of its begin
 *   DUMP      the payload of that message
 *   RAM       the payload of that message
 *   INTRO     u64 offset in the dump file of the zero page, behind which page data begins
 *   PAGES     the pages of one batch, as they rest:
 *               0  u64 offset of their bytes in the dump file
 *               8  u32 length of their bytes
 *              12  u32 number of runs
 *              16  digest part, 16 bytes (proto/digest.h)
 *              32  runs, as in BATCH; pages of zero runs are the zero page
 *               .  for each page of the other runs u32: its stored bytes, and in the highest 8 bits
 *                  the flags of its descriptor. The pages lie one behind the other.
 *   VITAL     nothing: the pages behind it are vital ones, until the WINDOW that closes them. Version 1 had no such
 *             record, and could not tell the vital part from the first window when neither was closed
 *   WINDOW    digest part of its verdicts, 16 bytes; then the payload of that message
 */
#define KF_JOURNAL_MAGIC "KFJOURN\n"
#define KF_JOURNAL_VERSION 2
#define KF_JOURNAL_HEADER_BYTES 16
#define KF_RECORD_HEAD_BYTES 16
#define KF_JOURNAL_BODY_MAX (1u << 21)	/* the largest is a WINDOW's payload and its digest part */

enum kf_record_type {
	KF_RECORD_SESSION = 1,
	KF_RECORD_DUMP = 2,
	KF_RECORD_RAM = 3,
	KF_RECORD_INTRO = 4,
	KF_RECORD_PAGES = 5,
	KF_RECORD_WINDOW = 6,
	KF_RECORD_VITAL = 7,
};

/* PAGES as C sees it. Tables stay encoded and are borrowed. */
struct kf_stored_pages {
	uint64_t at;		/* in the dump file, bytes */
	uint32_t bytes;
	uint32_t run_count;
	uint32_t entry_count;	/* pages of data runs */
	struct kf_sum128 digest;
	const uint8_t *runs;	/* kf_run_at */
	const uint8_t *entries;	/* u32 each: kf_entry */
};

/* Records gathered for the next write: memory that grows. Zero-initialised it is empty. */
struct kf_records {
	uint8_t *bytes;		/* owned */
	size_t used, room;
};

void kf_records_deinit(struct kf_records *r);

/* All append; KF_FAILED if there is no memory, and then nothing was appended. */
enum kf_status kf_journal_put_header(struct kf_records *r, struct kf_error *err) kf_must_check;
enum kf_status kf_journal_put_session(struct kf_records *r, const struct kf_welcome *who, uint64_t begun,
				      struct kf_error *err) kf_must_check;
/* DUMP or RAM, by its payload. */
enum kf_status kf_journal_put_message(struct kf_records *r, enum kf_record_type type, const uint8_t *payload,
				      size_t len, struct kf_error *err) kf_must_check;
enum kf_status kf_journal_put_intro(struct kf_records *r, uint64_t zero_page_at, struct kf_error *err) kf_must_check;
enum kf_status kf_journal_put_pages(struct kf_records *r, const struct kf_stored_pages *pages,
				    struct kf_error *err) kf_must_check;
enum kf_status kf_journal_put_window(struct kf_records *r, const struct kf_sum128 *verdicts,
				     const uint8_t *payload, size_t len, struct kf_error *err) kf_must_check;

/* One record as it was read. */
struct kf_record {
	enum kf_record_type type;
	uint64_t at;		/* of its head in the journal, bytes */
	const uint8_t *body;	/* lives until the next is read */
	uint32_t len;
};

/* Reads records one after the other; each reader has its own place and memory. */
struct kf_journal_reader {
	const struct kf_file *file;	/* borrowed */
	uint64_t at, end;		/* the next record; where to stop (bytes, exclusive) */
	uint8_t *body;			/* owned */
	size_t room;
};

/* Reads [FROM, END) of FILE, both at the edge of a record; FROM 0 checks the header first. */
enum kf_status kf_journal_reader_init(struct kf_journal_reader *r, const struct kf_file *file, uint64_t from,
				      uint64_t end, struct kf_error *err) kf_must_check;
void kf_journal_reader_deinit(struct kf_journal_reader *r);

/* KF_ABSENT at the end, KF_INVALID if the record is damaged, KF_FAILED if it cannot be read. */
enum kf_status kf_journal_next(struct kf_journal_reader *r, struct kf_record *record,
			       struct kf_error *err) kf_must_check;

/* What a PAGES record says; checked to be sound in itself. Lives as long as the record. */
enum kf_status kf_record_pages(struct kf_stored_pages *pages, const struct kf_record *record,
			       struct kf_error *err) kf_must_check;

#endif
