// SPDX-License-Identifier: GPL-2.0-or-later
// Telling a service manager how it goes; see systemd.h.
#include "receiver/net/systemd.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* A path, or behind an @ an abstract name, which begins with a zero byte and has none at its end. */
static enum kf_status parse(struct kf_notify *n, const char *where, struct kf_error *err)
{
	size_t len = strlen(where);

	if ((*where != '/' && *where != '@') || len < 2 || len >= sizeof(n->to.sun_path))
		return kf_fail(err, KF_INVALID, "NOTIFY_SOCKET must be a path or an abstract name of at most %zu bytes, not '%.100s'",
			       sizeof(n->to.sun_path) - 1, where);
	n->to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(n->to.sun_path, where, len);
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (*where == '@')
		n->to.sun_path[0] = '\0';
	else
		n->to_len++;
	return KF_OK;
}

static enum kf_status open_to(struct kf_notify *n, const char *where, struct kf_error *err)
{
	const struct timeval patience = { .tv_sec = 1 };
	enum kf_status st = parse(n, where, err);

	if (st)
		return st;
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->fd < 0)
		return kf_fail_errno(err, "a socket to NOTIFY_SOCKET");
	if (setsockopt(n->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience))) {
		kf_fail_errno(err, "a socket to NOTIFY_SOCKET");
		kf_notify_deinit(n);
		return err->status;
	}
	return KF_OK;
}

enum kf_status kf_notify_init(struct kf_notify *n, struct kf_error *err)
{
	const char *where = getenv("NOTIFY_SOCKET");
	enum kf_status st;

	n->fd = -1;
	st = where && *where ? open_to(n, where, err) : KF_OK;
	unsetenv("NOTIFY_SOCKET");
	return st;
}

void kf_notify_deinit(struct kf_notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

static void tell(const struct kf_notify *n, const char *text)
{
	if (n && n->fd >= 0)
		(void)!sendto(n->fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_len);
}

void kf_notify_ready(const struct kf_notify *n)
{
	tell(n, "READY=1\nSTATUS=0 dumps");
}

void kf_notify_dumps(const struct kf_notify *n, unsigned int dumps)
{
	char text[64];

	snprintf(text, sizeof(text), "STATUS=%u dump%s", dumps, dumps == 1 ? "" : "s");
	tell(n, text);
}

void kf_notify_stopping(const struct kf_notify *n)
{
	tell(n, "STOPPING=1");
}
