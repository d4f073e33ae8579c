/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rig around an assembler: a directory, disks that fail on demand, and workers whose order a seed decides. */
#ifndef RECV_RIG_H
#define RECV_RIG_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "receiver/kdump/packer.h"
#include "receiver/stream/assemble.h"
#include "receiver/stream/feed.h"
#include "tests/unit/recv/plan.h"
#include "tests/unit/unit.h"

#define RIG_JOBS 64

struct rig;

struct rig {
	char path[64];
	int base;
	struct kf_io io;
	unsigned int calls;	/* of the I/O table so far */
	unsigned int fail_at;	/* the call that fails, from 1; 0: none */
	bool fail_on;		/* and all after it */
	int fail_errno;
	struct kf_packer *packer;
	struct kf_job *waiting[RIG_JOBS];
	unsigned int jobs;
	uint64_t seed;		/* which of them runs next */
	struct kf_setup setup;
	struct kf_assembler *a;
	unsigned int replies[KF_TYPES];
	struct kf_abort abort;	/* the last one; its text is abort_text */
	char abort_text[KF_STRING_MAX + 1];
	uint32_t stored_flags, durable_flags;
	uint64_t durable_pfn;
	bool closed;
	enum kf_status status;
	char reason[KF_ERROR_TEXT], dir[128], file[64];
};

static inline bool rig_fails(struct rig *r)
{
	r->calls++;
	if (!r->fail_at || r->calls < r->fail_at || (r->calls > r->fail_at && !r->fail_on))
		return false;
	errno = r->fail_errno;
	return true;
}

#define RIG_OPS kf_io_system.ops
static inline int rig_openat(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->openat(NULL, dir, name, flags, mode);
}
static inline int rig_mkdirat(void *ctx, int dir, const char *name, mode_t mode)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->mkdirat(NULL, dir, name, mode);
}
static inline int rig_renameat(void *ctx, int dir, const char *from, const char *to)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->renameat(NULL, dir, from, to);
}
static inline int rig_unlinkat(void *ctx, int dir, const char *name)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->unlinkat(NULL, dir, name);
}
/* Writes half of what it is asked to, so that every write must be continued. */
static inline ssize_t rig_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->pwrite(NULL, fd, bytes, len > 1000 ? len / 2 : len, at);
}
static inline ssize_t rig_pread(void *ctx, int fd, void *bytes, size_t len, off_t at)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->pread(NULL, fd, bytes, len > 1000 ? len / 2 : len, at);
}
static inline int rig_ftruncate(void *ctx, int fd, off_t len)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->ftruncate(NULL, fd, len);
}
static inline int rig_punch(void *ctx, int fd, off_t at, off_t len)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->punch(NULL, fd, at, len);
}
/* The test's disk is memory: nothing to do, but it may fail. */
static inline int rig_fdatasync(void *ctx, int fd)
{
	(void)fd;
	return rig_fails(ctx) ? -1 : 0;
}
static inline int rig_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd);
}

static inline off_t rig_size(void *ctx, int fd)
{
	return rig_fails(ctx) ? -1 : RIG_OPS->size(NULL, fd);
}
static inline int rig_lock(void *ctx, int fd)
{
	(void)ctx;
	return RIG_OPS->lock(NULL, fd);
}

static const struct kf_io_ops rig_io_ops = {
	.openat = rig_openat, .mkdirat = rig_mkdirat, .renameat = rig_renameat, .unlinkat = rig_unlinkat,
	.pwrite = rig_pwrite, .pread = rig_pread, .ftruncate = rig_ftruncate, .punch = rig_punch,
	.fdatasync = rig_fdatasync, .fsync = rig_fdatasync, .close = rig_close,
	.size = rig_size, .lock = rig_lock,
};

static inline void rig_submit(void *ctx, struct kf_job *job)
{
	struct rig *r = ctx;

	assert_true(r->jobs < RIG_JOBS);
	r->waiting[r->jobs++] = job;
}

/* Runs one of the jobs that wait; false if there is none. */
static inline bool rig_pump(struct rig *r)
{
	unsigned int i;
	struct kf_job *job;

	if (!r->jobs)
		return false;
	i = r->seed ? (unsigned int)(next_random(&r->seed) % r->jobs) : 0;
	job = r->waiting[i];
	memmove(&r->waiting[i], &r->waiting[i + 1], (r->jobs - i - 1) * sizeof(job));
	r->jobs--;
	job->run(job, r->packer);
	job->done(job);
	return true;
}

static inline void rig_reply(void *ctx, const struct kf_message *m)
{
	struct rig *r = ctx;

	r->replies[m->type]++;
	if (m->type == KF_MSG_ABORT && r->replies[m->type] == 1) {
		r->abort = m->abort;
		kf_string_text(r->abort_text, sizeof(r->abort_text), &m->abort.text);
	}
	if (m->type == KF_MSG_STORED)
		r->stored_flags = m->stored.flags;
	if (m->type == KF_MSG_DURABLE) {
		r->durable_flags = m->resume.flags;
		assert_true(m->resume.pfn >= r->durable_pfn);
		r->durable_pfn = m->resume.pfn;
	}
}

static inline void rig_ready(void *ctx)
{
	(void)ctx;
}

static inline void rig_closed(void *ctx, const struct kf_result *result)
{
	struct rig *r = ctx;

	assert_false(r->closed);
	r->closed = true;
	r->status = result->status;
	snprintf(r->reason, sizeof(r->reason), "%s", result->reason);
	snprintf(r->dir, sizeof(r->dir), "%s", result->dir);
	snprintf(r->file, sizeof(r->file), "%s", result->file);
}

static inline void rig_opened(void *ctx, const struct kf_welcome *id, const char *dir)
{
	(void)ctx, (void)id, (void)dir;
}

static const struct kf_host_ops rig_host = { .reply = rig_reply, .ready = rig_ready, .opened = rig_opened, .closed = rig_closed };

/* On the directory BASE of IO; kf_assembler_destroy and kf_packer_destroy end it. */
static inline void rig_init_on(struct rig *r, const struct kf_io *io, int base)
{
	*r = (struct rig){ .base = base };
	r->packer = kf_packer_create();
	r->setup = (struct kf_setup){
		.host = &rig_host, .host_ctx = r,
		.workers = { rig_submit, r }, .disk = { rig_submit, r },
		.io = io, .base = base, .peer = "peer", .dir_host = "::1", .program = "rig",
		.limits = KF_LIMITS_DEFAULT,
		/* Small, so that a small stream has many syncs and checkpoints. */
		.pace = { .sync_bytes = 200000, .sync_ms = 60000, .checkpoint_bytes = 300000, .checkpoint_ms = 60000 },
	};
}

static inline void rig_init(struct rig *r)
{
	char path[sizeof(r->path)];

	snprintf(path, sizeof(path), "%.40s/kferry-unit.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(path));
	rig_init_on(r, &r->io, open(path, O_RDONLY | O_DIRECTORY));
	memcpy(r->path, path, sizeof(path));
	r->io = (struct kf_io){ .ops = &rig_io_ops, .ctx = r };
}

static inline int rig_remove(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st, (void)what, (void)ftw;
	return remove(path);
}

static inline void rig_deinit(struct rig *r)
{
	kf_assembler_destroy(r->a);
	kf_packer_destroy(r->packer);
	close(r->base);
	nftw(r->path, rig_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* A new assembler, and what feeds it. */
static inline void rig_begin(struct rig *r, struct kf_feed *feed)
{
	struct kf_error err;

	r->a = kf_assembler_create(&r->setup);
	assert_int_equal(kf_feed_init(feed, KF_ROLE_SENDER, kf_assembler_consumer(r->a), &err), KF_OK);
}

/* Gives it LEN bytes as a session would. */
static inline void rig_give(struct rig *r, struct kf_feed *feed, const uint8_t *bytes, size_t len)
{
	struct kf_error err;
	enum kf_status st = KF_OK;
	size_t at = 0, room;
	uint8_t *where;

	while (!st && at < len && !kf_assembler_ending(r->a)) {
		if (!kf_assembler_ready(r->a)) {
			assert_true(rig_pump(r));	/* or it would wait for ever */
			continue;
		}
		kf_feed_space(feed, &where, &room);
		room = room < len - at ? room : len - at;
		memcpy(where, bytes + at, room);
		at += room;
		st = kf_feed_advance(feed, room, &err);
	}
	if (st)
		kf_assembler_stop(r->a, kf_abort_code_for(st), &err);
}

/* The connection ends; runs to the end of the dump. */
static inline void rig_end(struct rig *r, struct kf_feed *feed)
{
	struct kf_error err;

	if (!kf_assembler_ending(r->a) && kf_feed_end(feed, &err))
		kf_assembler_stop(r->a, 0, &err);
	while (!r->closed)
		assert_true(rig_pump(r));
	assert_int_equal(r->jobs, 0);
	kf_feed_deinit(feed);
}

/* Gives LEN bytes to a new assembler as a session would, to the end of the dump. */
static inline void rig_run(struct rig *r, const uint8_t *bytes, size_t len)
{
	struct kf_feed feed;

	rig_begin(r, &feed);
	rig_give(r, &feed, bytes, len);
	rig_end(r, &feed);
}

/* Reads a file of the dump as text; empty if it is not there. */
static inline void rig_text(const struct rig *r, const char *name, char *out, size_t size)
{
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	fd = openat(r->base, path, O_RDONLY);
	n = fd < 0 ? 0 : read(fd, out, size - 1);
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
}

static inline bool rig_has(const struct rig *r, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return faccessat(r->base, path, F_OK, 0) == 0;
}

#endif
