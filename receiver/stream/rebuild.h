/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records of a journal added up to what the assembler knew when it wrote them; only reopen.c needs this. */
#ifndef KF_REBUILD_H
#define KF_REBUILD_H

#include "receiver/stream/assembler.h"

/* All that grows record by record, as it was behind one of them. */
struct kf_rebuild_point {
	struct kf_mark mark;
	struct kf_sums sums;
	struct kf_carry carry;
	uint64_t windows, batches;
	uint64_t vital_next;		/* pfn behind the last of the vital pages, while they are not closed */
};

struct kf_rebuild {
	struct kf_assembler *a;
	struct kf_journal_reader reader;
	struct kf_rebuild_point now, edge;		/* behind the last record; behind the last from which a sender can go on */
	uint64_t records;
	uint64_t file_bytes;		/* of the dump file: no page lies behind them */
	bool in_windows;		/* the first WINDOW that is no vital one was read */
	bool ram_done, in_vital;
};

/*
 * Reads b->reader, which stands behind the header, to its last whole record. Id, begin, DUMP, RAM and vital pages go into b->a, and the
 * pages of the window that is open; all sums into b->now and b->edge. The caller has set b->a, b->reader and b->file_bytes, and
 * all else to 0. Nothing that a record says is believed unchecked: KF_INVALID with its place if it cannot stand there. A record that is cut or
 * damaged just ends the journal. KF_FAILED if it cannot be read.
 */
enum kf_status kf_rebuild_read(struct kf_rebuild *b, struct kf_error *err) kf_must_check;

#endif
