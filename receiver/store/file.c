// SPDX-License-Identifier: GPL-2.0-or-later
// A file of a dump; see file.h.
#include "receiver/store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

enum kf_status kf_file_create(struct kf_file *f, const struct kf_io *io, int dir, const char *name,
			      struct kf_error *err)
{
	*f = (struct kf_file){ .io = io, .name = name };
	f->fd = io->ops->openat(io->ctx, dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0)
		return kf_fail_errno(err, "%s: cannot make it", name);
	return KF_OK;
}

enum kf_status kf_file_open(struct kf_file *f, const struct kf_io *io, int dir, const char *name,
			    struct kf_error *err)
{
	*f = (struct kf_file){ .io = io, .name = name };
	f->fd = io->ops->openat(io->ctx, dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
	if (f->fd < 0)
		return kf_fail_errno(err, "%s: cannot open it", name);
	return KF_OK;
}

void kf_file_close(struct kf_file *f)
{
	if (f->fd >= 0)
		f->io->ops->close(f->io->ctx, f->fd);
	f->fd = -1;
}

enum kf_status kf_file_write(const struct kf_file *f, const void *bytes, size_t len, uint64_t at,
			     struct kf_error *err)
{
	const uint8_t *p = bytes;

	while (len > 0) {
		ssize_t n = f->io->ops->pwrite(f->io->ctx, f->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;	/* never seen; must not loop */
		if (n <= 0)
			return kf_fail_errno(err, "%s: cannot write %zu bytes at %" PRIu64, f->name, len, at);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return KF_OK;
}

enum kf_status kf_file_read(const struct kf_file *f, void *bytes, size_t len, uint64_t at,
			    struct kf_error *err)
{
	uint8_t *p = bytes;

	while (len > 0) {
		ssize_t n = f->io->ops->pread(f->io->ctx, f->fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return kf_fail_errno(err, "%s: cannot read %zu bytes at %" PRIu64, f->name, len, at);
		if (n == 0)
			return kf_fail(err, KF_FAILED, "%s: ends at %" PRIu64 ", %zu bytes too early", f->name, at, len);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return KF_OK;
}

enum kf_status kf_file_truncate(const struct kf_file *f, uint64_t len, struct kf_error *err)
{
	if (f->io->ops->ftruncate(f->io->ctx, f->fd, (off_t)len))
		return kf_fail_errno(err, "%s: cannot cut it to %" PRIu64 " bytes", f->name, len);
	return KF_OK;
}

void kf_file_write_out(const struct kf_file *f, uint64_t at, uint64_t len)
{
	if (f->io->ops->write_out)
		(void)f->io->ops->write_out(f->io->ctx, f->fd, (off_t)at, (off_t)len);
}

void kf_file_forget(const struct kf_file *f, uint64_t at, uint64_t len)
{
	if (f->io->ops->forget)
		(void)f->io->ops->forget(f->io->ctx, f->fd, (off_t)at, (off_t)len);
}

enum kf_status kf_file_datasync(const struct kf_file *f, struct kf_error *err)
{
	if (f->io->ops->fdatasync(f->io->ctx, f->fd))
		return kf_fail_errno(err, "%s: cannot bring it to disk", f->name);
	return KF_OK;
}

enum kf_status kf_file_sync(const struct kf_file *f, struct kf_error *err)
{
	if (f->io->ops->fsync(f->io->ctx, f->fd))
		return kf_fail_errno(err, "%s: cannot bring it to disk", f->name);
	return KF_OK;
}

bool kf_file_punch(const struct kf_file *f, uint64_t at, uint64_t len)
{
	return !f->io->ops->punch(f->io->ctx, f->fd, (off_t)at, (off_t)len);
}

bool kf_file_reserve(const struct kf_file *f, uint64_t at, uint64_t len)
{
	return f->io->ops->reserve && !f->io->ops->reserve(f->io->ctx, f->fd, (off_t)at, (off_t)len);
}

void kf_file_release(const struct kf_file *f)
{
	off_t n = f->io->ops->reserve ? f->io->ops->size(f->io->ctx, f->fd) : -1;

	/* Cutting a file to the size that it has frees the blocks behind it. */
	if (n >= 0)
		(void)!f->io->ops->ftruncate(f->io->ctx, f->fd, n);
}

enum kf_status kf_file_size(const struct kf_file *f, uint64_t *size, struct kf_error *err)
{
	off_t n = f->io->ops->size(f->io->ctx, f->fd);

	if (n < 0)
		return kf_fail_errno(err, "%s: cannot tell its size", f->name);
	*size = (uint64_t)n;
	return KF_OK;
}

enum kf_status kf_file_lock(const struct kf_file *f, struct kf_error *err)
{
	if (!f->io->ops->lock(f->io->ctx, f->fd))
		return KF_OK;
	if (errno == EWOULDBLOCK)
		return kf_fail(err, KF_ABSENT, "%s: another kferry-recv is writing this dump", f->name);
	return kf_fail_errno(err, "%s: cannot lock it", f->name);
}
