/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An I/O table upon a disk in memory, which writes down every change, every sync with its place in the code, and every promise. */
#ifndef RECV_DISKLOG_H
#define RECV_DISKLOG_H

#include "receiver/store/io.h"
#include "receiver/stream/assemble.h"
#include "tests/unit/recv/disk.h"

#define DISKLOG_SITES 64
#define DISKLOG_OPEN 32

/*
 * One place in the code that syncs. For files that is the line that calls receiver/store/file.h; directories are synced
 * by one line for each of the two, whoever wants it.
 */
struct disklog_site {
	bool full;			/* fsync */
	char file[DISK_NAME];		/* the name of what is synced, "." and ".." for directories */
	void *caller;			/* NULL for directories */
	char where[64];			/* file and line, as far as addr2line knows them */
	unsigned int count;		/* times it was reached */
};

struct disklog_file {
	bool used, locked;
	unsigned int inode;
};

struct disklog {
	struct kf_io io;		/* to be given to what is tested */
	struct disk_op *ops;		/* owned */
	unsigned int count, room;
	struct disk live;		/* as the program sees it */
	int base;			/* descriptor that stands for DISK_BASE */
	struct disklog_file open[DISKLOG_OPEN];	/* by descriptor */
	struct disk_promise promise;	/* so far */
	struct disklog_site sites[DISKLOG_SITES];
	unsigned int site_count;
	unsigned int calls;		/* of the table so far */
	unsigned int fail_at;		/* the call that fails, from 1; 0: none */
	int fail_errno;
	bool full;			/* no file can be made any more */
	const char *sick;		/* the next sync of the file of this name fails; NULL: none does */
};

void disklog_init(struct disklog *log, int base);
void disklog_deinit(struct disklog *log);

/* disksites.c. What an inode is called, by the last of its names; the number of the place that syncs it, where BACK is the return
 * address of the table's function. */
const char *disklog_name(const struct disklog *log, unsigned int inode);
unsigned int disklog_site(struct disklog *log, unsigned int inode, bool full, const void *back);

/* What a host says to the sender, and that it closed. */
void disklog_reply(struct disklog *log, const struct kf_message *m);
void disklog_closed(struct disklog *log, const struct kf_result *result);
void disklog_resumed(struct disklog *log);
void disklog_given_up(struct disklog *log);

/* Begins a new log with what D holds, and nothing open; promises and sites stay. */
void disklog_restart(struct disklog *log, const struct disk *d);

#endif
