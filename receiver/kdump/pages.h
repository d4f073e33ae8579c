/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All pages of a dump in pfn order, read from its journal. */
#ifndef KF_PAGES_H
#define KF_PAGES_H

#include "receiver/kdump/format.h"
#include "receiver/store/journal.h"

/*
 * Pages reach the journal in two ascending rows: first the vital pages, then those of the windows. Each
 * row is read by a cursor of its own and the two are merged, so memory does not grow with the dump.
 */
struct kf_page_cursor {
	struct kf_journal_reader reader;
	struct kf_stored_pages pages;	/* of the record being read */
	uint32_t run, page, entry;	/* the next one: run, page in the run, entry */
	uint64_t at;			/* of the next data page's bytes in the dump file */
	uint64_t next_pfn;		/* no page may come before this one */
	uint64_t pfn;			/* the page that the cursor stands on, while HAS */
	struct kf_kdump_descriptor descriptor;
	bool has;
};

struct kf_pages {
	struct kf_page_cursor vital, windows;
	uint64_t zero_page_at;		/* in the dump file, bytes */
	uint32_t block;
};

/* Which records of a journal: the vital pages' lie in [first, vital_end), the windows' in
 * [vital_end, end). Bytes. */
struct kf_journal_span {
	uint64_t first, vital_end, end;
};

enum kf_status kf_pages_init(struct kf_pages *p, const struct kf_file *journal, const struct kf_journal_span *span,
			     uint64_t zero_page_at, uint32_t block, struct kf_error *err) kf_must_check;
void kf_pages_deinit(struct kf_pages *p);

/* The next page in pfn order; KF_ABSENT behind the last one, KF_INVALID if the journal is not sound. */
enum kf_status kf_pages_next(struct kf_pages *p, uint64_t *pfn, struct kf_kdump_descriptor *descriptor,
			     struct kf_error *err) kf_must_check;

#endif
