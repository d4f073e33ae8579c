/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump file while it grows: headers, place for what is appended, and the flip of block 0. */
#ifndef KF_DUMPFILE_H
#define KF_DUMPFILE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "proto/message.h"
#include "receiver/kdump/layout.h"
#include "receiver/store/file.h"

/* A place in the file; bytes. */
struct kf_extent {
	uint64_t at, bytes;
};

/*
 * Workers append to the file at the same time, each into an extent that it has taken; a checkpoint
 * is one more appender. Only one thread at a time may begin, flip or cut the file.
 */
struct kf_dumpfile {
	struct kf_file file;
	struct kf_layout layout;
	struct kf_dump facts;
	_Atomic uint64_t end;			/* where the next extent begins, bytes */
	struct kf_extent table, old_table;	/* of the last checkpoint and of the one before; 0 bytes: none */
	uint64_t aside;				/* where the next table goes while the dump grows, bytes; 0: to END. See aside.h */
	bool opens;				/* block 0 was written: readers find a table, */
	bool whole;				/* and it says that nothing is lacking */
	bool torn;				/* a flip failed: on disk it may point to OLD_TABLE */
};

/* Makes the file NAME in DIR for a dump of which FACTS are known. It has no header yet. */
enum kf_status kf_dumpfile_create(struct kf_dumpfile *d, const struct kf_io *io, int dir, const char *name,
				  const struct kf_dump *facts, struct kf_error *err) kf_must_check;
/*
 * Opens the file NAME of an earlier run. Finds the table that block 0 points to, and counts the pages in it; END is behind
 * all that is there. KF_INVALID if it is the file of another dump, or points to what it does not hold.
 */
enum kf_status kf_dumpfile_open(struct kf_dumpfile *d, const struct kf_io *io, int dir, const char *name,
				const struct kf_dump *facts, uint64_t *pages, struct kf_error *err) kf_must_check;
void kf_dumpfile_close(struct kf_dumpfile *d);

/* Writes LEN bytes of the notes, OFFSET bytes into them; the caller keeps to facts.notes_bytes. */
enum kf_status kf_dumpfile_put_notes(struct kf_dumpfile *d, uint64_t offset, const void *bytes, size_t len,
				     struct kf_error *err) kf_must_check;

/* Writes the sub header and the shared zero page. */
enum kf_status kf_dumpfile_begin(struct kf_dumpfile *d, struct kf_error *err) kf_must_check;

/* Takes BYTES bytes at the end of the file, at a multiple of ALIGN. Nobody else will get them. */
uint64_t kf_dumpfile_take(struct kf_dumpfile *d, uint64_t bytes, uint64_t align);

/*
 * Writes block 0 in one write of one sector, so that readers find the bitmaps at AT, and brings it to disk.
 * What it points to must be on disk already. From here on a reader sees the new table.
 */
enum kf_status kf_dumpfile_flip(struct kf_dumpfile *d, uint64_t at, bool whole, struct kf_error *err) kf_must_check;

#endif
