/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A checkpoint: bitmaps and page table of all that the journal holds, appended, and then made valid. */
#ifndef KF_CHECKPOINT_H
#define KF_CHECKPOINT_H

#include "receiver/kdump/dumpfile.h"
#include "receiver/kdump/pages.h"
#include "receiver/kdump/pfnset.h"

/*
 * Nothing that a reader can see is ever changed: bitmaps and table go to the end of the file, to disk,
 * and then one sector switches over. Killed at any step, the file is the old one or the new one. A page
 * that is not there has no bit in the second bitmap, so every reader says that it has no such page.
 *
 * The table of the checkpoint before the last one is kept for readers that have the file open; older
 * ones are given back to the file system. While the dump grows tables lie aside; that of the last checkpoint of
 * a connection lies behind the pages and ends the file (aside.h).
 */
struct kf_checkpoint {
	struct kf_dumpfile *dump;		/* borrowed; its data is on disk */
	const struct kf_pfnset *ram;		/* borrowed */
	const struct kf_file *journal;		/* borrowed */
	struct kf_journal_span span;		/* the records that are on disk */
	uint64_t pages;				/* how many pages those name */
	bool whole;				/* the dump has all of its pages: clear the INCOMPLETE flag */
	bool last;				/* nobody appends to the file meanwhile, nor later without opening it again */
};

/* KF_REFUSED if the format cannot point to the end of so large a file. After any failure the checkpoint
 * before is still the valid one. */
enum kf_status kf_checkpoint_make(const struct kf_checkpoint *c, struct kf_error *err) kf_must_check;

#endif
