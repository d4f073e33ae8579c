// SPDX-License-Identifier: GPL-2.0-or-later
// One printing function for each message; see print.h.
#include "receiver/stream/print.h"

#include <inttypes.h>

#include "proto/digest.h"
#include "proto/names.h"
#include "receiver/stream/print_fields.h"

static void print_hello(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, "%s", m->hello.flags & KF_HELLO_RESUME ? " resume" : " new");
	if (m->hello.flags & KF_HELLO_RESUME) {
		kf_print_hex(p, "session", m->hello.session, sizeof(m->hello.session));
		kf_print_secret(p, "token", m->hello.token, sizeof(m->hello.token));
	}
	kf_print_string(p, "program", &m->hello.program);
	kf_print_string(p, "host", &m->hello.host);
}

static void print_dump(const struct kf_printer *p, const struct kf_message *m)
{
	static const char *const uts[] = { "sysname", "nodename", "release", "version", "machine", "domainname" };
	const struct kf_dump *d = &m->dump;

	fprintf(p->out, " page=%u max_mapnr=0x%" PRIx64 " phys_base=0x%" PRIx64 " cpus=%" PRIu32 " crash_time=%" PRIu64,
		1u << d->page_shift, d->max_mapnr, d->phys_base, d->nr_cpus, d->crash_time);
	fprintf(p->out, " level=%" PRIu32 " rest=%s notes=%" PRIu64 " vmcoreinfo=%" PRIu32 "@%" PRIu64 "\n   ",
		d->level, kf_rest_codec_name(d->rest), d->notes_bytes, d->vmcoreinfo_bytes, d->vmcoreinfo_offset);
	for (int i = 0; i < KF_UTS_FIELDS; i++) {
		struct kf_string s = kf_string_of(d->uts[i]);

		kf_print_string(p, uts[i], &s);
	}
}

static void print_block(const struct kf_printer *p, const struct kf_message *m)
{
	const struct kf_block *b = &m->block;

	fprintf(p->out, " %" PRIu32 " bytes at %" PRIu64 ", xxh3=%016" PRIx64 "%s%s", b->len, b->offset, kf_batch_hash(b->bytes, b->len),
		b->flags & KF_LOG_LAST ? " last" : "", b->flags & KF_LOG_UNAVAILABLE ? " unavailable" : "");
	if (m->type != KF_MSG_NOTES)
		kf_print_text(p, b->bytes, b->len);
}

static void print_list(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, " %" PRIu32 " ranges%s", m->list.ranges.count, m->list.flags & KF_RANGES_MORE ? ", more follow" : "");
	kf_print_ranges(p, "ranges", &m->list.ranges);
}

static void print_batch(const struct kf_printer *p, const struct kf_message *m)
{
	const struct kf_batch *b = &m->batch;
	uint64_t zero = 0;

	for (uint32_t i = 0; i < b->run_count; i++) {
		struct kf_run run = kf_run_at(b->runs, i);

		zero += run.kind == KF_RUN_ZERO ? run.count : 0;
	}
	fprintf(p->out, " %s %" PRIu32 " bytes of %" PRIu32, kf_wire_codec_name(b->codec), b->stored_bytes, b->raw_bytes);
	fprintf(p->out, ", %" PRIu32 " data and %" PRIu64 " zero pages of %u bytes, xxh3=%016" PRIx64 "\n    %" PRIu32 " runs",
		b->raw_bytes >> b->page_shift, zero, 1u << b->page_shift, b->xxh3, b->run_count);
	kf_print_runs(p, b->runs, b->run_count);
	if (b->codec == KF_WIRE_PAGES)
		kf_print_entries(p, b->runs, b->run_count, b->stored);
}

static void print_window(const struct kf_printer *p, const struct kf_message *m)
{
	const struct kf_window *w = &m->window;

	if (w->flags & KF_WINDOW_VITAL)
		fprintf(p->out, " closes the vital pages");
	else
		kf_print_range(p, (struct kf_range){ w->first, w->end });
	kf_print_carry(p, "in", &w->in);
	kf_print_carry(p, "out", &w->out);
	kf_print_tally(p, &w->tally);
	kf_print_verdicts(p, w);
	kf_print_ranges(p, "unreadable", &w->unreadable);
	kf_print_ranges(p, "undecided", &w->undecided);
}

static void print_end(const struct kf_printer *p, const struct kf_message *m)
{
	const struct kf_end *e = &m->end;

	fprintf(p->out, " %s, %" PRIu64 " windows, %" PRIu64 " batches", kf_end_reason_name(e->reason), e->windows, e->batches);
	kf_print_tally(p, &e->tally);
	fprintf(p->out, "\n   ");
	kf_print_hex(p, "pages", e->pages.bytes, sizeof(e->pages.bytes));
	kf_print_hex(p, "verdicts", e->verdicts.bytes, sizeof(e->verdicts.bytes));
	fprintf(p->out, "\n    prepare=%.3fs scan=%.3fs total=%.3fs", (double)e->prepare_us / 1e6, (double)e->scan_us / 1e6,
		(double)e->total_us / 1e6);
}

static void print_welcome(const struct kf_printer *p, const struct kf_message *m)
{
	kf_print_hex(p, "session", m->welcome.session, sizeof(m->welcome.session));
	kf_print_secret(p, "token", m->welcome.token, sizeof(m->welcome.token));
}

/* RESUME and DURABLE */
static void print_resume(const struct kf_printer *p, const struct kf_message *m)
{
	const struct kf_resume *r = &m->resume;

	fprintf(p->out, " pfn=0x%" PRIx64 "%s%s", r->pfn, r->flags & KF_RESUME_INTRO ? " intro" : "",
		r->flags & KF_RESUME_VITAL ? " vital" : "");
	kf_print_carry(p, "in", &r->carry);
}

static void print_received(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, " %" PRIu64 " bytes", m->received.bytes);
}

static void print_stored(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, "%s%s", m->stored.flags & KF_STORED_WHOLE ? " whole" : " incomplete",
		m->stored.flags & KF_STORED_RECOMPRESSING ? ", recompressing" : "");
	kf_print_string(p, "name", &m->stored.name);
}

static void print_level(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, " %" PRIu32, m->level.level);
}

static void print_abort(const struct kf_printer *p, const struct kf_message *m)
{
	fprintf(p->out, " %s", kf_abort_code_name(m->abort.code));
	kf_print_string(p, "text", &m->abort.text);
}

void kf_print_message(const struct kf_printer *p, const struct kf_message *m)
{
	static void (*const table[KF_TYPES])(const struct kf_printer *, const struct kf_message *) = {
		[KF_MSG_HELLO] = print_hello, [KF_MSG_DUMP] = print_dump, [KF_MSG_VMCOREINFO] = print_block,
		[KF_MSG_LOG] = print_block, [KF_MSG_RAM] = print_list, [KF_MSG_NOTES] = print_block,
		[KF_MSG_VITAL] = print_list, [KF_MSG_BATCH] = print_batch, [KF_MSG_WINDOW] = print_window,
		[KF_MSG_END] = print_end, [KF_MSG_WELCOME] = print_welcome, [KF_MSG_RESUME] = print_resume,
		[KF_MSG_RECEIVED] = print_received, [KF_MSG_DURABLE] = print_resume, [KF_MSG_STORED] = print_stored,
		[KF_MSG_LEVEL] = print_level, [KF_MSG_ABORT] = print_abort,
	};

	fprintf(p->out, " %s", kf_type_name(m->type));
	if (table[m->type])
		table[m->type](p, m);
}

static enum kf_status take(void *ctx, const struct kf_message *m, struct kf_frame *frame, struct kf_error *err)
{
	struct kf_printer *p = ctx;

	(void)err;
	p->messages++;
	p->last = m->type;
	p->reason = m->type == KF_MSG_END ? m->end.reason : KF_END_COMPLETE;
	p->whole = m->type == KF_MSG_END ? m->end.reason == KF_END_COMPLETE :
		   m->type == KF_MSG_STORED && m->stored.flags & KF_STORED_WHOLE;
	fprintf(p->out, "%" PRIu64 " @%" PRIu64, frame->number, p->at);
	kf_print_message(p, m);
	fputc('\n', p->out);
	p->at += KF_HEADER_BYTES + frame->len;
	return KF_OK;
}

struct kf_consumer kf_printer_consumer(struct kf_printer *p)
{
	static const struct kf_consumer_ops ops = { .take = take };

	return (struct kf_consumer){ .ops = &ops, .ctx = p };
}
