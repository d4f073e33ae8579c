// SPDX-License-Identifier: GPL-2.0-or-later
// An I/O table that writes down every change of a dump's files; see disklog.h.
#include "tests/unit/recv/disklog.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define OPS kf_io_system.ops
#define FRAMES 10	/* up to the caller of the function in receiver/store that called the table */

static struct disk_op *add(struct disklog *log, enum disk_kind kind, unsigned int inode)
{
	if (log->count == log->room) {
		log->room = 2 * log->room + 256;
		log->ops = realloc(log->ops, log->room * sizeof(*log->ops));
		if (!log->ops)
			abort();
	}
	log->ops[log->count] = (struct disk_op){ .kind = kind, .inode = inode };
	return &log->ops[log->count++];
}

/* The file system below may use a number again, but not while a descriptor is open: the newest inode is meant. */
static void know(struct disklog *log, unsigned int inode, uint64_t number)
{
	if (inode >= log->numbers_room) {
		log->numbers_room = 2 * inode + 32;
		log->numbers = realloc(log->numbers, log->numbers_room * sizeof(*log->numbers));
		if (!log->numbers)
			abort();
	}
	log->numbers[inode] = number;
}

static unsigned int inode_of(const struct disklog *log, int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	for (unsigned int i = log->live.count; i-- > 0;)
		if (log->numbers[i] == st.st_ino)
			return i;
	fail_msg("a file that was never made is changed");
	return 0;
}

static void named(struct disklog *log, int dir, const char *from, const char *to, unsigned int target)
{
	struct disk_op *op = add(log, DISK_NAMED, inode_of(log, dir));

	snprintf(op->from, sizeof(op->from), "%s", from);
	snprintf(op->to, sizeof(op->to), "%s", to);
	op->target = target;
	disk_apply(&log->live, op);
}

static void made(struct disklog *log, int dir, const char *name)
{
	unsigned int inode = disk_new_inode(&log->live);
	struct stat st;

	assert_int_equal(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	know(log, inode, st.st_ino);
	named(log, dir, "", name, inode);
}

static bool fails(struct disklog *log)
{
	if (++log->calls != log->fail_at)
		return false;
	errno = log->fail_errno;
	return true;
}

static int log_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	struct disklog *log = ctx;
	int fd;

	if (fails(log))
		return -1;
	if (log->full && flags & O_CREAT) {
		errno = ENOSPC;
		return -1;
	}
	fd = OPS->openat(NULL, dir, name, flags, mode);
	if (fd >= 0 && flags & O_CREAT) {
		assert_true(flags & O_EXCL);
		made(ctx, dir, name);
	}
	return fd;
}

static int log_mkdirat(void *ctx, int dir, const char *name, mode_t mode)
{
	int result = fails(ctx) ? -1 : OPS->mkdirat(NULL, dir, name, mode);

	if (!result)
		made(ctx, dir, name);
	return result;
}

static int log_renameat(void *ctx, int dir, const char *from, const char *to)
{
	struct disklog *log = ctx;
	int result = fails(log) ? -1 : OPS->renameat(NULL, dir, from, to);

	if (!result)
		named(log, dir, from, to, (unsigned int)disk_find(&log->live, inode_of(log, dir), from));
	return result;
}

static int log_unlinkat(void *ctx, int dir, const char *name)
{
	int result = fails(ctx) ? -1 : OPS->unlinkat(NULL, dir, name);

	if (!result)
		named(ctx, dir, name, "", 0);
	return result;
}

static ssize_t log_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t n = fails(ctx) ? -1 : OPS->pwrite(NULL, fd, bytes, len, at);
	struct disk_op *op;

	if (n <= 0)
		return n;
	op = add(ctx, DISK_WRITE, inode_of(ctx, fd));
	op->bytes = malloc((size_t)n);
	if (!op->bytes)
		abort();
	memcpy(op->bytes, bytes, (size_t)n);
	op->len = (size_t)n;
	op->at = (size_t)at;
	return n;
}

static ssize_t log_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	return fails(ctx) ? -1 : OPS->pread(NULL, fd, bytes, len, at);
}

static int log_ftruncate(void *ctx, int fd, off_t len)
{
	int result = fails(ctx) ? -1 : OPS->ftruncate(NULL, fd, len);

	if (!result)
		add(ctx, DISK_CUT, inode_of(ctx, fd))->len = (size_t)len;
	return result;
}

static int log_punch(void *ctx, int fd, off_t at, off_t len)
{
	int result = fails(ctx) ? -1 : OPS->punch(NULL, fd, at, len);
	struct disk_op *op;

	if (result)
		return result;
	op = add(ctx, DISK_PUNCH, inode_of(ctx, fd));
	op->at = (size_t)at;
	op->len = (size_t)len;
	return result;
}

/* Names of files change and are all ways to the same thing: what counts is what it will be called. */
static const char *last_name(const struct disklog *log, unsigned int inode)
{
	if (inode == DISK_BASE)
		return "..";
	for (unsigned int i = log->count; i-- > 0;)
		if (log->ops[i].kind == DISK_NAMED && log->ops[i].to[0] && log->ops[i].target == inode)
			return log->ops[i].inode == DISK_BASE ? "." : log->ops[i].to;
	return "a file of before";
}

static void tell_where(struct disklog_site *site)
{
	char command[200], line[64] = "";
	Dl_info info;
	FILE *p;

	snprintf(site->where, sizeof(site->where), "%p", site->caller);
	if (!dladdr(site->caller, &info) || !info.dli_fbase)
		return;
	snprintf(command, sizeof(command), "addr2line -s -e /proc/%d/exe %#tx 2>/dev/null", getpid(),
		 (char *)site->caller - (char *)info.dli_fbase - 1);
	p = popen(command, "r");
	if (p && fgets(line, sizeof(line), p) && line[0] != '?')
		snprintf(site->where, sizeof(site->where), "%.*s", (int)strcspn(line, " \n"), line);
	if (p)
		pclose(p);
}

/* Who called the function that goes on at BACK. */
static void *caller_of(const void *back)
{
	void *frames[FRAMES];
	int count = backtrace(frames, FRAMES);

	for (int i = 0; i + 1 < count; i++)
		if (frames[i] == back)
			return frames[i + 1];
	return NULL;
}

static unsigned int site_of(struct disklog *log, unsigned int inode, bool full, const void *back)
{
	const char *name = last_name(log, inode);
	void *caller = name[0] == '.' ? NULL : caller_of(back);
	unsigned int i;

	for (i = 0; i < log->site_count; i++)
		if (log->sites[i].caller == caller && log->sites[i].full == full && !strcmp(log->sites[i].file, name))
			break;
	assert_true(i < DISKLOG_SITES);
	if (i == log->site_count) {
		log->sites[i] = (struct disklog_site){ .full = full, .caller = caller };
		snprintf(log->sites[i].file, sizeof(log->sites[i].file), "%s", name);
		if (caller)
			tell_where(&log->sites[i]);
		log->site_count++;
	}
	log->sites[i].count++;
	return i;
}

static int synced(struct disklog *log, int fd, bool full, const void *back)
{
	unsigned int inode = inode_of(log, fd), site = site_of(log, inode, full, back);

	if (fails(log))
		return -1;
	if (log->sick && !strcmp(log->sick, last_name(log, inode))) {
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
	(void)ctx;
	return close(fd);
}

static off_t log_size(void *ctx, int fd)
{
	struct stat st;

	(void)ctx;
	return fstat(fd, &st) ? -1 : st.st_size;
}

static int log_lock(void *ctx, int fd)
{
	(void)ctx;
	return OPS->lock(NULL, fd);
}

static void names(struct disklog *log, int base)
{
	struct stat st;

	disk_init(&log->live);
	assert_int_equal(fstat(base, &st), 0);
	know(log, DISK_BASE, st.st_ino);
}

void disklog_init(struct disklog *log, int base)
{
	static const struct kf_io_ops ops = {
		.openat = log_openat, .mkdirat = log_mkdirat, .renameat = log_renameat, .unlinkat = log_unlinkat,
		.pwrite = log_pwrite, .pread = log_pread, .ftruncate = log_ftruncate, .punch = log_punch,
		.fdatasync = log_fdatasync, .fsync = log_fsync, .close = log_close,
		.size = log_size, .lock = log_lock,
	};

	*log = (struct disklog){ .io = { .ops = &ops, .ctx = log } };
	names(log, base);
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
	free(log->numbers);
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

static void put_file(struct disklog *log, const struct disk_inode *f, unsigned int inode, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL, 0600);
	struct stat st;

	assert_true(fd >= 0 && write(fd, f->bytes, f->len) == (ssize_t)f->len && !fstat(fd, &st));
	know(log, inode, st.st_ino);
	close(fd);
}

static void put_dir(struct disklog *log, const struct disk *d, const struct disk_name *n, int base)
{
	const struct disk_inode *dir = &d->inodes[n->inode];
	struct stat st;
	int fd;

	assert_int_equal(mkdirat(base, n->name, 0700), 0);
	fd = openat(base, n->name, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0 && !fstat(fd, &st));
	know(log, n->inode, st.st_ino);
	for (unsigned int i = 0; i < dir->count; i++)
		put_file(log, &d->inodes[dir->names[i].inode], dir->names[i].inode, fd, dir->names[i].name);
	close(fd);
}

void disklog_restart(struct disklog *log, const struct disk *d, int base)
{
	empty(log);
	names(log, base);
	disk_copy(&log->live, d);
	for (unsigned int i = 0; i < d->count; i++)
		know(log, i, i == DISK_BASE ? log->numbers[DISK_BASE] : 0);
	for (unsigned int i = 0; i < d->inodes[DISK_BASE].count; i++)
		put_dir(log, d, &d->inodes[DISK_BASE].names[i], base);
}
