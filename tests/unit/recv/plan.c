// SPDX-License-Identifier: GPL-2.0-or-later
// A small made-up dump, and the stream that carries it; see plan.h.
#include "tests/unit/recv/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/codec.h"
#include "proto/preface.h"
#include "receiver/kdump/rest.h"

const char plan_notes[PLAN_NOTES_BYTES] = "the notes of a made-up dump: VMCOREINFO\nOSRELEASE=6.1-test\n";

bool plan_has(const plan_set set, uint64_t pfn)
{
	return pfn < PLAN_PFNS && (set[pfn / 64] >> (pfn % 64) & 1);
}

void plan_add(plan_set set, uint64_t first, uint64_t end)
{
	for (uint64_t p = first; p < end; p++)
		set[p / 64] |= 1ull << (p % 64);
}

void plan_default(struct plan *p)
{
	*p = (struct plan){
		.max_mapnr = 1001, .ends = { 256, 512, 768, 1001 }, .batch_pages = 20,
		.wire = KF_WIRE_LZ4, .rest = KF_REST_ZSTD,
	};
	plan_add(p->ram, 1, 640);
	plan_add(p->ram, 656, 700);
	plan_add(p->ram, 768, 1000);
	for (uint64_t pfn = 0; pfn < p->max_mapnr; pfn++)
		if (plan_has(p->ram, pfn) && pfn / 5 % 2)
			plan_add(p->kept, pfn, pfn + 1);
	plan_add(p->kept, 250, 262);	/* across a window's edge */
	plan_add(p->zero, 256, 259);
	for (uint64_t pfn = 300; pfn < 400; pfn++)
		if (plan_has(p->kept, pfn) && pfn % 3 == 0)
			plan_add(p->zero, pfn, pfn + 1);
	plan_add(p->unreadable, 606, 608);
	plan_add(p->undecided, 776, 779);
}

void plan_page(const struct plan *p, uint64_t pfn, uint8_t out[PLAN_PAGE])
{
	uint64_t x = pfn + 1;

	for (int i = 0; i < PLAN_PAGE; i++) {
		/* A third of the pages does not shrink. */
		if (pfn % 3 == 0 || i % 64 == 0)
			x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = plan_has(p->zero, pfn) ? 0 : (uint8_t)(x >> 56);
	}
}

static void put_bytes(struct plan_stream *s, const void *bytes, size_t len)
{
	if (s->room - s->len < len) {
		s->room = 2 * s->room + len;
		s->bytes = realloc(s->bytes, s->room);
		if (!s->bytes)
			abort();
	}
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

static void put_message(struct plan_stream *s, struct kf_message *m)
{
	static uint8_t frame[KF_HEADER_BYTES + KF_BATCH_STORED_MAX + (1 << 17)];
	unsigned int nth = s->seen[m->type]++;
	enum plan_fate fate = s->tamper ? s->tamper(m, nth, s->ctx) : PLAN_SEND;
	int times = fate == PLAN_DROP ? 0 : fate == PLAN_TWICE ? 2 : 1;

	while (times--) {
		struct kf_writer w = kf_writer_on(frame, sizeof(frame));

		kf_encode_frame(&w, m, s->frames++);
		if (w.failed)
			abort();
		put_bytes(s, frame, kf_written(&w));
	}
}

static void put_intro(struct plan_stream *s, const struct plan *p)
{
	struct kf_message m = { .type = KF_MSG_HELLO };

	m.hello.program = kf_string_of("plan 1.0");
	m.hello.host = kf_string_of("../made up\n");
	put_message(s, &m);
	m = (struct kf_message){ .type = KF_MSG_DUMP, .dump = {
		.page_shift = 12, .nr_cpus = 2, .max_mapnr = p->max_mapnr, .phys_base = 0x1000000, .crash_time = 1700000000,
		.notes_bytes = PLAN_NOTES_BYTES, .vmcoreinfo_offset = 28, .vmcoreinfo_bytes = 31, .level = 31, .rest = p->rest,
		.uts = { "Linux", "host", "6.1-test", "#1 test", "x86_64", "(none)" },
	} };
	put_message(s, &m);
	m = (struct kf_message){ .type = KF_MSG_VMCOREINFO,
		.block = { .bytes = (const uint8_t *)plan_notes + 28, .len = 31 } };
	put_message(s, &m);
	m = (struct kf_message){ .type = KF_MSG_LOG,
		.block = { .bytes = (const uint8_t *)PLAN_LOG, .len = 20 } };
	put_message(s, &m);
	m.block = (struct kf_block){ .bytes = (const uint8_t *)PLAN_LOG + 20, .len = sizeof(PLAN_LOG) - 21,
				     .offset = 20, .flags = KF_LOG_LAST };
	put_message(s, &m);
}

/* The ranges of SET in [first, end) that are not in BUT, encoded. */
static uint32_t ranges_of(uint8_t *out, const plan_set set, const uint64_t *but, uint64_t first, uint64_t end)
{
	struct kf_writer w = kf_writer_on(out, PLAN_PFNS * KF_RANGE_BYTES);
	uint32_t count = 0;
	bool open = false;

	for (uint64_t pfn = first; pfn <= end; pfn++) {
		bool in = pfn < end && plan_has(set, pfn) && !(but && plan_has(but, pfn));

		if (in != open) {
			kf_put_u64(&w, pfn);
			count += in;
		}
		open = in;
	}
	return count;
}

static void put_list(struct plan_stream *s, enum kf_type type, const plan_set set)
{
	uint8_t table[PLAN_PFNS * KF_RANGE_BYTES];
	struct kf_message m = { .type = type };

	m.list.ranges = (struct kf_ranges){ table, ranges_of(table, set, NULL, 0, PLAN_PFNS) };
	put_message(s, &m);
}

static void put_notes(struct plan_stream *s)
{
	struct kf_message m = { .type = KF_MSG_NOTES };

	for (uint32_t at = 0; at < PLAN_NOTES_BYTES; at += 120) {
		m.block = (struct kf_block){ .offset = at, .bytes = (const uint8_t *)plan_notes + at,
					     .len = PLAN_NOTES_BYTES - at < 120 ? PLAN_NOTES_BYTES - at : 120 };
		put_message(s, &m);
	}
}

/* The pages of a batch, packed as the plan says, to STORED; the bytes that they take there. */
static uint32_t pack_whole(const struct plan *p, uint8_t *stored, const uint8_t *raw, uint32_t raw_bytes)
{
	const struct kf_codec *codec = kf_codec_by_id(p->wire);
	void *encoder = codec->encoder_create ? codec->encoder_create(raw_bytes) : NULL;
	size_t n = codec->encode(encoder, stored, KF_BATCH_STORED_MAX, raw, raw_bytes);

	if (encoder)
		codec->encoder_destroy(encoder);
	return (uint32_t)n;
}

/* Entries first, of size and flag, then the pages. */
static uint32_t pack_pages(const struct plan *p, uint8_t *stored, const uint8_t *raw, uint32_t raw_bytes)
{
	const struct kf_pagecodec *codec = kf_rest_by_flag((uint32_t)p->rest);
	void *packer = codec->packer_create ? codec->packer_create(PLAN_PAGE) : NULL;
	uint32_t used = raw_bytes / PLAN_PAGE * 4;
	struct kf_writer entries = kf_writer_on(stored, used);

	for (uint32_t at = 0; at < raw_bytes; at += PLAN_PAGE) {
		uint32_t n = (uint32_t)codec->pack(packer, stored + used, PLAN_PAGE, raw + at, PLAN_PAGE);

		kf_put_u32(&entries, n ? n | codec->flag << 24 : PLAN_PAGE);
		if (!n)
			memcpy(stored + used, raw + at, PLAN_PAGE);
		used += n ? n : PLAN_PAGE;
	}
	if (packer)
		codec->packer_destroy(packer);
	return used;
}

static void put_batch(struct plan_stream *s, const struct plan *p, const uint64_t *pfns, uint32_t count)
{
	static uint8_t raw[KF_BATCH_RAW_MAX], stored[KF_BATCH_STORED_MAX], runs[KF_BATCH_RUNS_MAX * KF_RUN_BYTES];
	struct kf_writer w = kf_writer_on(runs, sizeof(runs));
	struct kf_message m = { .type = KF_MSG_BATCH,
		.batch = { .codec = p->wire, .page_shift = 12, .runs = runs, .stored = stored } };
	struct kf_batch *b = &m.batch;

	for (uint32_t i = 0; i < count; i++) {
		bool zero = plan_has(p->zero, pfns[i]);

		kf_put_u64(&w, pfns[i]);
		kf_put_u32(&w, 1);
		kf_put_u32(&w, zero ? KF_RUN_ZERO : KF_RUN_DATA);
		if (zero)
			continue;
		plan_page(p, pfns[i], raw + b->raw_bytes);
		b->raw_bytes += PLAN_PAGE;
	}
	b->run_count = count;
	b->xxh3 = kf_batch_hash(raw, b->raw_bytes);
	if (b->raw_bytes)
		b->stored_bytes = p->wire == KF_WIRE_PAGES ? pack_pages(p, stored, raw, b->raw_bytes) : pack_whole(p, stored, raw, b->raw_bytes);
	put_message(s, &m);
}

/* Batches of all pages of [first, end) that are kept and there, vital ones or all others. */
static void put_pages(struct plan_stream *s, const struct plan *p, bool vital, uint64_t first, uint64_t end)
{
	uint64_t pfns[PLAN_PFNS];
	uint32_t n = 0;

	for (uint64_t pfn = first; pfn < end; pfn++) {
		if (plan_has(p->kept, pfn) && plan_has(p->vital, pfn) == vital && !plan_has(p->unreadable, pfn))
			pfns[n++] = pfn;
		if (n && (n == p->batch_pages || pfn + 1 == end)) {
			put_batch(s, p, pfns, n);
			n = 0;
		}
	}
}

static void count_page(const struct plan *p, uint64_t pfn, bool vital, struct kf_tally *t)
{
	bool here = plan_has(p->vital, pfn) == vital;

	if (!plan_has(p->kept, pfn)) {
		t->pages[pfn % 2 ? KF_FREE : KF_USER] += !vital;
		return;
	}
	t->pages[KF_KEPT] += !vital;
	t->undecided += plan_has(p->undecided, pfn) && !vital;
	t->unreadable += plan_has(p->unreadable, pfn) && here;
	t->zero += plan_has(p->zero, pfn) && !plan_has(p->unreadable, pfn) && here;
}

static void put_window(struct plan_stream *s, const struct plan *p, bool vital, uint64_t first, uint64_t end,
		       struct kf_tally *sum)
{
	uint8_t runs[PLAN_PFNS * 2], bad[PLAN_PFNS * KF_RANGE_BYTES], unknown[PLAN_PFNS * KF_RANGE_BYTES];
	struct kf_writer w = kf_writer_on(runs, sizeof(runs));
	struct kf_message m = { .type = KF_MSG_WINDOW };
	plan_set bad_here;
	uint64_t run = 0;
	bool kept = false;

	for (int i = 0; i < PLAN_WORDS; i++)
		bad_here[i] = p->unreadable[i] & (vital ? p->vital[i] : ~p->vital[i]);
	m.window = (struct kf_window){ .flags = vital ? KF_WINDOW_VITAL : 0, .first = vital ? 0 : first, .end = vital ? 0 : end };
	for (uint64_t pfn = first; pfn < end; pfn++) {
		if (plan_has(p->ram, pfn))
			count_page(p, pfn, vital, &m.window.tally);
		if (plan_has(p->kept, pfn) != kept) {
			kf_put_varint(&w, run);
			m.window.run_count++;
			kept = !kept;
			run = 0;
		}
		run++;
	}
	kf_put_varint(&w, run);
	m.window.run_count++;
	m.window.runs = runs;
	m.window.runs_bytes = (uint32_t)kf_written(&w);
	m.window.unreadable = (struct kf_ranges){ bad, ranges_of(bad, bad_here, NULL, first, end) };
	m.window.undecided = (struct kf_ranges){ unknown, ranges_of(unknown, p->undecided, NULL, first, end) };
	if (vital) {
		m.window.run_count = m.window.runs_bytes = 0;
		m.window.undecided.count = 0;
	}
	kf_tally_add(sum, &m.window.tally);
	put_message(s, &m);
}

static void put_end(struct plan_stream *s, const struct plan *p, const struct kf_tally *sum)
{
	struct kf_sum128 pages = { 0 }, verdicts = { 0 };
	struct kf_message m = { .type = KF_MSG_END };
	uint8_t page[PLAN_PAGE];

	for (uint64_t pfn = 0; pfn < p->max_mapnr; pfn++) {
		if (!plan_has(p->kept, pfn) || plan_has(p->unreadable, pfn))
			continue;
		plan_page(p, pfn, page);
		kf_sum_page(&pages, pfn, page, PLAN_PAGE);
	}
	kf_sum_verdicts(&verdicts, 0, p->kept, PLAN_WORDS);
	m.end = (struct kf_end){ .reason = p->reason, .tally = *sum,
				 .windows = s->seen[KF_MSG_WINDOW], .batches = s->seen[KF_MSG_BATCH] };
	kf_sum_encode(&m.end.pages, &pages);
	kf_sum_encode(&m.end.verdicts, &verdicts);
	put_message(s, &m);
}

void plan_stream_make(struct plan_stream *s, const struct plan *p, plan_tamper *tamper, void *ctx)
{
	static const plan_set none;
	struct kf_tally sum = { 0 };
	uint8_t preface[KF_PREFACE_BYTES];
	uint64_t first = 0;

	*s = (struct plan_stream){ .tamper = tamper, .ctx = ctx };
	kf_preface_encode(preface, KF_ROLE_SENDER);
	put_bytes(s, preface, sizeof(preface));
	put_intro(s, p);
	put_list(s, KF_MSG_RAM, p->ram);
	put_notes(s);
	if (memcmp(p->vital, none, sizeof(none)) != 0) {
		put_list(s, KF_MSG_VITAL, p->vital);
		put_pages(s, p, true, 0, p->max_mapnr);
		put_window(s, p, true, 0, p->max_mapnr, &sum);
	}
	for (int i = 0; i < PLAN_WINDOWS && p->ends[i]; i++) {
		put_pages(s, p, false, first, p->ends[i]);
		put_window(s, p, false, first, p->ends[i], &sum);
		first = p->ends[i];
	}
	if (!p->no_end)
		put_end(s, p, &sum);
}

void plan_stream_free(struct plan_stream *s)
{
	free(s->bytes);
	*s = (struct plan_stream){ 0 };
}
