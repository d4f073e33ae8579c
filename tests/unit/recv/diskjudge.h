/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether what lies on a disk keeps what the receiver promised: no dump without its pages, no name that lies. */
#ifndef RECV_DISKJUDGE_H
#define RECV_DISKJUDGE_H

#include "tests/unit/recv/disk.h"
#include "tests/unit/recv/journalreader.h"

struct page_memo {
	uint8_t *bytes;		/* owned: the page as it rests, found right before */
	uint32_t size, flags;
};

struct diskjudge {
	const struct plan *plan;
	bool bare;		/* the stream may have no log, and the dump has no notes */
	bool overwritten;	/* the disk was full: a manifest may be written over the one before, and torn */
	uint64_t flaky;		/* this page may be there although it is listed as unreadable; 0: none */
	bool recovered;		/* a receiver ran since: what is durable must be in the file itself */
	struct page_memo memo[PLAN_PFNS];
	unsigned int opened, finished;	/* states in which a dump could be opened; was finished */
	char wrong[200];
};

void diskjudge_init(struct diskjudge *j, const struct plan *plan);
void diskjudge_deinit(struct diskjudge *j);

/* NULL, or what is wrong; lives until the next call. */
const char *diskjudge_look(struct diskjudge *j, const struct disk *d, const struct disk_promise *promise);

#endif
