// SPDX-License-Identifier: GPL-2.0-or-later
// The file of the local socket for tickets; see ticketsocket_file.h.
#include "receiver/net/ticketsocket_file.h"

#include <errno.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0660
#define NO_GROUP 65534	/* stands for all groups that our user namespace does not have, so it says nothing */

static enum kf_status address_of(struct sockaddr_un *a, const char *path, struct kf_error *err)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (path[0] != '/')
		return kf_fail(err, KF_INVALID, "%s: the path must begin with /", path);
	if (strlen(path) >= sizeof(a->sun_path))
		return kf_fail(err, KF_INVALID, "%.200s: longer than the %zu bytes that a socket's path may have", path, sizeof(a->sun_path) - 1);
	memcpy(a->sun_path, path, strlen(path) + 1);
	return KF_OK;
}

/* By name or number. */
static enum kf_status find_group(const char *group, gid_t *gid, struct kf_error *err)
{
	const struct group *g = getgrnam(group);
	char *end;
	unsigned long n;

	if (g) {
		*gid = g->gr_gid;
		return KF_OK;
	}
	errno = 0;
	n = strtoul(group, &end, 10);
	if (errno || *end || end == group || n >= UINT32_MAX)
		return kf_fail(err, KF_INVALID, "there is no group %s", group);
	*gid = (gid_t)n;
	return KF_OK;
}

static enum kf_status directory_group(const char *path, gid_t *gid, struct kf_error *err)
{
	char copy[PATH_MAX];
	const char *dir;
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (stat(dir, &st) == 0) {
		*gid = st.st_gid;
		return KF_OK;
	}
	if (errno == ENOENT)
		return kf_fail(err, KF_ABSENT, "%s: there is no such directory", dir);
	return kf_fail_errno(err, "%s", dir);
}

/* Removes a socket on which nobody listens. Whoever listens is left alone, and so is what is no socket. */
static enum kf_status remove_stale(const struct sockaddr_un *a, struct kf_error *err)
{
	int fd, rc;
	struct stat st;

	if (lstat(a->sun_path, &st))
		return errno == ENOENT ? KF_OK : kf_fail_errno(err, "%s", a->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return kf_fail(err, KF_INVALID, "%s: is there already, and is no socket", a->sun_path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return kf_fail_errno(err, "%s", a->sun_path);
	rc = connect(fd, (const struct sockaddr *)a, sizeof(*a)) ? errno : 0;
	close(fd);
	if (rc != ECONNREFUSED)
		return kf_fail(err, KF_REFUSED, "%s: another process listens there%s%s", a->sun_path, rc ? ": " : "", rc ? strerror(rc) : "");
	if (unlink(a->sun_path) && errno != ENOENT)
		return kf_fail_errno(err, "%s: cannot replace the socket of an earlier receiver", a->sun_path);
	return KF_OK;
}

/* The umask is 0077, so until its mode is set the file is the owner's alone. The group comes before the mode. */
static enum kf_status give_away(struct kf_socketfile *f, const char *group, struct kf_error *err)
{
	struct stat st;

	f->made = true;
	if (lstat(f->path, &st))
		return kf_fail_errno(err, "%s", f->path);
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	if (st.st_gid != f->group && chown(f->path, (uid_t)-1, f->group)) {
		if (group || errno != EPERM)
			return kf_fail_errno(err, "%s: cannot give it to the group %s", f->path, group ? group : "of its directory");
		f->group = st.st_gid;
	}
	if (chmod(f->path, MODE))
		return kf_fail_errno(err, "%s: cannot set its mode", f->path);
	return KF_OK;
}

enum kf_status kf_socketfile_make(struct kf_socketfile *f, const char *path, const char *group, int *fd, struct kf_error *err)
{
	struct sockaddr_un a;
	enum kf_status st = address_of(&a, path, err);

	*f = (struct kf_socketfile){ 0 };
	*fd = -1;
	if (!st)
		st = group ? find_group(group, &f->group, err) : KF_OK;
	if (!st && !group)
		st = directory_group(path, &f->group, err);
	if (!st)
		st = remove_stale(&a, err);
	if (st)
		return st;
	memcpy(f->path, a.sun_path, sizeof(f->path));
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return kf_fail_errno(err, "no socket");
	if (bind(*fd, (struct sockaddr *)&a, sizeof(a)))
		return errno == ENOENT ? kf_fail(err, KF_ABSENT, "%s: there is no such directory", path) : kf_fail_errno(err, "%s", path);
	return give_away(f, group, err);
}

enum kf_status kf_socketfile_adopt(struct kf_socketfile *f, int fd, struct kf_error *err)
{
	struct sockaddr_un a = { 0 };
	socklen_t len = sizeof(a), type_len = sizeof(int);
	int type = 0;
	struct stat st;

	*f = (struct kf_socketfile){ .group = getegid() };
	if (getsockname(fd, (struct sockaddr *)&a, &len) || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len))
		return kf_fail_errno(err, "the socket that was given");
	if (a.sun_family != AF_UNIX || type != SOCK_SEQPACKET)
		return kf_fail(err, KF_INVALID, "the socket that was given is no unix socket of type SOCK_SEQPACKET (ListenSequentialPacket=)");
	memcpy(f->path, a.sun_path, sizeof(f->path) - 1);
	if (f->path[0] == '/' && stat(f->path, &st) == 0)
		f->group = st.st_gid;
	return KF_OK;
}

void kf_socketfile_remove(struct kf_socketfile *f)
{
	struct stat st;

	if (f->made && lstat(f->path, &st) == 0 && st.st_dev == f->dev && st.st_ino == f->ino)
		unlink(f->path);
	f->made = false;
}

static bool is_member(int fd, gid_t first, gid_t wanted)
{
	gid_t groups[NGROUPS_MAX < 1024 ? NGROUPS_MAX : 1024];
	socklen_t len = sizeof(groups);

	if (wanted == NO_GROUP)
		return false;
	if (first == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;	/* more than 1024 of them, too */
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

enum kf_status kf_socketfile_may_ask(const struct kf_socketfile *f, int fd, struct kf_error *err)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
		return kf_fail_errno(err, "cannot tell who asks");
	if (who.uid == 0 || who.uid == geteuid() || is_member(fd, who.gid, f->group))
		return KF_OK;
	return kf_fail(err, KF_REFUSED, "user %u is neither root nor the service's user, and not in the group %u", who.uid, f->group);
}
