// SPDX-License-Identifier: GPL-2.0-or-later
// A passphrase that comes by a descriptor, so that it stands on no command line and in no file of the capture environment.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sender/cli/setters.h"

#define ROOM 1024

char *kf_passphrase_read(int fd, struct kf_error *err)
{
	char *p = calloc(1, ROOM);
	size_t n = 0;
	ssize_t got = 0;

	if (!p) {
		kf_fail(err, KF_FAILED, "no memory");
		return NULL;
	}
	(void)!mlock(p, ROOM);	/* a capture kernel has no swap as a rule */
	while (n < ROOM && (got = read(fd, p + n, ROOM - n)) > 0)
		n += (size_t)got;
	if (got < 0 || n == ROOM) {
		if (got < 0)
			kf_fail_errno(err, "%d", fd);
		else
			kf_fail(err, KF_INVALID, "%d: more than %d bytes are no passphrase", fd, ROOM - 1);
		kf_passphrase_free(p);
		return NULL;
	}
	p[strcspn(p, "\n")] = '\0';
	return p;
}

void kf_passphrase_free(char *p)
{
	if (!p)
		return;
	explicit_bzero(p, ROOM);
	free(p);
}
