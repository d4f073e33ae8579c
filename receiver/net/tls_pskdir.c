// SPDX-License-Identifier: GPL-2.0-or-later
// A directory of keys; see tls_pskdir.h.
#include "receiver/net/tls_pskdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/identity.h"

static enum kf_status path_of(char path[PATH_MAX], const char *dir, const char *id, struct kf_error *err)
{
	if (!kf_identity_is_good(id, strlen(id)))
		return kf_fail(err, KF_INVALID, "'%s' is no ID: 1 to %d of A-Z a-z 0-9 . _ -, the first a letter or a digit", id, KF_IDENTITY_MAX);
	if (snprintf(path, PATH_MAX, "%s/%s", dir, id) >= PATH_MAX)
		return kf_fail(err, KF_INVALID, "%s: too long a path", dir);
	return KF_OK;
}

static enum kf_status find(void *ctx, const char *id, uint8_t key[KF_PSK_BYTES], struct kf_error *err)
{
	char path[PATH_MAX];

	if (path_of(path, ctx, id, err))
		return err->status;
	if (access(path, F_OK) && errno == ENOENT)
		return kf_fail(err, KF_ABSENT, "no key of the ID '%s' in %s (--new-key %s makes one)", id, (const char *)ctx, id);
	return kf_psk_read(path, key, err);
}

static enum kf_status use(void *ctx, const char *id, char identity[KF_IDENTITY_TEXT], struct kf_error *err)
{
	(void)ctx, (void)err;
	snprintf(identity, KF_IDENTITY_TEXT, "%s", id);
	return KF_OK;
}

struct kf_keyring kf_pskdir_keyring(const char *dir)
{
	return (struct kf_keyring){ .prefix = "", .find = find, .use = use, .ctx = (void *)dir };
}

enum kf_status kf_pskdir_check(const char *dir, struct kf_error *err)
{
	struct stat st;

	if (stat(dir, &st))
		return kf_fail_errno(err, "--psk-dir %s", dir);
	if (!S_ISDIR(st.st_mode))
		return kf_fail(err, KF_INVALID, "--psk-dir %s: not a directory", dir);
	if (access(dir, R_OK | X_OK))
		return kf_fail_errno(err, "--psk-dir %s", dir);
	if (st.st_mode & S_IWOTH)
		return kf_fail(err, KF_INVALID, "--psk-dir %s: everybody may put keys there; chmod o-w", dir);
	return KF_OK;
}

static enum kf_status fill(int fd, const char *path, struct kf_error *err)
{
	char text[2 * KF_PSK_BYTES + 2];
	uint8_t key[KF_PSK_BYTES];
	enum kf_status st = KF_OK;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return kf_fail_errno(err, "no random bytes");
	kf_psk_text(text, key);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd))
		st = kf_fail_errno(err, "%s: cannot write it", path);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return st;
}

/* Root makes keys for an account that it is not: that of the service, to which the directory belongs. */
static enum kf_status give_to_owner(int fd, const char *dir, const char *path, struct kf_error *err)
{
	struct stat st;

	if (geteuid() != 0)
		return KF_OK;
	if (stat(dir, &st) || fchown(fd, st.st_uid, st.st_gid))
		return kf_fail_errno(err, "%s: cannot give it to the owner of %s", path, dir);
	return KF_OK;
}

enum kf_status kf_pskdir_new_key(const char *dir, const char *id, struct kf_error *err)
{
	char path[PATH_MAX];
	enum kf_status st = path_of(path, dir, id, err);
	int fd;

	if (st)
		return kf_prepend(err, "--new-key");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return kf_fail(err, KF_REFUSED, "%s is there already, and stays as it is; remove it to make another key for %s", path, id);
	if (fd < 0)
		return kf_fail_errno(err, "%s: cannot make it", path);
	st = give_to_owner(fd, dir, path, err);
	if (!st)
		st = fill(fd, path, err);
	if (close(fd) && !st)
		st = kf_fail_errno(err, "%s: cannot write it", path);
	if (st)
		unlink(path);
	return st;
}
