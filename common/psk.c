// SPDX-License-Identifier: GPL-2.0-or-later
// Pre-shared keys; see psk.h.
#include "common/psk.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS ((size_t)2 * KF_PSK_BYTES)

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static bool parse(uint8_t key[KF_PSK_BYTES], const char *text, size_t len)
{
	if (len != DIGITS && !(len == DIGITS + 1 && text[DIGITS] == '\n'))
		return false;
	for (size_t i = 0; i < KF_PSK_BYTES; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

enum kf_status kf_psk_read_fd(int fd, const char *path, uint8_t key[KF_PSK_BYTES], struct kf_error *err)
{
	char text[DIGITS + 2];
	struct stat sb;
	ssize_t n;
	bool good;

	if (fstat(fd, &sb))
		return kf_fail_errno(err, "%s", path);
	if (sb.st_mode & 077)
		return kf_fail(err, KF_INVALID, "%s: others can read or change this key (mode %04o): chmod 600 it, and better make a new one",
			       path, (unsigned int)sb.st_mode & 07777);
	n = read(fd, text, sizeof(text));
	if (n < 0)
		return kf_fail_errno(err, "%s", path);
	good = parse(key, text, (size_t)n);
	explicit_bzero(text, sizeof(text));
	return good ? KF_OK : kf_fail(err, KF_INVALID, "%s: not a key: %zu hex digits are expected, as kferry-recv --new-key makes them", path, DIGITS);
}

enum kf_status kf_psk_read(const char *path, uint8_t key[KF_PSK_BYTES], struct kf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum kf_status st;

	if (fd < 0)
		return kf_fail_errno(err, "%s", path);
	st = kf_psk_read_fd(fd, path, key, err);
	close(fd);
	return st;
}

void kf_psk_text(char out[DIGITS + 2], const uint8_t key[KF_PSK_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < KF_PSK_BYTES; i++) {
		out[2 * i] = digits[key[i] >> 4];
		out[2 * i + 1] = digits[key[i] & 15];
	}
	out[DIGITS] = '\n';
	out[DIGITS + 1] = '\0';
}
