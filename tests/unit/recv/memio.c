// SPDX-License-Identifier: GPL-2.0-or-later
// An I/O table whose files are memory; see memio.h.
#include "tests/unit/recv/memio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int failed(int error)
{
	errno = error;
	return -1;
}

static struct memio_file *of(struct memio *m, int fd)
{
	if (fd < 0 || fd >= MEMIO_OPEN || m->open[fd] < 0)
		abort();	/* the receiver uses a descriptor that it has closed */
	return &m->files[m->open[fd]];
}

static int lookup(const struct memio *m, unsigned int dir, const char *name)
{
	for (unsigned int i = 1; i < m->count; i++)
		if (m->files[i].dir == dir && strcmp(m->files[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* NAME may have one directory in it. */
static int find_at(struct memio *m, int dir, const char *name, unsigned int *in, const char **last)
{
	const char *slash = strchr(name, '/');
	char first[MEMIO_NAME];
	int sub;

	*in = (unsigned int)(of(m, dir) - m->files);
	*last = name;
	if (slash) {
		snprintf(first, sizeof(first), "%.*s", (int)(slash - name), name);
		sub = lookup(m, *in, first);
		if (sub < 0)
			return -1;
		*in = (unsigned int)sub;
		*last = slash + 1;
	}
	return strcmp(*last, ".") == 0 ? (int)*in : lookup(m, *in, *last);
}

static int make(struct memio *m, unsigned int dir, const char *name, bool is_dir)
{
	struct memio_file *f = &m->files[m->count];

	if (m->count == MEMIO_FILES || strlen(name) >= MEMIO_NAME)
		return failed(ENOSPC);
	*f = (struct memio_file){ .dir = dir, .is_dir = is_dir };
	snprintf(f->name, sizeof(f->name), "%s", name);
	if (!is_dir) {
		f->bytes = mmap(NULL, MEMIO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (f->bytes == MAP_FAILED)
			abort();
	}
	return (int)m->count++;
}

static int mem_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	struct memio *m = ctx;
	const char *last;
	unsigned int in;
	int file = find_at(m, dir, name, &in, &last);

	(void)mode;
	if (file >= 0 && flags & O_CREAT && flags & O_EXCL)
		return failed(EEXIST);
	if (file < 0 && !(flags & O_CREAT))
		return failed(ENOENT);
	if (file < 0)
		file = make(m, in, last, false);
	if (file < 0)
		return -1;
	if (flags & O_TRUNC)
		m->files[file].len = 0;
	for (int fd = 0; fd < MEMIO_OPEN; fd++)
		if (m->open[fd] < 0) {
			m->open[fd] = file;
			return fd;
		}
	abort();	/* it never has so many open: descriptors leak */
}

static int mem_mkdirat(void *ctx, int dir, const char *name, mode_t mode)
{
	struct memio *m = ctx;
	const char *last;
	unsigned int in;

	(void)mode;
	if (find_at(m, dir, name, &in, &last) >= 0)
		return failed(EEXIST);
	return make(m, in, last, true) < 0 ? -1 : 0;
}

static int mem_unlinkat(void *ctx, int dir, const char *name)
{
	struct memio *m = ctx;
	const char *last;
	unsigned int in;
	int file = find_at(m, dir, name, &in, &last);

	if (file < 0)
		return failed(ENOENT);
	m->files[file].name[0] = '\0';
	return 0;
}

static int mem_renameat(void *ctx, int dir, const char *from, const char *to)
{
	struct memio *m = ctx;
	const char *last;
	unsigned int in;
	int file = find_at(m, dir, from, &in, &last), old = find_at(m, dir, to, &in, &last);

	if (file < 0)
		return failed(ENOENT);
	if (old >= 0 && old != file)
		m->files[old].name[0] = '\0';
	snprintf(m->files[file].name, MEMIO_NAME, "%s", last);
	return 0;
}

static ssize_t mem_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	struct memio_file *f = of(ctx, fd);

	if (at < 0 || len > MEMIO_BYTES || (uint64_t)at > MEMIO_BYTES - len)
		return failed(ENOSPC);
	memcpy(f->bytes + at, bytes, len);
	if ((uint64_t)at + len > f->len)
		f->len = (uint64_t)at + len;
	return (ssize_t)len;
}

static ssize_t mem_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	const struct memio_file *f = of(ctx, fd);

	if (at < 0 || (uint64_t)at >= f->len)
		return 0;
	if (len > f->len - (uint64_t)at)
		len = (size_t)(f->len - (uint64_t)at);
	memcpy(bytes, f->bytes + at, len);
	return (ssize_t)len;
}

/* Zeros [AT, END) and gives the memory back. */
static void clear(struct memio_file *f, uint64_t at, uint64_t end)
{
	uint64_t whole = (at + 4095) & ~4095ull;

	if (at >= end)
		return;
	if (whole > end)
		whole = end;
	memset(f->bytes + at, 0, whole - at);
	if (end > whole && madvise(f->bytes + whole, end - whole, MADV_DONTNEED))
		abort();	/* END is rounded up by the kernel: see the callers */
}

static int mem_ftruncate(void *ctx, int fd, off_t len)
{
	struct memio_file *f = of(ctx, fd);

	if (len < 0 || (uint64_t)len > MEMIO_BYTES)
		return failed(EFBIG);
	clear(f, (uint64_t)len, f->len);	/* behind f->len is nothing to lose */
	f->len = (uint64_t)len;
	return 0;
}

static int mem_punch(void *ctx, int fd, off_t at, off_t len)
{
	struct memio_file *f = of(ctx, fd);
	uint64_t end = (uint64_t)at + (uint64_t)len, whole;

	if (end > f->len)
		end = f->len;
	if ((uint64_t)at >= end)
		return 0;
	whole = end & ~4095ull;
	if (whole > (uint64_t)at) {
		clear(f, (uint64_t)at, whole);
		at = (off_t)whole;
	}
	memset(f->bytes + at, 0, end - (uint64_t)at);
	return 0;
}

static int mem_sync(void *ctx, int fd)
{
	of(ctx, fd);
	return 0;
}

static int mem_close(void *ctx, int fd)
{
	struct memio *m = ctx;

	of(m, fd);
	m->open[fd] = -1;
	return 0;
}

static off_t mem_size(void *ctx, int fd)
{
	return (off_t)of(ctx, fd)->len;
}

static const struct kf_io_ops mem_ops = {
	.openat = mem_openat, .mkdirat = mem_mkdirat, .renameat = mem_renameat, .unlinkat = mem_unlinkat,
	.pwrite = mem_pwrite, .pread = mem_pread, .ftruncate = mem_ftruncate, .punch = mem_punch,
	.fdatasync = mem_sync, .fsync = mem_sync, .close = mem_close, .size = mem_size, .lock = mem_sync,
};

void memio_init(struct memio *m)
{
	*m = (struct memio){ .io = { .ops = &mem_ops, .ctx = m }, .count = 1 };
	m->files[0].is_dir = true;
	for (int fd = 0; fd < MEMIO_OPEN; fd++)
		m->open[fd] = -1;
	m->open[MEMIO_BASE] = 0;
}

void memio_deinit(struct memio *m)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (m->files[i].bytes)
			munmap(m->files[i].bytes, MEMIO_BYTES);
}

const struct memio_file *memio_find(const struct memio *m, const char *name)
{
	for (unsigned int i = 1; i < m->count; i++)
		if (strcmp(m->files[i].name, name) == 0)
			return &m->files[i];
	return NULL;
}
