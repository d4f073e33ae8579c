// SPDX-License-Identifier: GPL-2.0-or-later
// Private key files; see sshkeyfile.h.
#include "sender/transport/sshkeyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPENSSH_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define OPENSSH_END "-----END OPENSSH PRIVATE KEY-----"
#define OPENSSH_MAGIC "openssh-key-v1"	/* its 0 belongs to it */

static enum kf_status unreadable(struct kf_error *err)
{
	kf_fail_errno(err, "cannot be read");
	return err->status = KF_INVALID;
}

static enum kf_status read_text(struct kf_keyfile *key, int fd, struct kf_error *err)
{
	struct stat sb;
	ssize_t n;

	if (fstat(fd, &sb))
		return unreadable(err);
	if (!S_ISREG(sb.st_mode))
		return kf_fail(err, KF_INVALID, "is no file");
	if (sb.st_mode & 077)
		return kf_fail(err, KF_INVALID, "others may read it (mode %04o): chmod 600", (unsigned int)sb.st_mode & 07777);
	for (key->len = 0; key->len <= KF_KEYFILE_MAX; key->len += (size_t)n) {
		n = read(fd, key->text + key->len, KF_KEYFILE_MAX + 1 - key->len);
		if (n < 0)
			return unreadable(err);
		if (n == 0)
			break;
	}
	if (key->len > KF_KEYFILE_MAX)
		return kf_fail(err, KF_INVALID, "is too long for a key");
	key->text[key->len] = '\0';
	return KF_OK;
}

static void decode_body(struct kf_keyfile *key)
{
	const char *p = strstr(key->text, OPENSSH_BEGIN) + strlen(OPENSSH_BEGIN), *end = strstr(p, OPENSSH_END);
	char *letters = (char *)key->body;	/* is overwritten by what it means, which is shorter */
	size_t n = 0, padding = 0;
	int bytes;

	for (; end && p < end; p++)
		if (*p > ' ')
			letters[n++] = *p;
	while (padding < 2 && padding < n && letters[n - 1 - padding] == '=')
		padding++;
	bytes = n && n % 4 == 0 ? EVP_DecodeBlock(key->body, (const unsigned char *)letters, (int)n) : -1;
	key->body_len = bytes > (int)padding ? (size_t)bytes - padding : 0;
}

/* The next string of an SSH packet's kind; false at the end. */
static bool next(const uint8_t **at, const uint8_t *end, const uint8_t **bytes, size_t *len)
{
	const uint8_t *p = *at;

	if (end - p < 4)
		return false;
	*len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (*len > (size_t)(end - p) - 4)
		return false;
	*bytes = p + 4;
	*at = p + 4 + *len;
	return true;
}

/* MAGIC, cipher, key derivation, its options, number of keys, public key. */
static bool look_into_body(struct kf_keyfile *key)
{
	const uint8_t *at = key->body + sizeof(OPENSSH_MAGIC), *end = key->body + key->body_len, *bytes, *blob;
	size_t len;

	if (key->body_len < sizeof(OPENSSH_MAGIC) || memcmp(key->body, OPENSSH_MAGIC, sizeof(OPENSSH_MAGIC)) != 0 || !next(&at, end, &bytes, &len))
		return false;
	key->encrypted = len != 4 || memcmp(bytes, "none", 4) != 0;
	if (!next(&at, end, &bytes, &len) || !next(&at, end, &bytes, &len) || end - at < 4)
		return false;
	at += 4;
	if (!next(&at, end, &bytes, &len))
		return false;
	blob = bytes;
	if (!next(&blob, bytes + len, &bytes, &len) || len >= sizeof(key->type))
		return false;
	memcpy(key->type, bytes, len);
	key->type[len] = '\0';
	return true;
}

static enum kf_status understand(struct kf_keyfile *key, struct kf_error *err)
{
	key->openssh = strstr(key->text, OPENSSH_BEGIN) != NULL;
	key->type[0] = '\0';
	if (key->openssh) {
		decode_body(key);
		return look_into_body(key) ? KF_OK : kf_fail(err, KF_INVALID, "is damaged");
	}
	key->body_len = 0;
	if (!strstr(key->text, "PRIVATE KEY-----"))
		return kf_fail(err, KF_INVALID, strncmp(key->text, "PuTTY-", 6) ? "is no private key in OpenSSH's format or PEM" :
			       "is a key of PuTTY's: export it in OpenSSH's format");
	key->encrypted = strstr(key->text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") || strstr(key->text, "Proc-Type: 4,ENCRYPTED");
	if (strstr(key->text, "-----BEGIN RSA PRIVATE KEY-----"))
		memcpy(key->type, "ssh-rsa", sizeof("ssh-rsa"));
	return KF_OK;
}

enum kf_status kf_keyfile_read(struct kf_keyfile **key, const char *path, struct kf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	enum kf_status st;

	*key = NULL;
	if (fd < 0)
		return errno == ENOENT ? kf_fail(err, KF_ABSENT, "is not there") : unreadable(err);
	*key = malloc(sizeof(**key));
	if (!*key) {
		close(fd);
		return kf_fail(err, KF_INVALID, "cannot be read: no memory");
	}
	(void)!mlock(*key, sizeof(**key));	/* a limit may forbid it; a capture kernel has no swap anyhow */
	st = read_text(*key, fd, err);
	close(fd);
	if (!st)
		st = understand(*key, err);
	if (st) {
		kf_keyfile_destroy(*key);
		*key = NULL;
	}
	return st;
}

void kf_keyfile_destroy(struct kf_keyfile *key)
{
	if (!key)
		return;
	explicit_bzero(key, sizeof(*key));
	munlock(key, sizeof(*key));
	free(key);
}
