/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls by which a dump, its journal, log and manifest come to disk: one small table. */
#ifndef KF_IO_H
#define KF_IO_H

#include <sys/types.h>

/*
 * Every call of the receiver that changes or reads a file of a dump goes through this table, so that
 * a test can let any one of them fail. Each has the arguments, results and errno of the call whose
 * name it bears; all may be called by several threads at once.
 *
 *   punch     gives the blocks of [at, at + len) back; the file keeps its size and reads zeros there
 *   reserve   takes blocks for [at, at + len), also behind the end of the file, which keeps its size. NULL in a table that
 *             cannot
 *   write_out begins to bring [at, at + len) to disk, and does not wait for it. NULL in a table that cannot
 *   forget    [at, at + len), which is on disk, is not kept in memory. NULL in a table that cannot
 *   size      of the file in bytes
 *   room      bytes that can still be written on its file system; -1 if that is not known, and NULL in a table that cannot tell
 *   lock      takes the file for this open descriptor; EWOULDBLOCK at once if another has it. Ends with close
 */
struct kf_io_ops {
	int (*openat)(void *ctx, int dir, const char *name, int flags, mode_t mode);
	int (*mkdirat)(void *ctx, int dir, const char *name, mode_t mode);
	int (*renameat)(void *ctx, int dir, const char *from, const char *to);
	int (*unlinkat)(void *ctx, int dir, const char *name);
	ssize_t (*pwrite)(void *ctx, int fd, const void *bytes, size_t len, off_t at);
	ssize_t (*pread)(void *ctx, int fd, void *bytes, size_t len, off_t at);
	int (*ftruncate)(void *ctx, int fd, off_t len);
	int (*punch)(void *ctx, int fd, off_t at, off_t len);
	int (*reserve)(void *ctx, int fd, off_t at, off_t len);
	int (*write_out)(void *ctx, int fd, off_t at, off_t len);
	int (*forget)(void *ctx, int fd, off_t at, off_t len);
	int (*fdatasync)(void *ctx, int fd);
	int (*fsync)(void *ctx, int fd);
	int (*close)(void *ctx, int fd);
	off_t (*size)(void *ctx, int fd);
	off_t (*room)(void *ctx, int fd);
	int (*lock)(void *ctx, int fd);
};

struct kf_io {
	const struct kf_io_ops *ops;
	void *ctx;	/* borrowed; given to each call */
};

/* The system's own calls; needs no context. */
extern const struct kf_io kf_io_system;

/* Keeps nothing on any disk, for looking at a stream only. What is synced there is not, and is never said to be. */
extern const struct kf_io kf_io_nowhere;

#endif
