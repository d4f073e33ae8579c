// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets that a service manager opened for us; see systemd.h.
#include "receiver/net/systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/options.h"

#define FIRST_FD 3	/* SD_LISTEN_FDS_START */

static const struct {
	const char *name;
	int type;
	bool internet;		/* else local */
	const char *wanted;	/* as a unit says it */
} uses[] = {
	[KF_PASSED_TCP] = { "tcp", SOCK_STREAM, true, "ListenStream= with an internet address" },
	[KF_PASSED_TLS] = { "tls", SOCK_STREAM, true, "ListenStream= with an internet address" },
	[KF_PASSED_TICKETS] = { "tickets", SOCK_SEQPACKET, false, "ListenSequentialPacket= with a path" },
};
#define USES (sizeof(uses) / sizeof(uses[0]))

static int option(int fd, int which)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, which, &value, &len) ? -1 : value;
}

static enum kf_status check(int fd, enum kf_passed_use use, struct kf_error *err)
{
	int domain = option(fd, SO_DOMAIN);
	bool internet = domain == AF_INET || domain == AF_INET6;
	int flags;

	if (option(fd, SO_TYPE) != uses[use].type || uses[use].internet != internet || (!internet && domain != AF_UNIX))
		return kf_fail(err, KF_INVALID, "it must come of %s", uses[use].wanted);
	if (option(fd, SO_ACCEPTCONN) != 1)
		return kf_fail(err, KF_INVALID, "it does not listen; the socket unit must say Accept=no");
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return kf_fail_errno(err, "descriptor %d", fd);
	return KF_OK;
}

static enum kf_status take_one(struct kf_passed *p, int fd, const char *name, size_t len, struct kf_error *err)
{
	for (size_t use = 0; use < USES; use++) {
		if (strlen(uses[use].name) != len || memcmp(uses[use].name, name, len) != 0)
			continue;
		p->sockets[p->count].fd = fd;
		p->sockets[p->count].use = (enum kf_passed_use)use;
		p->count++;
		return check(fd, (enum kf_passed_use)use, err) ? kf_prepend(err, "a socket called '%s' was passed", uses[use].name) : KF_OK;
	}
	return kf_fail(err, KF_INVALID, "a socket called '%.*s' was passed; FileDescriptorName= must be tcp, tls or tickets",
		       (int)(len < 64 ? len : 64), name);
}

/* NAMES are as many as sockets, with colons between them. */
static enum kf_status take_all(struct kf_passed *p, unsigned int count, const char *names, struct kf_error *err)
{
	for (unsigned int i = 0; i < count; i++) {
		size_t len = strcspn(names, ":");
		enum kf_status st = take_one(p, FIRST_FD + (int)i, names, len, err);

		if (st)
			return st;
		if ((i + 1 < count) != (names[len] == ':'))
			return kf_fail(err, KF_INVALID, "%u sockets were passed, but not as many names (LISTEN_FDNAMES)", count);
		names += len + 1;
	}
	return KF_OK;
}

static enum kf_status read_variables(struct kf_passed *p, const char *pid, const char *fds, const char *names, struct kf_error *err)
{
	uint64_t number, count;
	enum kf_status st;

	if (!pid || !fds)
		return KF_OK;
	st = kf_option_number(pid, 1, INT32_MAX, &number, err);
	if (st)
		return kf_prepend(err, "LISTEN_PID");
	if (number != (uint64_t)getpid())
		return KF_OK;	/* they are a parent's, who forgot to take them away */
	st = kf_option_number(fds, 0, KF_PASSED_MAX, &count, err);
	if (st)
		return kf_prepend(err, "LISTEN_FDS");
	if (count && !names)
		return kf_fail(err, KF_INVALID, "sockets were passed without names (LISTEN_FDNAMES)");
	return take_all(p, (unsigned int)count, names, err);
}

enum kf_status kf_passed_take(struct kf_passed *p, struct kf_error *err)
{
	enum kf_status st;

	p->count = 0;
	st = read_variables(p, getenv("LISTEN_PID"), getenv("LISTEN_FDS"), getenv("LISTEN_FDNAMES"), err);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (st)
		kf_passed_close(p);
	return st;
}

void kf_passed_close(struct kf_passed *p)
{
	for (unsigned int i = 0; i < p->count; i++)
		if (p->sockets[i].fd >= 0)
			close(p->sockets[i].fd);
	p->count = 0;
}
