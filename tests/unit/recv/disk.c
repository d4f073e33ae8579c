// SPDX-License-Identifier: GPL-2.0-or-later
// A disk in memory that loses its power; see disk.h.
#include "tests/unit/recv/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static void *grown(void *p, size_t bytes)
{
	p = reallocarray(p, bytes, 1);	/* never one of those that a test lets fail */
	if (!p)
		abort();
	return p;
}

unsigned int disk_new_inode(struct disk *d)
{
	if (d->count == d->room) {
		d->inodes = grown(d->inodes, (d->room + 32) * sizeof(*d->inodes));
		memset(d->inodes + d->room, 0, 32 * sizeof(*d->inodes));
		d->room += 32;
	}
	d->inodes[d->count].len = 0;
	d->inodes[d->count].count = 0;
	return d->count++;
}

void disk_init(struct disk *d)
{
	*d = (struct disk){ 0 };
	disk_new_inode(d);
}

void disk_deinit(struct disk *d)
{
	for (unsigned int i = 0; i < d->room; i++)
		free(d->inodes[i].bytes);
	free(d->inodes);
	*d = (struct disk){ 0 };
}

static void resize(struct disk_inode *f, size_t len)
{
	if (len > f->room) {
		f->room = 2 * len;
		f->bytes = grown(f->bytes, f->room);
	}
	if (len > f->len)
		memset(f->bytes + f->len, 0, len - f->len);
	f->len = len;
}

void disk_copy(struct disk *to, const struct disk *from)
{
	to->count = 0;
	for (unsigned int i = 0; i < from->count; i++) {
		const struct disk_inode *f = &from->inodes[i];
		unsigned int n = disk_new_inode(to);	/* which may move all inodes */
		struct disk_inode *t = &to->inodes[n];

		resize(t, f->len);
		if (f->len)
			memcpy(t->bytes, f->bytes, f->len);
		memcpy(t->names, f->names, f->count * sizeof(f->names[0]));
		t->count = f->count;
	}
}

static void put(struct disk_inode *f, const uint8_t *bytes, size_t len, size_t at)
{
	if (at + len > f->len)
		resize(f, at + len);
	if (bytes)
		memcpy(f->bytes + at, bytes, len);
	else
		memset(f->bytes + at, 0, len);
}

static void forget(struct disk_inode *dir, const char *name)
{
	for (unsigned int i = 0; i < dir->count; i++)
		if (strcmp(dir->names[i].name, name) == 0)
			dir->names[i--] = dir->names[--dir->count];
}

static void rename_in(struct disk_inode *dir, const struct disk_op *op)
{
	if (op->from[0])
		forget(dir, op->from);
	if (!op->to[0])
		return;
	forget(dir, op->to);
	assert_true(dir->count < DISK_NAMES);
	memcpy(dir->names[dir->count].name, op->to, sizeof(op->to));
	dir->names[dir->count++].inode = op->target;
}

void disk_apply(struct disk *d, const struct disk_op *op)
{
	struct disk_inode *f = &d->inodes[op->inode];
	size_t end = op->at + op->len < f->len ? op->at + op->len : f->len;

	switch (op->kind) {
	case DISK_WRITE:
		put(f, op->bytes, op->len, op->at);
		break;
	case DISK_CUT:
		resize(f, op->len);
		break;
	case DISK_PUNCH:
		if (op->at < end)
			put(f, NULL, end - op->at, op->at);
		break;
	case DISK_NAMED:
		rename_in(f, op);
		break;
	case DISK_SYNC:
	case DISK_SAID:
		break;
	}
}

void disk_apply_torn(struct disk *d, const struct disk_op *op, uint64_t *seed)
{
	struct disk_inode *f = &d->inodes[op->inode];
	unsigned int way = (unsigned int)(next_random(seed) % 3);

	if (op->kind != DISK_WRITE && op->kind != DISK_PUNCH) {
		disk_apply(d, op);
		return;
	}
	/* The size may be there before the bytes are. */
	if (op->kind == DISK_WRITE && next_random(seed) % 2 && op->at + op->len > f->len)
		resize(f, op->at + op->len);
	for (size_t done = 0, n; done < op->len; done += n) {
		struct disk_op sector = *op;
		size_t half = op->len / 2;

		n = DISK_SECTOR - (op->at + done) % DISK_SECTOR;
		n = n < op->len - done ? n : op->len - done;
		if (way == 0 ? next_random(seed) % 2 : (done < half) == (way == 1))
			continue;
		sector.bytes = op->bytes ? op->bytes + done : NULL;
		sector.at = op->at + done;
		sector.len = n;
		disk_apply(d, &sector);
	}
}

int disk_find(const struct disk *d, unsigned int dir, const char *name)
{
	const struct disk_inode *f = &d->inodes[dir];

	for (unsigned int i = 0; i < f->count; i++)
		if (strcmp(f->names[i].name, name) == 0)
			return (int)f->names[i].inode;
	return -1;
}

const struct disk_inode *disk_file(const struct disk *d, unsigned int dir, const char *name)
{
	int found = disk_find(d, dir, name);

	return found < 0 ? NULL : &d->inodes[found];
}

static void load_file(struct disk_inode *f, int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	resize(f, (size_t)st.st_size);
	assert_int_equal(pread(fd, f->bytes, f->len, 0), f->len);
}

/* FD is closed. */
static void load_dir(struct disk *d, unsigned int inode, int fd)
{
	struct dirent *e;
	DIR *dir = fdopendir(fd);

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		struct disk_op op = { .kind = DISK_NAMED, .inode = inode };
		int file;

		if (e->d_name[0] == '.')
			continue;
		file = openat(dirfd(dir), e->d_name, O_RDONLY);
		assert_true(file >= 0);
		op.target = disk_new_inode(d);
		snprintf(op.to, sizeof(op.to), "%s", e->d_name);
		disk_apply(d, &op);
		if (e->d_type == DT_DIR) {
			load_dir(d, op.target, file);
			continue;
		}
		load_file(&d->inodes[op.target], file);
		close(file);
	}
	closedir(dir);
}

void disk_load(struct disk *d, int base)
{
	disk_init(d);
	load_dir(d, DISK_BASE, openat(base, ".", O_RDONLY | O_DIRECTORY));
}
