// SPDX-License-Identifier: GPL-2.0-or-later
// The assembler's refusals, one by one: a message that is sound in itself but does not fit the others.
#include "tests/unit/recv/rig.h"

/* One wrong thing in an otherwise correct stream. */
struct refusal {
	const char *story;
	enum kf_type type;	/* the NTH message of this type is changed by CHANGE, */
	unsigned int nth;
	enum plan_fate (*change)(struct kf_message *m);
	enum kf_abort_code code;	/* what the sender is told */
	const char *part;		/* and this somewhere in the text */
};

static uint8_t *table_of(const uint8_t *table)
{
	return (uint8_t *)(uintptr_t)table;	/* the plan's own buffer */
}

static void set_u64(const uint8_t *table, size_t index, uint64_t v)
{
	struct kf_writer w = kf_writer_on(table_of(table) + 8 * index, 8);

	kf_put_u64(&w, v);
}

static enum plan_fate drop(struct kf_message *m)
{
	(void)m;
	return PLAN_DROP;
}

static enum plan_fate twice(struct kf_message *m)
{
	(void)m;
	return PLAN_TWICE;
}

static enum plan_fate resume(struct kf_message *m)
{
	m->hello.flags |= KF_HELLO_RESUME;
	return PLAN_SEND;
}

static enum plan_fate huge_mapnr(struct kf_message *m)
{
	m->dump.max_mapnr = KF_LIMITS_DEFAULT.max_mapnr + 1;
	return PLAN_SEND;
}

static enum plan_fate small_mapnr(struct kf_message *m)
{
	m->dump.max_mapnr = 999;
	return PLAN_SEND;
}

static enum plan_fate more_notes(struct kf_message *m)
{
	m->dump.notes_bytes++;
	return PLAN_SEND;
}

static enum plan_fate fewer_notes(struct kf_message *m)
{
	m->dump.notes_bytes = 119;
	return PLAN_SEND;
}

static enum plan_fate next_offset(struct kf_message *m)
{
	m->block.offset++;
	return PLAN_SEND;
}

static enum plan_fate last(struct kf_message *m)
{
	m->block.flags |= KF_LOG_LAST;
	return PLAN_SEND;
}

static enum plan_fate more_follow(struct kf_message *m)
{
	m->list.flags |= KF_RANGES_MORE;
	return PLAN_SEND;
}

static enum plan_fate vital_hole(struct kf_message *m)
{
	set_u64(m->list.ranges.table, 0, 700);	/* [700, 701) is no RAM */
	set_u64(m->list.ranges.table, 1, 701);
	m->list.ranges.count = 1;
	return PLAN_SEND;
}

/* The first run's first page becomes another. */
static enum plan_fate first_page(struct kf_message *m, uint64_t pfn)
{
	set_u64(m->batch.runs, 0, pfn);
	return PLAN_SEND;
}

static enum plan_fate page_no_ram(struct kf_message *m) { return first_page(m, 0); }
static enum plan_fate page_below(struct kf_message *m) { return first_page(m, 255); }
static enum plan_fate page_excluded(struct kf_message *m) { return first_page(m, 4); }
static enum plan_fate page_not_vital(struct kf_message *m) { return first_page(m, 254); }

static enum plan_fate page_vital(struct kf_message *m)
{
	/* The last run before the window's edge becomes one of the vital pages. */
	uint32_t last_run = m->batch.run_count - 1;

	set_u64(m->batch.runs, 2 * last_run, 255);
	return PLAN_SEND;
}

static enum plan_fate bad_hash(struct kf_message *m)
{
	m->batch.xxh3 ^= 1;
	return PLAN_SEND;
}

static enum plan_fate bad_lz4(struct kf_message *m)
{
	memset(table_of(m->batch.stored), 0xff, m->batch.stored_bytes);
	return PLAN_SEND;
}

static enum plan_fate wire_zstd(struct kf_message *m)
{
	m->batch.codec = KF_WIRE_ZSTD;
	return PLAN_SEND;
}

/* The first page of a batch of codec `pages` gets another flag; the sizes stay. */
static enum plan_fate first_flag(struct kf_message *m, uint8_t flag)
{
	table_of(m->batch.stored)[3] = flag;
	return PLAN_SEND;
}

static enum plan_fate page_zlib(struct kf_message *m) { return first_flag(m, KF_REST_ZLIB); }
static enum plan_fate page_no_codec(struct kf_message *m) { return first_flag(m, 8); }
static enum plan_fate page_two_codecs(struct kf_message *m) { return first_flag(m, KF_REST_ZSTD | KF_REST_ZLIB); }
static enum plan_fate page_called_raw(struct kf_message *m) { return first_flag(m, 0); }

static enum plan_fate page_damaged(struct kf_message *m)
{
	uint32_t pages = m->batch.raw_bytes >> 12;

	memset(table_of(m->batch.stored) + 4 * pages, 0xff, m->batch.stored_bytes - 4 * pages);
	return PLAN_SEND;
}

/* Two pages change places with their entries: each is right by itself. */
static enum plan_fate page_moved(struct kf_message *m)
{
	uint8_t *stored = table_of(m->batch.stored);
	uint32_t pages = m->batch.raw_bytes >> 12, a = kf_le32_at(stored) & 0xffffff, b = kf_le32_at(stored + 4) & 0xffffff;
	static uint8_t kept[2 * 4096];

	memcpy(kept, stored + 4 * pages, a + b);
	memcpy(stored + 4 * pages, kept + a, b);
	memcpy(stored + 4 * pages + b, kept, a);
	memcpy(kept, stored, 8);
	memcpy(stored, kept + 4, 4);
	memcpy(stored + 4, kept, 4);
	return PLAN_SEND;
}

static enum plan_fate stored_cut(struct kf_message *m)
{
	m->batch.stored_bytes--;
	return PLAN_SEND;
}

static enum plan_fate big_pages(struct kf_message *m)
{
	m->batch.page_shift = 14;
	m->batch.raw_bytes *= 4;
	return PLAN_SEND;
}

static enum plan_fate window_later(struct kf_message *m)
{
	m->window.first += 64;
	table_of(m->window.runs)[0] = 0;	/* keep the sums right: the runs of the plan do not matter here */
	return PLAN_DROP;
}

static enum plan_fate window_odd_end(struct kf_message *m)
{
	uint8_t *runs = table_of(m->window.runs);

	m->window.end--;
	runs[m->window.runs_bytes - 1]--;	/* the last run is longer than one page */
	m->window.tally.pages[KF_FREE] -= m->window.tally.pages[KF_FREE] > 0;
	return PLAN_SEND;
}

static enum plan_fate window_carry_in(struct kf_message *m)
{
	m->window.in = (struct kf_carry){ m->window.first + 5, KF_FREE };
	return PLAN_SEND;
}

static enum plan_fate window_carry_out(struct kf_message *m)
{
	m->window.out = (struct kf_carry){ m->window.end + 5, KF_FREE };
	return PLAN_SEND;
}

static enum plan_fate window_other_class(struct kf_message *m)
{
	m->window.tally.pages[KF_FREE]--;
	m->window.tally.pages[KF_CACHE]++;
	return PLAN_SEND;
}

static enum plan_fate window_too_few(struct kf_message *m)
{
	m->window.tally.pages[KF_FREE]--;
	return PLAN_SEND;
}

static enum plan_fate window_zero(struct kf_message *m)
{
	m->window.tally.zero++;
	return PLAN_SEND;
}

/* A page that came is called unreadable too. */
static enum plan_fate window_unreadable(struct kf_message *m)
{
	static uint8_t range[KF_RANGE_BYTES];

	set_u64(range, 0, 5);
	set_u64(range, 1, 6);
	m->window.unreadable = (struct kf_ranges){ range, 1 };
	m->window.tally.unreadable = 1;
	return PLAN_SEND;
}

static enum plan_fate readable_after_all(struct kf_message *m)
{
	m->window.unreadable.count = 0;
	m->window.tally.unreadable = 0;
	return PLAN_SEND;
}

static enum plan_fate vital_readable(struct kf_message *m)
{
	return readable_after_all(m);
}

static enum plan_fate end_tally(struct kf_message *m)
{
	m->end.tally.rescued++;
	return PLAN_SEND;
}

static enum plan_fate end_batches(struct kf_message *m)
{
	m->end.batches++;
	return PLAN_SEND;
}

static enum plan_fate end_pages(struct kf_message *m)
{
	m->end.pages.bytes[15] ^= 1;
	return PLAN_SEND;
}

static enum plan_fate end_verdicts(struct kf_message *m)
{
	m->end.verdicts.bytes[0] ^= 1;
	return PLAN_SEND;
}

static enum plan_fate tamper(struct kf_message *m, unsigned int nth, void *ctx)
{
	const struct refusal *r = ctx;

	return m->type == r->type && nth == r->nth ? r->change(m) : PLAN_SEND;
}

static void check(const struct refusal *row, const struct plan *p)
{
	struct plan_stream s;
	struct rig r;
	char text[8192];

	rig_init(&r);
	plan_stream_make(&s, p, tamper, (void *)(uintptr_t)row);
	rig_run(&r, s.bytes, s.len);
	CHECK(row->story, r.status == KF_INCOMPLETE || r.status == KF_FAILED);
	CHECK_EQ(row->story, r.replies[KF_MSG_STORED], 0);
	if (!strstr(r.abort_text, row->part))
		fail_msg("%s: told '%s', wanted '%s' in it", row->story, r.abort_text, row->part);
	CHECK_EQ(row->story, r.abort.code, row->code);
	if (r.dir[0]) {
		rig_text(&r, "manifest.json", text, sizeof(text));
		CHECK(row->story, strstr(text, "\"state\": \"incomplete\"") && strstr(text, "\"reason\""));
		CHECK(row->story, !rig_has(&r, "vmcore"));
	}
	plan_stream_free(&s);
	rig_deinit(&r);
}

static void in_the_intro(void **state)
{
	static const struct refusal table[] = {
		{ "a replay resumes nothing", KF_MSG_HELLO, 0, resume, KF_ABORT_REFUSED, "makes a new dump" },
		{ "a second DUMP", KF_MSG_DUMP, 0, twice, KF_ABORT_PROTOCOL, "DUMP may not come after DUMP" },
		{ "more memory than allowed", KF_MSG_DUMP, 0, huge_mapnr, KF_ABORT_REFUSED, "allowed" },
		{ "RAM beyond max_mapnr", KF_MSG_DUMP, 0, small_mapnr, KF_ABORT_PROTOCOL, "beyond max_mapnr" },
		{ "notes that do not end", KF_MSG_DUMP, 0, more_notes, KF_ABORT_PROTOCOL, "notes are missing" },
		{ "notes that are too long", KF_MSG_DUMP, 0, fewer_notes, KF_ABORT_PROTOCOL, "NOTES" },
		{ "a gap in the notes", KF_MSG_NOTES, 1, next_offset, KF_ABORT_PROTOCOL, "NOTES" },
		{ "notes are missing", KF_MSG_NOTES, 1, drop, KF_ABORT_PROTOCOL, "80 of 200 bytes of notes are missing" },
		{ "a note twice", KF_MSG_NOTES, 0, twice, KF_ABORT_PROTOCOL, "NOTES" },
		{ "a gap in the log", KF_MSG_LOG, 1, next_offset, KF_ABORT_PROTOCOL, "LOG" },
		{ "log behind its end", KF_MSG_LOG, 0, last, KF_ABORT_PROTOCOL, "LOG" },
		{ "RAM twice", KF_MSG_RAM, 0, twice, KF_ABORT_PROTOCOL, "RAM was complete" },
		{ "RAM that does not end", KF_MSG_RAM, 0, more_follow, KF_ABORT_PROTOCOL, "RAM is not complete" },
		{ "no RAM at all", KF_MSG_RAM, 0, drop, KF_ABORT_PROTOCOL, "may not come after" },
	};
	struct plan p;

	(void)state;
	plan_default(&p);
	for (size_t i = 0; i < COUNT(table); i++)
		check(&table[i], &p);
}

static void pages_as_they_rest(void **state)
{
	static const struct refusal table[] = {
		{ "a page of another codec than the dump's", KF_MSG_BATCH, 2, page_zlib, KF_ABORT_PROTOCOL, "page 0 of a batch is packed as 0x1" },
		{ "a page of a flag that is no codec", KF_MSG_BATCH, 2, page_no_codec, KF_ABORT_PROTOCOL, "page 0 of a batch is packed as 0x8" },
		{ "a page of two codecs", KF_MSG_BATCH, 2, page_two_codecs, KF_ABORT_PROTOCOL, "page 0 of a batch is packed as 0x21" },
		{ "a packed page called raw", KF_MSG_BATCH, 2, page_called_raw, KF_ABORT_PROTOCOL, "raw page 0 in" },
		{ "pages that do not unpack", KF_MSG_BATCH, 2, page_damaged, KF_ABORT_PROTOCOL, "zstd page does not unpack" },
		{ "two pages in the wrong places", KF_MSG_BATCH, 2, page_moved, KF_ABORT_PROTOCOL, "XXH3" },
		{ "another XXH3", KF_MSG_BATCH, 2, bad_hash, KF_ABORT_PROTOCOL, "XXH3" },
		{ "a byte too few", KF_MSG_BATCH, 2, stored_cut, KF_ABORT_PROTOCOL, "its pages take" },
	};
	struct plan p;

	(void)state;
	plan_default(&p);
	p.wire = KF_WIRE_PAGES;
	for (size_t i = 0; i < COUNT(table); i++)
		check(&table[i], &p);
}

static void among_the_pages(void **state)
{
	static const struct refusal table[] = {
		{ "a page that is no RAM", KF_MSG_BATCH, 0, page_no_ram, KF_ABORT_PROTOCOL, "not all RAM" },
		{ "a page that no window keeps", KF_MSG_BATCH, 0, page_excluded, KF_ABORT_PROTOCOL, "0x4 is in a batch, but not among the kept" },
		{ "a page of a window that is closed", KF_MSG_BATCH, 7, page_below, KF_ABORT_PROTOCOL, "below the open window" },
		{ "a batch twice", KF_MSG_BATCH, 1, twice, KF_ABORT_PROTOCOL, "not behind the one before" },
		{ "a batch is missing", KF_MSG_BATCH, 1, drop, KF_ABORT_PROTOCOL, "is kept but did not come" },
		{ "another XXH3", KF_MSG_BATCH, 2, bad_hash, KF_ABORT_PROTOCOL, "XXH3" },
		{ "bytes that are no LZ4", KF_MSG_BATCH, 2, bad_lz4, KF_ABORT_PROTOCOL, "unpack" },
		{ "lz4 called zstd", KF_MSG_BATCH, 2, wire_zstd, KF_ABORT_PROTOCOL, "zstd batch does not unpack" },
		{ "pages of another size", KF_MSG_BATCH, 2, big_pages, KF_ABORT_PROTOCOL, "its pages have 2^14 bytes" },
		{ "a window is missing", KF_MSG_WINDOW, 1, window_later, KF_ABORT_PROTOCOL, "the one before ended at 0x100" },
		{ "a window that ends anywhere", KF_MSG_WINDOW, 1, window_odd_end, KF_ABORT_PROTOCOL, "it ends at 0x1ff" },
		{ "a window twice", KF_MSG_WINDOW, 1, twice, KF_ABORT_PROTOCOL, "the one before ended at 0x200" },
		{ "carry in that nobody carried out", KF_MSG_WINDOW, 1, window_carry_in, KF_ABORT_PROTOCOL, "carry" },
		{ "carry out that nobody takes in", KF_MSG_WINDOW, 1, window_carry_out, KF_ABORT_PROTOCOL, "carry" },
		{ "a tally that misses a page of RAM", KF_MSG_WINDOW, 1, window_too_few, KF_ABORT_PROTOCOL, "are RAM" },
		{ "a zero page that did not come", KF_MSG_WINDOW, 1, window_zero, KF_ABORT_PROTOCOL, "zero pages" },
		{ "an unreadable page that came", KF_MSG_WINDOW, 0, window_unreadable, KF_ABORT_PROTOCOL, "or twice" },
		{ "a kept page that neither came nor is unreadable", KF_MSG_WINDOW, 2, readable_after_all, KF_ABORT_PROTOCOL, "0x25e is kept but did not come" },
		{ "pages that no window closes", KF_MSG_WINDOW, 3, drop, KF_ABORT_PROTOCOL, "that no window closed" },
	};
	struct plan p;

	(void)state;
	plan_default(&p);
	for (size_t i = 0; i < COUNT(table); i++)
		check(&table[i], &p);
}

static void among_the_vital_pages(void **state)
{
	static const struct refusal table[] = {
		{ "vital pages that are no RAM", KF_MSG_VITAL, 0, vital_hole, KF_ABORT_PROTOCOL, "not all RAM" },
		{ "vital ranges that do not end", KF_MSG_VITAL, 0, more_follow, KF_ABORT_PROTOCOL, "vital pages are not all announced" },
		{ "vital ranges after their end", KF_MSG_VITAL, 0, twice, KF_ABORT_PROTOCOL, "complete already" },
		{ "a page that nobody announced", KF_MSG_BATCH, 0, page_not_vital, KF_ABORT_PROTOCOL, "announced as vital" },
		{ "vital pages are missing", KF_MSG_BATCH, 0, drop, KF_ABORT_PROTOCOL, "0 came" },
		{ "a vital page comes again in its window", KF_MSG_BATCH, 7, page_vital, KF_ABORT_PROTOCOL, "vital and came already" },
		{ "an unreadable vital page is not named", KF_MSG_WINDOW, 0, vital_readable, KF_ABORT_PROTOCOL, "0x25e is kept but did not come" },
		{ "a wrong count of vital zero pages", KF_MSG_WINDOW, 0, window_zero, KF_ABORT_PROTOCOL, "zero pages" },
		{ "vital pages that no window closes", KF_MSG_WINDOW, 0, drop, KF_ABORT_PROTOCOL, "" },
	};
	struct plan p;

	(void)state;
	plan_default(&p);
	plan_add(p.vital, 255, 259);
	plan_add(p.vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		p.kept[i] |= p.vital[i];
	for (size_t i = 0; i < COUNT(table); i++)
		check(&table[i], &p);
}

static void at_the_end(void **state)
{
	static const struct refusal table[] = {
		{ "windows counted another class", KF_MSG_WINDOW, 1, window_other_class, KF_ABORT_PROTOCOL, "its tally" },
		{ "another tally", KF_MSG_END, 0, end_tally, KF_ABORT_PROTOCOL, "its tally" },
		{ "another number of batches", KF_MSG_END, 0, end_batches, KF_ABORT_PROTOCOL, "batches" },
		{ "another digest of pages", KF_MSG_END, 0, end_pages, KF_ABORT_PROTOCOL, "digest of the pages" },
		{ "another digest of verdicts", KF_MSG_END, 0, end_verdicts, KF_ABORT_PROTOCOL, "digest of the verdicts" },
	};
	static const struct refusal short_one = {
		"complete, but windows are missing", KF_MSG_HELLO, 99, drop, KF_ABORT_PROTOCOL, "the windows end at 0x300 of 0x3e9",
	};
	struct plan p;

	(void)state;
	plan_default(&p);
	for (size_t i = 0; i < COUNT(table); i++)
		check(&table[i], &p);
	p.ends[3] = 0;
	for (uint64_t pfn = 768; pfn < p.max_mapnr; pfn++)
		p.kept[pfn / 64] &= ~(1ull << (pfn % 64));
	memset(p.undecided, 0, sizeof(p.undecided));
	check(&short_one, &p);
}

static void over_the_caps(void **state)
{
	static const struct refusal none = { "", KF_MSG_HELLO, 99, drop, KF_ABORT_REFUSED, "ranges" };
	struct plan_stream s;
	struct plan p;
	struct rig r;

	(void)state;
	plan_default(&p);
	plan_stream_make(&s, &p, tamper, (void *)(uintptr_t)&none);
	rig_init(&r);
	r.setup.limits.ram_ranges = 2;
	rig_run(&r, s.bytes, s.len);
	CHECK_EQ("two ranges of RAM", r.abort.code, KF_ABORT_REFUSED);
	CHECK("two ranges of RAM", strstr(r.abort_text, "more than 2 ranges"));
	rig_deinit(&r);
	rig_init(&r);
	r.setup.limits.notes_bytes = 100;
	rig_run(&r, s.bytes, s.len);
	CHECK_EQ("100 bytes of notes", r.abort.code, KF_ABORT_REFUSED);
	rig_deinit(&r);
	p.batch_pages = 3;
	plan_stream_free(&s);
	plan_stream_make(&s, &p, tamper, (void *)(uintptr_t)&none);
	rig_init(&r);
	r.setup.limits.table_free = 240;
	r.setup.limits.table_share = 0;
	rig_run(&r, s.bytes, s.len);
	CHECK_EQ("ten descriptors", r.abort.code, KF_ABORT_REFUSED);
	CHECK("ten descriptors", strstr(r.abort_text, "far too many for the bytes that came"));
	rig_deinit(&r);
	plan_stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_intro),
		cmocka_unit_test(among_the_pages),
		cmocka_unit_test(pages_as_they_rest),
		cmocka_unit_test(among_the_vital_pages),
		cmocka_unit_test(at_the_end),
		cmocka_unit_test(over_the_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
