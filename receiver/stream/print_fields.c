// SPDX-License-Identifier: GPL-2.0-or-later
// Fields that several messages have; see print_fields.h.
#include "receiver/stream/print_fields.h"

#include <inttypes.h>

#include "proto/digest.h"
#include "proto/names.h"

void kf_print_string(const struct kf_printer *p, const char *name, const struct kf_string *s)
{
	char text[KF_STRING_MAX + 1];

	kf_string_text(text, sizeof(text), s);
	fprintf(p->out, " %s=\"%s\"", name, text);
}

void kf_print_hex(const struct kf_printer *p, const char *name, const uint8_t *bytes, size_t len)
{
	fprintf(p->out, " %s=", name);
	for (size_t i = 0; i < len; i++)
		fprintf(p->out, "%02x", bytes[i]);
}

void kf_print_secret(const struct kf_printer *p, const char *name, const uint8_t *bytes, size_t len)
{
	fprintf(p->out, " %s-xxh3=%016" PRIx64, name, kf_batch_hash(bytes, len));
}

void kf_print_range(const struct kf_printer *p, struct kf_range r)
{
	fprintf(p->out, " [0x%" PRIx64 ", 0x%" PRIx64 ")", r.first, r.end);
}

static bool is_shown(const struct kf_printer *p, uint64_t i)
{
	return p->all || i < KF_PRINT_SHOWN;
}

static void print_more(const struct kf_printer *p, uint64_t count)
{
	if (!p->all && count > KF_PRINT_SHOWN)
		fprintf(p->out, " and %" PRIu64 " more", count - KF_PRINT_SHOWN);
}

void kf_print_ranges(const struct kf_printer *p, const char *name, const struct kf_ranges *list)
{
	uint64_t pages = 0;

	if (!list->count)
		return;
	fprintf(p->out, "\n    %s", name);
	for (uint32_t i = 0; i < list->count; i++) {
		struct kf_range r = kf_range_at(list, i);

		pages += r.end - r.first;
		if (is_shown(p, i))
			kf_print_range(p, r);
	}
	print_more(p, list->count);
	fprintf(p->out, ", %" PRIu64 " pages", pages);
}

void kf_print_runs(const struct kf_printer *p, const uint8_t *runs, uint32_t count)
{
	for (uint32_t i = 0; i < count && is_shown(p, i); i++) {
		struct kf_run run = kf_run_at(runs, i);

		kf_print_range(p, (struct kf_range){ run.first, run.first + run.count });
		fprintf(p->out, "%s", run.kind == KF_RUN_ZERO ? "zero" : "");
	}
	print_more(p, count);
}

void kf_print_verdicts(const struct kf_printer *p, const struct kf_window *w)
{
	struct kf_reader runs = kf_reader_on(w->runs, w->runs_bytes);
	uint64_t pfn = w->first, ranges = 0, pages = 0;
	struct kf_range kept;

	if (!w->run_count)
		return;
	fprintf(p->out, "\n    %" PRIu32 " verdict runs, kept", w->run_count);
	for (; kf_verdict_next(&runs, &pfn, &kept); ranges++) {
		pages += kept.end - kept.first;
		if (is_shown(p, ranges))
			kf_print_range(p, kept);
	}
	print_more(p, ranges);
	fprintf(p->out, ", %" PRIu64 " pages", pages);
}

void kf_print_tally(const struct kf_printer *p, const struct kf_tally *t)
{
	fprintf(p->out, "\n   ");
	for (unsigned int i = 0; i < KF_CLASSES; i++)
		if (t->pages[i] || i == KF_KEPT || p->all)
			fprintf(p->out, " %s=%" PRIu64, kf_class_name(i), t->pages[i]);
	fprintf(p->out, " zero=%" PRIu64 " unreadable=%" PRIu64 " undecided=%" PRIu64 " rescued=%" PRIu64,
		t->zero, t->unreadable, t->undecided, t->rescued);
}

void kf_print_carry(const struct kf_printer *p, const char *name, const struct kf_carry *c)
{
	if (c->end)
		fprintf(p->out, " %s=%s to 0x%" PRIx64, name, kf_class_name(c->why), c->end);
}

/* Bytes are the dead kernel's, and so may be anything: the terminal gets printable ASCII alone. */
void kf_print_text(const struct kf_printer *p, const uint8_t *bytes, size_t len)
{
	if (!p->all || !len)
		return;
	for (size_t i = 0; i < len; i++) {
		if (i == 0 || bytes[i - 1] == '\n')
			fprintf(p->out, "\n    | ");
		if (bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\')
			fputc(bytes[i], p->out);
		else if (bytes[i] != '\n')
			fprintf(p->out, "\\x%02x", bytes[i]);
	}
}

void kf_print_entries(const struct kf_printer *p, const uint8_t *runs, uint32_t run_count, const uint8_t *entries)
{
	if (!p->all)
		return;
	for (uint32_t i = 0; i < run_count; i++) {
		struct kf_run run = kf_run_at(runs, i);

		for (uint32_t k = 0; run.kind == KF_RUN_DATA && k < run.count; k++, entries += KF_ENTRY_BYTES) {
			uint32_t entry = kf_le32_at(entries);

			fprintf(p->out, "\n    0x%" PRIx64 " %s %" PRIu32 " bytes", run.first + k,
				kf_rest_codec_name(kf_entry_flag(entry)), kf_entry_bytes(entry));
		}
	}
}
