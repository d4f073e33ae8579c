// SPDX-License-Identifier: GPL-2.0-or-later
// The system's own calls as an I/O table; see io.h.
#include "receiver/store/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int sys_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	(void)ctx;
	return openat(dir, name, flags, mode);
}

static int sys_mkdirat(void *ctx, int dir, const char *name, mode_t mode)
{
	(void)ctx;
	return mkdirat(dir, name, mode);
}

static int sys_renameat(void *ctx, int dir, const char *from, const char *to)
{
	(void)ctx;
	return renameat(dir, from, dir, to);
}

static int sys_unlinkat(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return unlinkat(dir, name, 0);
}

static ssize_t sys_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	(void)ctx;
	return pwrite(fd, bytes, len, at);
}

static ssize_t sys_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	(void)ctx;
	return pread(fd, bytes, len, at);
}

static int sys_ftruncate(void *ctx, int fd, off_t len)
{
	(void)ctx;
	return ftruncate(fd, len);
}

static int sys_punch(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx;
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, len);
}

static int sys_reserve(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx;
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, at, len);
}

static int sys_write_out(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx;
	return sync_file_range(fd, at, len, SYNC_FILE_RANGE_WRITE);
}

static int sys_forget(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx;
	return posix_fadvise(fd, at, len, POSIX_FADV_DONTNEED);
}

static int sys_fdatasync(void *ctx, int fd)
{
	(void)ctx;
	return fdatasync(fd);
}

static int sys_fsync(void *ctx, int fd)
{
	(void)ctx;
	return fsync(fd);
}

static int sys_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd);
}

static off_t sys_size(void *ctx, int fd)
{
	struct stat st;

	(void)ctx;
	return fstat(fd, &st) ? -1 : st.st_size;
}

static off_t sys_room(void *ctx, int fd)
{
	struct statvfs st;

	(void)ctx;
	return fstatvfs(fd, &st) ? -1 : (off_t)(st.f_bavail * st.f_frsize);
}

static int sys_lock(void *ctx, int fd)
{
	(void)ctx;
	return flock(fd, LOCK_EX | LOCK_NB);
}

static const struct kf_io_ops system_ops = {
	.openat = sys_openat,
	.mkdirat = sys_mkdirat,
	.renameat = sys_renameat,
	.unlinkat = sys_unlinkat,
	.pwrite = sys_pwrite,
	.pread = sys_pread,
	.ftruncate = sys_ftruncate,
	.punch = sys_punch,
	.reserve = sys_reserve,
	.write_out = sys_write_out,
	.forget = sys_forget,
	.fdatasync = sys_fdatasync,
	.fsync = sys_fsync,
	.close = sys_close,
	.size = sys_size,
	.room = sys_room,
	.lock = sys_lock,
};

const struct kf_io kf_io_system = { .ops = &system_ops };
