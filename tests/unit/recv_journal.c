// SPDX-License-Identifier: GPL-2.0-or-later
// The journal: what is put comes back, and no damaged bit is believed.
#include "tests/unit/recv/rig.h"

#include "receiver/kdump/pages.h"
#include "receiver/store/journal.h"

static void put_run(struct kf_writer *w, uint64_t first, uint32_t count, enum kf_run_kind kind)
{
	kf_put_u64(w, first);
	kf_put_u32(w, count);
	kf_put_u32(w, kind);
}

static void put_pages(struct kf_records *r, uint64_t at, uint64_t first, uint32_t count, bool zero_behind)
{
	uint8_t runs[2 * KF_RUN_BYTES], entries[64 * 4];
	struct kf_writer rw = kf_writer_on(runs, sizeof(runs)), ew = kf_writer_on(entries, sizeof(entries));
	struct kf_stored_pages p = { .at = at, .run_count = 1 + zero_behind, .entry_count = count, .digest = { 1, 2 },
				     .runs = runs, .entries = entries };
	struct kf_error err;

	put_run(&rw, first, count, KF_RUN_DATA);
	put_run(&rw, first + count + 1, 3, KF_RUN_ZERO);
	for (uint32_t i = 0; i < count; i++) {
		kf_put_u32(&ew, (100 + i) | 0x20u << 24);
		p.bytes += 100 + i;
	}
	CHECK_OK("put pages", kf_journal_put_pages(r, &p, &err), &err);
}

static void make(struct kf_records *r)
{
	const struct kf_welcome id = { .session = { 1 }, .token = { 2 } };
	struct kf_error err;

	CHECK_OK("header", kf_journal_put_header(r, &err), &err);
	CHECK_OK("session", kf_journal_put_session(r, &id, 77, &err), &err);
	CHECK_OK("message", kf_journal_put_message(r, KF_RECORD_DUMP, (const uint8_t *)"dump", 4, &err), &err);
	CHECK_OK("intro", kf_journal_put_intro(r, 8192, &err), &err);
	put_pages(r, 20000, 10, 3, true);
	CHECK_OK("window", kf_journal_put_window(r, &(struct kf_sum128){ 3, 4 }, (const uint8_t *)"window", 6, &err), &err);
	put_pages(r, 30000, 50, 2, false);
}

static void store(struct rig *r, struct kf_file *f, const uint8_t *bytes, size_t len)
{
	struct kf_error err;

	rig_init(r);
	CHECK_OK("create", kf_file_create(f, &r->io, r->base, "journal", &err), &err);
	CHECK_OK("write", kf_file_write(f, bytes, len, 0, &err), &err);
}

static void comes_back(void **state)
{
	static const struct { enum kf_record_type type; uint32_t len; } wanted[] = {
		{ KF_RECORD_SESSION, 56 }, { KF_RECORD_DUMP, 4 }, { KF_RECORD_INTRO, 8 },
		{ KF_RECORD_PAGES, 32 + 32 + 12 }, { KF_RECORD_WINDOW, 16 + 6 }, { KF_RECORD_PAGES, 32 + 16 + 8 },
	};
	struct kf_journal_reader reader;
	struct kf_stored_pages pages;
	struct kf_records records = { 0 };
	struct kf_record record;
	struct kf_error err;
	struct kf_file f;
	struct rig r;

	(void)state;
	make(&records);
	store(&r, &f, records.bytes, records.used);
	CHECK_OK("reader", kf_journal_reader_init(&reader, &f, 0, records.used, &err), &err);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		CHECK_OK("next", kf_journal_next(&reader, &record, &err), &err);
		assert_int_equal(record.type, wanted[i].type);
		assert_int_equal(record.len, wanted[i].len);
		if (i == 3) {
			CHECK_OK("pages", kf_record_pages(&pages, &record, &err), &err);
			assert_int_equal(pages.at, 20000);
			assert_int_equal(pages.bytes, 303);
			assert_int_equal(pages.run_count, 2);
			assert_int_equal(pages.entry_count, 3);
			assert_int_equal(pages.digest.high, 2);
			assert_int_equal(kf_entry_bytes(kf_le32_at(pages.entries + 8)), 102);
			assert_int_equal(kf_entry_flag(kf_le32_at(pages.entries + 8)), 0x20);
		}
	}
	assert_int_equal(kf_journal_next(&reader, &record, &err), KF_ABSENT);
	kf_journal_reader_deinit(&reader);
	kf_file_close(&f);
	kf_records_deinit(&records);
	rig_deinit(&r);
}

/* Reads all records of LEN bytes; KF_ABSENT if all were sound. */
static enum kf_status read_all(const uint8_t *bytes, size_t len)
{
	struct kf_journal_reader reader;
	struct kf_stored_pages pages;
	struct kf_record record;
	struct kf_error err;
	struct kf_file f;
	struct rig r;
	enum kf_status st;

	store(&r, &f, bytes, len);
	st = kf_journal_reader_init(&reader, &f, 0, len, &err);
	while (!st) {
		st = kf_journal_next(&reader, &record, &err);
		if (!st && record.type == KF_RECORD_PAGES)
			st = kf_record_pages(&pages, &record, &err);
	}
	kf_journal_reader_deinit(&reader);
	kf_file_close(&f);
	rig_deinit(&r);
	return st;
}

static void damage(void **state)
{
	struct kf_records records = { 0 };
	uint64_t seed = 1;

	(void)state;
	make(&records);
	assert_int_equal(read_all(records.bytes, records.used), KF_ABSENT);
	for (size_t i = 0; i < records.used; i++) {
		uint8_t bit = (uint8_t)(1u << next_random(&seed) % 8);

		records.bytes[i] ^= bit;
		if (read_all(records.bytes, records.used) != KF_INVALID)
			fail_msg("bit 0x%x of byte %zu was believed", bit, i);
		records.bytes[i] ^= bit;
	}
	kf_records_deinit(&records);
}

static void cut(void **state)
{
	struct kf_records records = { 0 };
	unsigned int whole = 0;

	(void)state;
	make(&records);
	for (size_t len = 0; len < records.used; len++) {
		enum kf_status st = read_all(records.bytes, len);

		whole += st == KF_ABSENT;
		assert_true(st == KF_ABSENT || st == KF_INVALID || (st == KF_FAILED && len < KF_JOURNAL_HEADER_BYTES));
	}
	assert_int_equal(whole, 6);	/* between two records */
	kf_records_deinit(&records);
}

/* Pages of two rows that interleave come out in pfn order. */
static void in_pfn_order(void **state)
{
	static const struct { uint64_t pfn, offset; uint32_t size, flags; } wanted[] = {
		{ 10, 30000, 100, 0x20 }, { 11, 30100, 101, 0x20 }, { 20, 20000, 100, 0x20 }, { 21, 20100, 101, 0x20 },
		{ 23, 8192, 4096, 0 }, { 24, 8192, 4096, 0 }, { 25, 8192, 4096, 0 }, { 30, 40000, 100, 0x20 },
	};
	struct kf_kdump_descriptor d;
	struct kf_records records = { 0 };
	struct kf_journal_span span = { .first = 0 };
	struct kf_pages pages;
	struct kf_error err;
	struct kf_file f;
	struct rig r;
	uint64_t pfn;

	(void)state;
	CHECK_OK("header", kf_journal_put_header(&records, &err), &err);
	put_pages(&records, 20000, 20, 2, true);
	span.vital_end = records.used;
	put_pages(&records, 30000, 10, 2, false);
	CHECK_OK("window", kf_journal_put_window(&records, &(struct kf_sum128){ 0 }, NULL, 0, &err), &err);
	put_pages(&records, 40000, 30, 1, false);
	span.end = records.used;
	store(&r, &f, records.bytes, records.used);
	CHECK_OK("pages", kf_pages_init(&pages, &f, &span, 8192, 4096, &err), &err);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		CHECK_OK("next", kf_pages_next(&pages, &pfn, &d, &err), &err);
		assert_int_equal(pfn, wanted[i].pfn);
		assert_int_equal(d.offset, wanted[i].offset);
		assert_int_equal(d.size, wanted[i].size);
		assert_int_equal(d.flags, wanted[i].flags);
	}
	assert_int_equal(kf_pages_next(&pages, &pfn, &d, &err), KF_ABSENT);
	kf_pages_deinit(&pages);
	kf_file_close(&f);
	kf_records_deinit(&records);
	rig_deinit(&r);
}

/* A journal that is sound record by record, but names pages twice or backwards. */
static void not_in_order(void **state)
{
	static const struct { const char *name; uint64_t first[3]; bool vital; const char *part; } table[] = {
		{ "twice in the windows", { 10, 10, 0 }, false, "out of order" },
		{ "backwards", { 20, 10, 0 }, false, "out of order" },
		{ "vital, and in a window", { 10, 10, 0 }, true, "twice" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct kf_kdump_descriptor d;
		struct kf_records records = { 0 };
		struct kf_journal_span span = { .first = 0 };
		struct kf_pages pages;
		struct kf_error err;
		struct kf_file f;
		struct rig r;
		uint64_t pfn;
		enum kf_status st;

		CHECK_OK("header", kf_journal_put_header(&records, &err), &err);
		span.vital_end = records.used;
		put_pages(&records, 20000, table[i].first[0], 2, false);
		if (table[i].vital)
			span.vital_end = records.used;
		put_pages(&records, 30000, table[i].first[1], 2, false);
		span.end = records.used;
		store(&r, &f, records.bytes, records.used);
		st = kf_pages_init(&pages, &f, &span, 8192, 4096, &err);
		while (!st)
			st = kf_pages_next(&pages, &pfn, &d, &err);
		CHECK_REFUSED(table[i].name, st, KF_INVALID, &err, table[i].part);
		kf_pages_deinit(&pages);
		kf_file_close(&f);
		kf_records_deinit(&records);
		rig_deinit(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(damage),
		cmocka_unit_test(cut),
		cmocka_unit_test(in_pfn_order),
		cmocka_unit_test(not_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
