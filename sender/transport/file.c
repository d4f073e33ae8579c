// SPDX-License-Identifier: GPL-2.0-or-later
// file: a saved stream, the wire bytes in a file or on standard output; and nowhere, for --dry-run.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sender/transport/transports.h"

#define UNFINISHED "-incomplete"	/* behind the name, until the stream is whole */

struct own {
	bool sync;			/* the target can be fsynced */
	char path[KF_TARGET_MAX];	/* where the stream will stand once it is whole; empty for file:- */
};

/* A memory image for nobody else's eyes, and never over an old one. */
static int create(const struct own *own)
{
	char unfinished[KF_TARGET_MAX + sizeof(UNFINISHED)];

	snprintf(unfinished, sizeof(unfinished), "%s" UNFINISHED, own->path);
	if (access(own->path, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static enum kf_status file_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	struct own *own = calloc(1, sizeof(*own));
	struct stat sb;

	(void)trust;
	t->own = own;
	if (!own)
		return kf_fail(err, KF_FAILED, "file: no memory");
	snprintf(t->name, sizeof(t->name), "file:%.200s", target->path);
	if (strcmp(target->path, "-") == 0) {
		t->fd = dup(STDOUT_FILENO);
	} else {
		snprintf(own->path, sizeof(own->path), "%s", target->path);
		t->fd = create(own);
	}
	if (t->fd < 0 && errno == EEXIST)
		return kf_fail(err, KF_FAILED, "%s: there is such a file, or one of that name with " UNFINISHED "; it is not overwritten, "
			       "remove it or choose another name", t->name);
	if (t->fd < 0)
		return kf_fail_errno(err, "%s", t->name);
	if (isatty(t->fd))
		return kf_fail(err, KF_INVALID, "file:- is a terminal: send standard output into a file or a pipe");
	own->sync = fstat(t->fd, &sb) == 0 && S_ISREG(sb.st_mode);
	return KF_OK;
}

static ssize_t file_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	ssize_t n = write(t->fd, bytes, len);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	kf_fail_errno(err, "%s: writing", t->name);
	return -1;
}

static ssize_t file_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	(void)t, (void)bytes, (void)size, (void)err;
	return 0;
}

static unsigned int file_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	(void)t, (void)timeout_ms;	/* a blocking write waits by itself */
	return want & KF_CAN_SEND;
}

static enum kf_status file_finish(struct kf_transport *t, struct kf_error *err)
{
	const struct own *own = t->own;
	char unfinished[KF_TARGET_MAX + sizeof(UNFINISHED)];

	if (own->sync && fsync(t->fd))
		return kf_fail_errno(err, "%s: fsync", t->name);
	snprintf(unfinished, sizeof(unfinished), "%s" UNFINISHED, own->path);
	if (own->path[0] && renameat2(AT_FDCWD, unfinished, AT_FDCWD, own->path, RENAME_NOREPLACE))
		return kf_fail_errno(err, "%s: cannot take %s for its name", t->name, unfinished);
	return KF_OK;
}

static void file_close(struct kf_transport *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	free(t->own);
	t->own = NULL;
}

const struct kf_transport_ops kf_transport_file = {
	.answers = false, .open = file_open, .send = file_send, .receive = file_receive,
	.wait = file_wait, .finish = file_finish, .close = file_close,
};

static ssize_t nowhere_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	(void)t, (void)bytes, (void)err;
	return (ssize_t)len;
}

static enum kf_status nowhere_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;
	return KF_OK;
}

static void nowhere_close(struct kf_transport *t)
{
	(void)t;
}

const struct kf_transport_ops kf_transport_nowhere = {
	.answers = false, .open = NULL, .send = nowhere_send, .receive = file_receive,
	.wait = file_wait, .finish = nowhere_finish, .close = nowhere_close,
};
