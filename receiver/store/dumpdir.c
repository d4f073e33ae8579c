// SPDX-License-Identifier: GPL-2.0-or-later
// The directory of one dump; see dumpdir.h.
#include "receiver/store/dumpdir.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/identity.h"

#define TRIES 1000	/* dumps of one host within a second */

static int make(struct kf_dumpdir *d, const char *host, const char *stamp)
{
	for (int i = 1; i <= TRIES; i++) {
		if (i == 1)
			snprintf(d->name, sizeof(d->name), "%s-%s", host, stamp);
		else
			snprintf(d->name, sizeof(d->name), "%s-%s.%d", host, stamp, i);
		if (d->io->ops->mkdirat(d->io->ctx, d->base, d->name, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

static enum kf_status open_it(struct kf_dumpdir *d, struct kf_error *err)
{
	d->fd = d->io->ops->openat(d->io->ctx, d->base, d->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);
	if (d->fd < 0)
		return kf_fail_errno(err, "%s: cannot open the dump's directory", d->name);
	return KF_OK;
}

enum kf_status kf_dumpdir_open(struct kf_dumpdir *d, const struct kf_io *io, int base, const char *name,
			       struct kf_error *err)
{
	*d = (struct kf_dumpdir){ .io = io, .base = base, .fd = -1 };
	if (strchr(name, '/') || name[0] == '.' || !name[0] || strlen(name) >= sizeof(d->name))
		return kf_fail(err, KF_INVALID, "%.100s: not the name of a dump's directory", name);
	memcpy(d->name, name, strlen(name) + 1);
	return open_it(d, err);
}

bool kf_dumpdir_is_of(const char *name, const char *host)
{
	static const char shape[] = "0000-00-00-00:00:00";
	char clean[KF_IDENTITY_MAX + 1];
	size_t n;

	kf_identity_clean(clean, host);
	n = strlen(clean);
	if (strncmp(name, clean, n) != 0 || name[n] != '-')
		return false;
	name += n + 1;
	for (const char *s = shape; *s; s++, name++)
		if (*s == '0' ? !isdigit((unsigned char)*name) : *name != *s)
			return false;
	return *name == '\0' || *name == '.';
}

enum kf_status kf_dumpdir_create(struct kf_dumpdir *d, const struct kf_io *io, int base, const char *host,
				 time_t now, struct kf_error *err)
{
	char clean[KF_IDENTITY_MAX + 1], stamp[32];
	struct tm tm;

	*d = (struct kf_dumpdir){ .io = io, .base = base, .fd = -1 };
	kf_identity_clean(clean, host);
	if (!localtime_r(&now, &tm) || !strftime(stamp, sizeof(stamp), "%Y-%m-%d-%H:%M:%S", &tm))
		return kf_fail(err, KF_FAILED, "the time cannot be told");
	if (make(d, clean, stamp))
		return kf_fail_errno(err, "%s: cannot make the dump's directory", d->name);
	return open_it(d, err);
}

void kf_dumpdir_close(struct kf_dumpdir *d)
{
	if (d->fd >= 0)
		d->io->ops->close(d->io->ctx, d->fd);
	d->fd = -1;
}

enum kf_status kf_dumpdir_rename(const struct kf_dumpdir *d, const char *from, const char *to,
				 struct kf_error *err)
{
	if (d->io->ops->renameat(d->io->ctx, d->fd, from, to))
		return kf_fail_errno(err, "cannot rename %s to %s", from, to);
	return kf_dumpdir_sync(d, err);
}

enum kf_status kf_dumpdir_remove(const struct kf_dumpdir *d, const char *name, struct kf_error *err)
{
	if (d->io->ops->unlinkat(d->io->ctx, d->fd, name) && errno != ENOENT)
		return kf_fail_errno(err, "cannot remove %s", name);
	return KF_OK;
}

enum kf_status kf_dumpdir_sync(const struct kf_dumpdir *d, struct kf_error *err)
{
	if (d->io->ops->fsync(d->io->ctx, d->fd) || d->io->ops->fsync(d->io->ctx, d->base))
		return kf_fail_errno(err, "%s: cannot bring the directory to disk", d->name);
	return KF_OK;
}
