// SPDX-License-Identifier: GPL-2.0-or-later
// A saved stream taken apart; see reading.h.
#include "tests/unit/stream/reading.h"

#include <fcntl.h>
#include <unistd.h>

#include "pagecodec/pagecodecs.h"
#include "proto/codec.h"
#include "proto/order.h"
#include "proto/parser.h"
#include "tests/unit/unit.h"

struct state {
	struct reading *r;
	struct kf_order order;
	struct kf_sum128 pages, verdicts;
	uint64_t next_window, notes_bytes;
	size_t log_bytes;
	uint8_t *raw;
};

static void mark(struct reading *r, uint8_t *set, uint64_t first, uint64_t end)
{
	for (uint64_t pfn = first; pfn < end; pfn++) {
		CHECK(r->name, pfn < r->dump.max_mapnr && !set[pfn]);
		set[pfn] = 1;
	}
}

static void mark_ranges(struct reading *r, uint8_t *set, const struct kf_ranges *ranges)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		mark(r, set, kf_range_at(ranges, i).first, kf_range_at(ranges, i).end);
}

static void take_dump(struct reading *r, const struct kf_dump *d)
{
	r->dump = *d;
	r->kept = calloc(1, d->max_mapnr);
	r->ram = calloc(1, d->max_mapnr);
	r->came = calloc(1, d->max_mapnr);
	r->unreadable = calloc(1, d->max_mapnr);
	r->undecided = calloc(1, d->max_mapnr);
	r->notes = calloc(1, d->notes_bytes + 1);
}

static void take_block(struct state *s, const struct kf_message *m)
{
	struct reading *r = s->r;
	const struct kf_block *b = &m->block;

	if (m->type == KF_MSG_NOTES) {
		CHECK_EQ(r->name, b->offset, s->notes_bytes);
		CHECK(r->name, b->len <= r->dump.notes_bytes - s->notes_bytes);
		memcpy(r->notes + s->notes_bytes, b->bytes, b->len);
		s->notes_bytes += b->len;
		return;
	}
	if (m->type == KF_MSG_VMCOREINFO) {
		r->text = strndup((const char *)b->bytes, b->len);
		return;
	}
	CHECK_EQ(r->name, b->offset, s->log_bytes);
	r->log = realloc(r->log, s->log_bytes + b->len + 1);
	memcpy(r->log + s->log_bytes, b->bytes, b->len);
	s->log_bytes += b->len;
	r->log[s->log_bytes] = '\0';
	r->log_unavailable = r->log_unavailable || (b->flags & KF_LOG_UNAVAILABLE);
}

/* Entries of size and flag, then the pages; each by itself. */
static void unpack_pages(struct state *s, const struct kf_batch *b)
{
	static const struct kf_pagecodec *const codecs[] = { &kf_pagecodec_raw, &kf_pagecodec_zlib, &kf_pagecodec_lzo, &kf_pagecodec_zstd, NULL };
	uint32_t size = 1u << b->page_shift, count = b->raw_bytes / size;
	const uint8_t *in = b->stored + 4 * count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t entry = kf_le32_at(b->stored + 4 * i), bytes = entry & 0xffffff, flag = entry >> 24;
		const struct kf_pagecodec *codec = kf_pagecodec_find(codecs, flag);
		void *unpacker;
		struct kf_error err;

		CHECK(s->r->name, codec && (flag == 0 || flag == (uint32_t)s->r->dump.rest));
		unpacker = codec->unpacker_create ? codec->unpacker_create() : NULL;
		CHECK_OK(s->r->name, codec->unpack(unpacker, s->raw + i * size, size, in, bytes, &err), &err);
		if (unpacker)
			codec->unpacker_destroy(unpacker);
		in += bytes;
	}
	CHECK(s->r->name, in == b->stored + b->stored_bytes);
}

static void unpack_whole(struct state *s, const struct kf_batch *b)
{
	const struct kf_codec *codec = kf_codec_by_id(b->codec);
	void *decoder = codec->decoder_create ? codec->decoder_create() : NULL;
	struct kf_error err;

	CHECK_OK(s->r->name, codec->decode(decoder, s->raw, b->raw_bytes, b->stored, b->stored_bytes, &err), &err);
	if (decoder)
		codec->decoder_destroy(decoder);
}

static void take_batch(struct state *s, const struct kf_batch *b)
{
	static const uint8_t zeros[1u << KF_PAGE_SHIFT_MAX];
	struct reading *r = s->r;
	size_t size = (size_t)1 << b->page_shift;
	const uint8_t *raw = s->raw;

	CHECK_EQ(r->name, b->page_shift, r->dump.page_shift);
	if (b->raw_bytes && b->codec == KF_WIRE_PAGES)
		unpack_pages(s, b);
	else if (b->raw_bytes)
		unpack_whole(s, b);
	CHECK_EQ(r->name, kf_batch_hash(s->raw, b->raw_bytes), b->xxh3);
	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		mark(r, r->came, run.first, run.first + run.count);
		for (uint32_t k = 0; k < run.count; k++) {
			const uint8_t *bytes = run.kind == KF_RUN_DATA ? raw : zeros;

			kf_sum_page(&s->pages, run.first + k, bytes, size);
			if (r->page)
				r->page(r->context, run.first + k, bytes, run.kind == KF_RUN_ZERO);
			raw += run.kind == KF_RUN_DATA ? size : 0;
		}
	}
	r->codec_batches[b->codec]++;
	r->batches++;
}

static void sum_verdicts(struct state *s, uint64_t first, uint64_t end)
{
	for (uint64_t group = first / 64; group * 64 < end; group++) {
		uint64_t word = 0;

		for (uint64_t pfn = group * 64; pfn < group * 64 + 64 && pfn < end; pfn++)
			word |= (uint64_t)s->r->kept[pfn] << pfn % 64;
		kf_sum_verdicts(&s->verdicts, group, &word, 1);
	}
}

static void take_window(struct state *s, const struct kf_window *w)
{
	struct reading *r = s->r;
	struct kf_reader runs = kf_reader_on(w->runs, w->runs_bytes);
	uint64_t pfn = w->first, pages = 0, ram = 0;
	struct kf_range kept;

	CHECK_EQ(r->name, w->first, s->next_window);
	CHECK(r->name, w->end <= r->dump.max_mapnr && (w->end % KF_WINDOW_ALIGN == 0 || w->end == r->dump.max_mapnr));
	CHECK_EQ(r->name, w->in.end, r->carry.end);
	CHECK_EQ(r->name, w->in.why, r->carry.why);
	r->carried = r->carried || w->in.end;
	while (kf_verdict_next(&runs, &pfn, &kept))
		mark(r, r->kept, kept.first, kept.end);
	mark_ranges(r, r->unreadable, &w->unreadable);
	mark_ranges(r, r->undecided, &w->undecided);
	for (pfn = w->first; pfn < w->end; pfn++) {
		ram += r->ram[pfn];
		CHECK(r->name, r->ram[pfn] || !r->kept[pfn]);
		CHECK_EQ(r->name, r->kept[pfn], r->came[pfn] + r->unreadable[pfn]);
		CHECK(r->name, r->kept[pfn] || !r->undecided[pfn]);
	}
	for (int i = 0; i < KF_CLASSES; i++)
		pages += w->tally.pages[i];
	CHECK_EQ(r->name, pages, ram);
	sum_verdicts(s, w->first, w->end);
	kf_tally_add(&r->tally, &w->tally);
	r->carry = w->out;
	s->next_window = w->end;
	r->windows++;
}

static void take_end(struct state *s, const struct kf_end *e)
{
	struct reading *r = s->r;
	struct kf_digest pages, verdicts;

	kf_sum_encode(&pages, &s->pages);
	kf_sum_encode(&verdicts, &s->verdicts);
	CHECK(r->name, memcmp(&pages, &e->pages, sizeof(pages)) == 0);
	CHECK(r->name, memcmp(&verdicts, &e->verdicts, sizeof(verdicts)) == 0);
	CHECK(r->name, memcmp(&r->tally, &e->tally, sizeof(r->tally)) == 0);
	CHECK_EQ(r->name, r->windows, e->windows);
	CHECK_EQ(r->name, r->batches, e->batches);
	CHECK_EQ(r->name, s->next_window, r->dump.max_mapnr);
	CHECK_EQ(r->name, s->notes_bytes, r->dump.notes_bytes);
	r->end = *e;
	r->ended = true;
}

static void take(struct state *s, const struct kf_message *m)
{
	struct reading *r = s->r;
	struct kf_error err;

	CHECK_OK(r->name, kf_order_take(&s->order, m, &err), &err);
	switch (m->type) {
	case KF_MSG_DUMP:
		take_dump(r, &m->dump);
		break;
	case KF_MSG_VMCOREINFO:
	case KF_MSG_LOG:
	case KF_MSG_NOTES:
		take_block(s, m);
		break;
	case KF_MSG_RAM:
		mark_ranges(r, r->ram, &m->list.ranges);
		break;
	case KF_MSG_BATCH:
		take_batch(s, &m->batch);
		break;
	case KF_MSG_WINDOW:
		take_window(s, &m->window);
		break;
	case KF_MSG_END:
		take_end(s, &m->end);
		break;
	default:
		break;
	}
}

void reading_file(struct reading *r, const char *path)
{
	struct kf_parser *p = kf_parser_create(KF_ROLE_SENDER);
	struct state s = { .r = r, .order = kf_order_of(KF_ROLE_SENDER), .raw = malloc(KF_BATCH_RAW_MAX) };
	int fd = open(path, O_RDONLY);
	ssize_t n;

	CHECK(r->name, fd >= 0);
	for (;;) {
		struct kf_frame frame;
		struct kf_message m;
		struct kf_error err;
		uint8_t *where;
		size_t room;
		bool got;

		kf_parser_space(p, &where, &room);
		n = read(fd, where, room);
		if (n <= 0)
			break;
		CHECK_OK(r->name, kf_parser_advance(p, (size_t)n, &frame, &got, &err), &err);
		if (!got)
			continue;
		CHECK_OK(r->name, kf_decode(&m, frame.type, frame.payload, frame.len, &err), &err);
		if (m.type != KF_MSG_END)
			r->bytes_before_end = kf_parser_bytes(p);
		take(&s, &m);
		free(frame.payload);
		r->frames++;
	}
	CHECK_EQ(r->name, n, 0);
	CHECK(r->name, kf_parser_at_boundary(p));
	close(fd);
	kf_parser_destroy(p);
	free(s.raw);
}

void reading_free(struct reading *r)
{
	free(r->kept);
	free(r->ram);
	free(r->came);
	free(r->unreadable);
	free(r->undecided);
	free(r->text);
	free(r->log);
	free(r->notes);
}
