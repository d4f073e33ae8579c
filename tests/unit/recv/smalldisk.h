/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An I/O table with room for so many bytes: a write that goes beyond is short, the next one fails. */
#ifndef RECV_SMALLDISK_H
#define RECV_SMALLDISK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "receiver/store/io.h"

#define SMALLDISK_FILE 4096	/* a new file takes so much at once */

struct smalldisk {
	struct kf_io io;
	struct kf_io_ops ops;
	const struct kf_io *below;	/* borrowed */
	size_t room;			/* bytes left */
	int journal;			/* its descriptor: the one file that something is reserved for, */
	size_t kept_end;		/* up to here */
	unsigned int refused_journal;	/* writes of it that found too little room */
	unsigned int refused;		/* calls */
};

static inline int smalldisk_refuse(struct smalldisk *s)
{
	s->refused++;
	errno = ENOSPC;
	return -1;
}

static inline size_t smalldisk_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (size_t)st.st_size;
}

static inline int smalldisk_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	struct smalldisk *s = ctx;
	int fd;

	if (flags & O_CREAT) {
		if (s->room < SMALLDISK_FILE)
			return smalldisk_refuse(s);
		s->room -= SMALLDISK_FILE;
	}
	fd = s->below->ops->openat(s->below->ctx, dir, name, flags, mode);
	if (strcmp(name, "journal") == 0)
		s->journal = fd;
	return fd;
}

/* Bytes behind the end of the file that nobody else gets. */
static inline size_t smalldisk_kept(const struct smalldisk *s, int fd)
{
	size_t size = smalldisk_size(fd);

	return fd == s->journal && s->kept_end > size ? s->kept_end - size : 0;
}

static inline int smalldisk_reserve(void *ctx, int fd, off_t at, off_t len)
{
	struct smalldisk *s = ctx;
	size_t end = (size_t)(at + len), had = smalldisk_size(fd) + smalldisk_kept(s, fd);

	if (end > had && end - had > s->room)
		return smalldisk_refuse(s);
	if (end > had) {
		s->room -= end - had;
		s->kept_end = end;
	}
	return 0;
}

static inline int smalldisk_unlinkat(void *ctx, int dir, const char *name)
{
	struct smalldisk *s = ctx;
	struct stat st;
	int there = fstatat(dir, name, &st, 0), result = s->below->ops->unlinkat(s->below->ctx, dir, name);

	if (!there && !result)
		s->room += (size_t)st.st_size + SMALLDISK_FILE;
	return result;
}

/* What lies before the end of the file has its room. */
static inline ssize_t smalldisk_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	struct smalldisk *s = ctx;
	size_t old = smalldisk_size(fd), grows = (size_t)at + len > old ? (size_t)at + len - old : 0;
	size_t kept = smalldisk_kept(s, fd), grown;
	ssize_t n;

	if (grows > s->room + kept) {
		s->refused_journal += fd == s->journal;
		if (grows - s->room - kept >= len)
			return smalldisk_refuse(s);
		len -= grows - s->room - kept;
	}
	n = s->below->ops->pwrite(s->below->ctx, fd, bytes, len, at);
	grown = smalldisk_size(fd) - old;
	s->room -= grown > kept ? grown - kept : 0;
	return n;
}

static inline int smalldisk_ftruncate(void *ctx, int fd, off_t len)
{
	struct smalldisk *s = ctx;
	size_t old = smalldisk_size(fd), kept = smalldisk_kept(s, fd);
	int result = s->below->ops->ftruncate(s->below->ctx, fd, len);

	if (!result && (size_t)len < old)
		s->room += old - (size_t)len;
	if (!result && kept) {
		s->room += kept;
		s->kept_end = 0;
	}
	return result;
}

#define SMALLDISK_PASS(call, arguments, ...) \
	static inline int smalldisk_##call arguments \
	{ \
		const struct smalldisk *s = ctx; \
		return s->below->ops->call(s->below->ctx, __VA_ARGS__); \
	}
SMALLDISK_PASS(mkdirat, (void *ctx, int dir, const char *name, mode_t mode), dir, name, mode)
SMALLDISK_PASS(renameat, (void *ctx, int dir, const char *from, const char *to), dir, from, to)
SMALLDISK_PASS(punch, (void *ctx, int fd, off_t at, off_t len), fd, at, len)
SMALLDISK_PASS(fdatasync, (void *ctx, int fd), fd)
SMALLDISK_PASS(fsync, (void *ctx, int fd), fd)
SMALLDISK_PASS(close, (void *ctx, int fd), fd)
SMALLDISK_PASS(lock, (void *ctx, int fd), fd)

static inline off_t smalldisk_length(void *ctx, int fd)
{
	const struct smalldisk *s = ctx;

	return s->below->ops->size(s->below->ctx, fd);
}

static inline ssize_t smalldisk_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	const struct smalldisk *s = ctx;

	return s->below->ops->pread(s->below->ctx, fd, bytes, len, at);
}

static inline void smalldisk_init(struct smalldisk *s, const struct kf_io *below, size_t room, bool keeps)
{
	*s = (struct smalldisk){
		.below = below, .room = room, .journal = -1, .io = { .ops = &s->ops, .ctx = s },
		.ops = {
			.openat = smalldisk_openat, .mkdirat = smalldisk_mkdirat, .renameat = smalldisk_renameat,
			.unlinkat = smalldisk_unlinkat, .pwrite = smalldisk_pwrite, .pread = smalldisk_pread,
			.ftruncate = smalldisk_ftruncate, .punch = smalldisk_punch, .fdatasync = smalldisk_fdatasync,
			.fsync = smalldisk_fsync, .close = smalldisk_close, .size = smalldisk_length, .lock = smalldisk_lock,
		},
	};
	if (keeps)
		s->ops.reserve = smalldisk_reserve;
}

#endif
