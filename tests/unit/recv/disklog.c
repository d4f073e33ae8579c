// SPDX-License-Identifier: GPL-2.0-or-later
// An I/O table that writes down every change of a dump's files; see disklog.h.
#include "tests/unit/recv/disklog.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define FIRST_FD 1000000	/* no descriptor of the system is so large */

static struct disk_op *add(struct disklog *log, enum disk_kind kind, unsigned int inode)
{
	if (log->count == log->room) {
		log->room = 2 * log->room + 256;
		log->ops = reallocarray(log->ops, log->room, sizeof(*log->ops));
		if (!log->ops)
			abort();
	}
	log->ops[log->count] = (struct disk_op){ .kind = kind, .inode = inode };
	return &log->ops[log->count++];
}

static unsigned int inode_of(const struct disklog *log, int fd)
{
	if (fd == log->base)
		return DISK_BASE;
	assert_true(fd >= FIRST_FD && fd < FIRST_FD + DISKLOG_OPEN && log->open[fd - FIRST_FD].used);
	return log->open[fd - FIRST_FD].inode;
}

static int fault(int error)
{
	errno = error;
	return -1;
}

static bool fails(struct disklog *log)
{
	if (++log->calls != log->fail_at)
		return false;
	errno = log->fail_errno;
	return true;
}

static void named(struct disklog *log, int dir, const char *from, const char *to, unsigned int target)
{
	struct disk_op *op = add(log, DISK_NAMED, inode_of(log, dir));

	snprintf(op->from, sizeof(op->from), "%s", from);
	snprintf(op->to, sizeof(op->to), "%s", to);
	op->target = target;
	disk_apply(&log->live, op);
}

static int opened(struct disklog *log, unsigned int inode)
{
	int i = 0;

	while (log->open[i].used)
		assert_true(++i < DISKLOG_OPEN);
	log->open[i] = (struct disklog_file){ .used = true, .inode = inode };
	return FIRST_FD + i;
}

static int log_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	struct disklog *log = ctx;
	int found = disk_find(&log->live, inode_of(log, dir), name);
	unsigned int inode;

	(void)mode;
	if (fails(log))
		return -1;
	if (!(flags & O_CREAT))
		return found < 0 ? fault(ENOENT) : opened(log, (unsigned int)found);
	assert_true(flags & O_EXCL);
	if (log->full || found >= 0)
		return fault(found >= 0 ? EEXIST : ENOSPC);
	inode = disk_new_inode(&log->live);
	named(log, dir, "", name, inode);
	return opened(log, inode);
}

static int log_mkdirat(void *ctx, int dir, const char *name, mode_t mode)
{
	struct disklog *log = ctx;

	(void)mode;
	if (fails(log))
		return -1;
	if (disk_find(&log->live, inode_of(log, dir), name) >= 0)
		return fault(EEXIST);
	named(log, dir, "", name, disk_new_inode(&log->live));
	return 0;
}

static int log_renameat(void *ctx, int dir, const char *from, const char *to)
{
	struct disklog *log = ctx;
	int found = disk_find(&log->live, inode_of(log, dir), from);

	if (fails(log))
		return -1;
	if (found < 0)
		return fault(ENOENT);
	named(log, dir, from, to, (unsigned int)found);
	return 0;
}

static int log_unlinkat(void *ctx, int dir, const char *name)
{
	struct disklog *log = ctx;

	if (fails(log))
		return -1;
	if (disk_find(&log->live, inode_of(log, dir), name) < 0)
		return fault(ENOENT);
	named(log, dir, name, "", 0);
	return 0;
}

static ssize_t log_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	struct disk_op *op;

	if (fails(ctx))
		return -1;
	op = add(ctx, DISK_WRITE, inode_of(ctx, fd));
	op->bytes = reallocarray(NULL, len + 1, 1);
	if (!op->bytes)
		abort();
	memcpy(op->bytes, bytes, len);
	op->len = len;
	op->at = (size_t)at;
	disk_apply(&((struct disklog *)ctx)->live, op);
	return (ssize_t)len;
}

static ssize_t log_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	struct disklog *log = ctx;
	const struct disk_inode *f = &log->live.inodes[inode_of(log, fd)];

	if (fails(log))
		return -1;
	if ((size_t)at >= f->len)
		return 0;
	len = len < f->len - (size_t)at ? len : f->len - (size_t)at;
	memcpy(bytes, f->bytes + at, len);
	return (ssize_t)len;
}

static int log_ftruncate(void *ctx, int fd, off_t len)
{
	struct disk_op *op;

	if (fails(ctx))
		return -1;
	op = add(ctx, DISK_CUT, inode_of(ctx, fd));
	op->len = (size_t)len;
	disk_apply(&((struct disklog *)ctx)->live, op);
	return 0;
}

static int log_punch(void *ctx, int fd, off_t at, off_t len)
{
	struct disk_op *op;

	if (fails(ctx))
		return -1;
	op = add(ctx, DISK_PUNCH, inode_of(ctx, fd));
	op->at = (size_t)at;
	op->len = (size_t)len;
	disk_apply(&((struct disklog *)ctx)->live, op);
	return 0;
}

static int synced(struct disklog *log, int fd, bool full, const void *back)
{
	unsigned int inode = inode_of(log, fd), site = disklog_site(log, inode, full, back);

	if (fails(log))
		return -1;
	if (log->sick && !strcmp(log->sick, disklog_name(log, inode))) {
		log->sick = NULL;
		errno = EIO;
		return -1;
	}
	add(log, DISK_SYNC, inode)->site = site;
	return 0;
}

static __attribute__((noinline)) int log_fdatasync(void *ctx, int fd)
{
	return synced(ctx, fd, false, __builtin_return_address(0));
}

static __attribute__((noinline)) int log_fsync(void *ctx, int fd)
{
	return synced(ctx, fd, true, __builtin_return_address(0));
}

static int log_close(void *ctx, int fd)
{
	struct disklog *log = ctx;

	(void)inode_of(log, fd);
	log->open[fd - FIRST_FD].used = false;
	return 0;
}

static off_t log_size(void *ctx, int fd)
{
	struct disklog *log = ctx;

	return fails(log) ? -1 : (off_t)log->live.inodes[inode_of(log, fd)].len;
}

static int log_lock(void *ctx, int fd)
{
	struct disklog *log = ctx;
	unsigned int inode = inode_of(log, fd);

	for (int i = 0; i < DISKLOG_OPEN; i++)
		if (log->open[i].used && log->open[i].locked && log->open[i].inode == inode && i != fd - FIRST_FD)
			return fault(EWOULDBLOCK);
	log->open[fd - FIRST_FD].locked = true;
	return 0;
}

void disklog_init(struct disklog *log, int base)
{
	static const struct kf_io_ops ops = {
		.openat = log_openat, .mkdirat = log_mkdirat, .renameat = log_renameat, .unlinkat = log_unlinkat,
		.pwrite = log_pwrite, .pread = log_pread, .ftruncate = log_ftruncate, .punch = log_punch,
		.fdatasync = log_fdatasync, .fsync = log_fsync, .close = log_close,
		.size = log_size, .lock = log_lock,
	};

	*log = (struct disklog){ .io = { .ops = &ops, .ctx = log }, .base = base };
	disk_init(&log->live);
}

static void empty(struct disklog *log)
{
	for (unsigned int i = 0; i < log->count; i++)
		free(log->ops[i].bytes);
	log->count = 0;
	disk_deinit(&log->live);
}

void disklog_deinit(struct disklog *log)
{
	empty(log);
	free(log->ops);
}

void disklog_reply(struct disklog *log, const struct kf_message *m)
{
	struct disk_promise *p = &log->promise;

	if (m->type != KF_MSG_DURABLE && m->type != KF_MSG_STORED)
		return;
	if (m->type == KF_MSG_DURABLE) {
		p->durable = true;
		p->pfn = m->resume.pfn;
		p->flags = m->resume.flags;
	} else {
		p->stored = true;
		p->whole = m->stored.flags & KF_STORED_WHOLE;
	}
	add(log, DISK_SAID, DISK_BASE)->promise = *p;
}

void disklog_closed(struct disklog *log, const struct kf_result *result)
{
	log->promise.closed = true;
	log->promise.opens = result->file[0] != '\0';
	log->promise.nothing = !log->promise.opens;
	add(log, DISK_SAID, DISK_BASE)->promise = log->promise;
}

void disklog_resumed(struct disklog *log)
{
	log->promise.closed = log->promise.opens = log->promise.nothing = false;
	log->promise.resumed = true;
	add(log, DISK_SAID, DISK_BASE)->promise = log->promise;
}

void disklog_given_up(struct disklog *log)
{
	log->promise.given_up = true;
	add(log, DISK_SAID, DISK_BASE)->promise = log->promise;
}

void disklog_restart(struct disklog *log, const struct disk *d)
{
	empty(log);
	disk_init(&log->live);
	disk_copy(&log->live, d);
	memset(log->open, 0, sizeof(log->open));
}
