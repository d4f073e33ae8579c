// SPDX-License-Identifier: GPL-2.0-or-later
// All pages of a dump in pfn order, read from its journal; see pages.h.
#include "receiver/kdump/pages.h"

#include <inttypes.h>

static enum kf_status next_record(struct kf_page_cursor *c, struct kf_error *err)
{
	struct kf_record record;
	enum kf_status st;

	do {
		st = kf_journal_next(&c->reader, &record, err);
		if (st)
			return st;
	} while (record.type != KF_RECORD_PAGES);
	st = kf_record_pages(&c->pages, &record, err);
	c->run = c->page = c->entry = 0;
	c->at = c->pages.at;
	return st;
}

/* The descriptor of the next page of a data run, whose bytes follow those of the page before. */
static struct kf_kdump_descriptor next_data(struct kf_page_cursor *c)
{
	uint32_t entry = kf_le32_at(c->pages.entries + KF_ENTRY_BYTES * (size_t)c->entry++);
	struct kf_kdump_descriptor d = {
		.offset = c->at, .size = kf_entry_bytes(entry), .flags = kf_entry_flag(entry),
	};

	c->at += d.size;
	return d;
}

/* Moves C to its next page; c->has is false behind the last one. */
static enum kf_status step(struct kf_pages *p, struct kf_page_cursor *c, struct kf_error *err)
{
	struct kf_run run;
	enum kf_status st;

	c->has = false;
	while (c->run >= c->pages.run_count) {
		st = next_record(c, err);
		if (st)
			return st == KF_ABSENT ? KF_OK : st;
	}
	run = kf_run_at(c->pages.runs, c->run);
	c->pfn = run.first + c->page;
	if (c->pfn < c->next_pfn)
		return kf_fail(err, KF_INVALID, "journal: page 0x%" PRIx64 " is out of order", c->pfn);
	c->next_pfn = c->pfn + 1;
	if (run.kind == KF_RUN_DATA)
		c->descriptor = next_data(c);
	else
		c->descriptor = (struct kf_kdump_descriptor){ .offset = p->zero_page_at, .size = p->block };
	if (++c->page == run.count) {
		c->page = 0;
		c->run++;
	}
	c->has = true;
	return KF_OK;
}

enum kf_status kf_pages_init(struct kf_pages *p, const struct kf_file *journal, const struct kf_journal_span *span,
			     uint64_t zero_page_at, uint32_t block, struct kf_error *err)
{
	enum kf_status st;

	*p = (struct kf_pages){ .zero_page_at = zero_page_at, .block = block };
	st = kf_journal_reader_init(&p->vital.reader, journal, span->first, span->vital_end, err);
	if (st == KF_OK)
		st = kf_journal_reader_init(&p->windows.reader, journal, span->vital_end, span->end, err);
	if (st == KF_OK)
		st = step(p, &p->vital, err);
	if (st == KF_OK)
		st = step(p, &p->windows, err);
	if (st)
		kf_pages_deinit(p);
	return st;
}

void kf_pages_deinit(struct kf_pages *p)
{
	kf_journal_reader_deinit(&p->vital.reader);
	kf_journal_reader_deinit(&p->windows.reader);
}

enum kf_status kf_pages_next(struct kf_pages *p, uint64_t *pfn, struct kf_kdump_descriptor *descriptor,
			     struct kf_error *err)
{
	struct kf_page_cursor *v = &p->vital, *w = &p->windows, *c;

	if (!v->has && !w->has)
		return KF_ABSENT;
	if (v->has && w->has && v->pfn == w->pfn)
		return kf_fail(err, KF_INVALID, "journal: page 0x%" PRIx64 " is there twice", v->pfn);
	c = !w->has || (v->has && v->pfn < w->pfn) ? v : w;
	*pfn = c->pfn;
	*descriptor = c->descriptor;
	return step(p, c, err);
}
