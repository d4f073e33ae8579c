// SPDX-License-Identifier: GPL-2.0-or-later
// One printing function for each message; see print.h.
#include "receiver/stream/print.h"

#include <inttypes.h>

#include "proto/names.h"

#define SHOWN 4		/* ranges or runs of a list */

static void print_string(FILE *out, const char *name, const struct kf_string *s)
{
	char text[KF_STRING_MAX + 1];

	kf_string_text(text, sizeof(text), s);
	fprintf(out, " %s=\"%s\"", name, text);
}

static void print_range(FILE *out, struct kf_range r)
{
	fprintf(out, " [0x%" PRIx64 ", 0x%" PRIx64 ")", r.first, r.end);
}

static void print_ranges(FILE *out, const char *name, const struct kf_ranges *list)
{
	uint64_t pages = 0;

	if (!list->count)
		return;
	fprintf(out, "\n    %s", name);
	for (uint32_t i = 0; i < list->count; i++) {
		struct kf_range r = kf_range_at(list, i);

		pages += r.end - r.first;
		if (i < SHOWN)
			print_range(out, r);
	}
	if (list->count > SHOWN)
		fprintf(out, " and %" PRIu32 " more", list->count - SHOWN);
	fprintf(out, ", %" PRIu64 " pages", pages);
}

static void print_digest(FILE *out, const char *name, const struct kf_digest *d)
{
	fprintf(out, " %s=", name);
	for (int i = 0; i < KF_DIGEST_BYTES; i++)
		fprintf(out, "%02x", d->bytes[i]);
}

static void print_tally(FILE *out, const struct kf_tally *t)
{
	fprintf(out, "\n   ");
	for (unsigned int i = 0; i < KF_CLASSES; i++)
		if (t->pages[i] || i == KF_KEPT)
			fprintf(out, " %s=%" PRIu64, kf_class_name(i), t->pages[i]);
	fprintf(out, " zero=%" PRIu64 " unreadable=%" PRIu64 " undecided=%" PRIu64 " rescued=%" PRIu64,
		t->zero, t->unreadable, t->undecided, t->rescued);
}

static void print_hello(FILE *out, const struct kf_message *m)
{
	fprintf(out, "%s", m->hello.flags & KF_HELLO_RESUME ? " resume" : " new");
	print_string(out, "program", &m->hello.program);
	print_string(out, "host", &m->hello.host);
}

static void print_dump(FILE *out, const struct kf_message *m)
{
	static const char *const uts[] = { "sysname", "nodename", "release", "version", "machine", "domainname" };
	const struct kf_dump *d = &m->dump;

	fprintf(out, " page=%u max_mapnr=0x%" PRIx64 " phys_base=0x%" PRIx64 " cpus=%" PRIu32 " crash_time=%" PRIu64,
		1u << d->page_shift, d->max_mapnr, d->phys_base, d->nr_cpus, d->crash_time);
	fprintf(out, " level=%" PRIu32 " rest=%s notes=%" PRIu64 " vmcoreinfo=%" PRIu32 "@%" PRIu64 "\n   ",
		d->level, kf_rest_codec_name(d->rest), d->notes_bytes, d->vmcoreinfo_bytes, d->vmcoreinfo_offset);
	for (int i = 0; i < KF_UTS_FIELDS; i++) {
		struct kf_string s = kf_string_of(d->uts[i]);

		print_string(out, uts[i], &s);
	}
}

static void print_block(FILE *out, const struct kf_message *m)
{
	const struct kf_block *b = &m->block;

	fprintf(out, " %" PRIu32 " bytes at %" PRIu64 "%s%s", b->len, b->offset,
		b->flags & KF_LOG_LAST ? " last" : "", b->flags & KF_LOG_UNAVAILABLE ? " unavailable" : "");
}

static void print_list(FILE *out, const struct kf_message *m)
{
	fprintf(out, " %" PRIu32 " ranges%s", m->list.ranges.count, m->list.flags & KF_RANGES_MORE ? ", more follow" : "");
	print_ranges(out, "ranges", &m->list.ranges);
}

static void print_batch(FILE *out, const struct kf_message *m)
{
	const struct kf_batch *b = &m->batch;
	uint64_t zero = 0;

	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		zero += run.kind == KF_RUN_ZERO ? run.count : 0;
	}
	fprintf(out, " %s %" PRIu32 " bytes of %" PRIu32, kf_wire_codec_name(b->codec), b->stored_bytes, b->raw_bytes);
	fprintf(out, ", %" PRIu32 " data and %" PRIu64 " zero pages, xxh3=%016" PRIx64 "\n    runs",
		b->raw_bytes >> b->page_shift, zero, b->xxh3);
	for (uint32_t i = 0; i < b->run_count && i < SHOWN; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		print_range(out, (struct kf_range){ run.first, run.first + run.count });
		fprintf(out, "%s", run.kind == KF_RUN_ZERO ? "zero" : "");
	}
	if (b->run_count > SHOWN)
		fprintf(out, " and %" PRIu32 " more", b->run_count - SHOWN);
}

static void print_carry(FILE *out, const char *name, const struct kf_carry *c)
{
	if (c->end)
		fprintf(out, " %s=%s to 0x%" PRIx64, name, kf_class_name(c->why), c->end);
}

static void print_window(FILE *out, const struct kf_message *m)
{
	const struct kf_window *w = &m->window;
	struct kf_reader runs = kf_reader_on(w->runs, w->runs_bytes);
	uint64_t pfn = w->first, shown = 0;
	struct kf_range kept;

	if (w->flags & KF_WINDOW_VITAL)
		fprintf(out, " closes the vital pages");
	else
		print_range(out, (struct kf_range){ w->first, w->end });
	print_carry(out, "in", &w->in);
	print_carry(out, "out", &w->out);
	print_tally(out, &w->tally);
	if (w->run_count)
		fprintf(out, "\n    %" PRIu32 " verdict runs, kept", w->run_count);
	while (shown++ < SHOWN && kf_verdict_next(&runs, &pfn, &kept))
		print_range(out, kept);
	print_ranges(out, "unreadable", &w->unreadable);
	print_ranges(out, "undecided", &w->undecided);
}

static void print_end(FILE *out, const struct kf_message *m)
{
	const struct kf_end *e = &m->end;

	fprintf(out, " %s, %" PRIu64 " windows, %" PRIu64 " batches", kf_end_reason_name(e->reason), e->windows, e->batches);
	print_tally(out, &e->tally);
	fprintf(out, "\n   ");
	print_digest(out, "pages", &e->pages);
	print_digest(out, "verdicts", &e->verdicts);
	fprintf(out, "\n    prepare=%.3fs scan=%.3fs total=%.3fs", (double)e->prepare_us / 1e6, (double)e->scan_us / 1e6,
		(double)e->total_us / 1e6);
}

static void print_abort(FILE *out, const struct kf_message *m)
{
	fprintf(out, " %s", kf_abort_code_name(m->abort.code));
	print_string(out, "text", &m->abort.text);
}

static enum kf_status take(void *ctx, const struct kf_message *m, struct kf_frame *frame, struct kf_error *err)
{
	static void (*const table[KF_TYPES])(FILE *, const struct kf_message *) = {
		[KF_MSG_HELLO] = print_hello, [KF_MSG_DUMP] = print_dump, [KF_MSG_VMCOREINFO] = print_block,
		[KF_MSG_LOG] = print_block, [KF_MSG_RAM] = print_list, [KF_MSG_NOTES] = print_block,
		[KF_MSG_VITAL] = print_list, [KF_MSG_BATCH] = print_batch, [KF_MSG_WINDOW] = print_window,
		[KF_MSG_END] = print_end, [KF_MSG_ABORT] = print_abort,
	};
	struct kf_printer *p = ctx;

	(void)err;
	p->messages++;
	p->last = m->type;
	p->reason = m->type == KF_MSG_END ? m->end.reason : KF_END_COMPLETE;
	fprintf(p->out, "%" PRIu64 " %s", frame->number, kf_type_name(m->type));
	if (table[m->type])
		table[m->type](p->out, m);
	fputc('\n', p->out);
	return KF_OK;
}

struct kf_consumer kf_printer_consumer(struct kf_printer *p)
{
	static const struct kf_consumer_ops ops = { .take = take };

	return (struct kf_consumer){ .ops = &ops, .ctx = p };
}
