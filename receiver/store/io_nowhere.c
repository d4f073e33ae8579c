// SPDX-License-Identifier: GPL-2.0-or-later
// An I/O table that keeps nothing on any disk: a stream goes through all of the receiver's checks, and leaves no trace.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receiver/store/dumpdir.h"

/* The journal is read again, by the last checkpoint; it lies in memory. All else is written to where nothing stays. */
static int openat_nowhere(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	(void)ctx, (void)dir, (void)mode;
	if (strcmp(name, KF_JOURNAL) == 0)
		return memfd_create(KF_JOURNAL, MFD_CLOEXEC);
	return open("/dev/null", (flags & O_DIRECTORY ? O_RDONLY : O_RDWR) | O_CLOEXEC);
}

static int make_nothing(void *ctx, int dir, const char *name, mode_t mode)
{
	(void)ctx, (void)dir, (void)name, (void)mode;
	return 0;
}

static int rename_nothing(void *ctx, int dir, const char *from, const char *to)
{
	(void)ctx, (void)dir, (void)from, (void)to;
	return 0;
}

static int unlink_nothing(void *ctx, int dir, const char *name)
{
	(void)ctx, (void)dir, (void)name;
	return 0;
}

static ssize_t pwrite_nowhere(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	return kf_io_system.ops->pwrite(ctx, fd, bytes, len, at);
}

static ssize_t pread_nowhere(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	return kf_io_system.ops->pread(ctx, fd, bytes, len, at);
}

/* /dev/null cannot be cut, synced or measured. */
static int truncate_nothing(void *ctx, int fd, off_t len)
{
	(void)ctx, (void)fd, (void)len;
	return 0;
}

static int punch_nothing(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx, (void)fd, (void)at, (void)len;
	return 0;
}

static int sync_nothing(void *ctx, int fd)
{
	(void)ctx, (void)fd;
	return 0;
}

static int close_it(void *ctx, int fd)
{
	return kf_io_system.ops->close(ctx, fd);
}

static off_t size_of(void *ctx, int fd)
{
	return kf_io_system.ops->size(ctx, fd);
}

static const struct kf_io_ops ops = {
	.openat = openat_nowhere, .mkdirat = make_nothing, .renameat = rename_nothing, .unlinkat = unlink_nothing,
	.pwrite = pwrite_nowhere, .pread = pread_nowhere, .ftruncate = truncate_nothing, .punch = punch_nothing,
	.fdatasync = sync_nothing, .fsync = sync_nothing, .close = close_it, .size = size_of, .lock = sync_nothing,
};

const struct kf_io kf_io_nowhere = { .ops = &ops };
