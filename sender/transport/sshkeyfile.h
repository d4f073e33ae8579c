/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private key files of SSH, as far as they can be understood without their passphrase; for the files of sender/transport only. */
#ifndef KF_SSHKEYFILE_H
#define KF_SSHKEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

#define KF_KEYFILE_MAX (32u << 10)	/* bytes of a key file; RSA of 16384 bits has 13 KiB */

struct kf_keyfile {
	size_t len;
	bool openssh;			/* the format of OpenSSH's own, else PEM */
	bool encrypted;
	char type[32];			/* "ssh-rsa"; empty if PEM does not tell */
	size_t body_len;		/* openssh: decoded, else 0 */
	char text[KF_KEYFILE_MAX + 1];
	uint8_t body[KF_KEYFILE_MAX];
};

/* A key file in memory that is not swapped; kf_keyfile_destroy() wipes it. KF_ABSENT if there is no such file; KF_INVALID for a file that others
 * may read, as ssh has it, or that is none. The text is the reason alone, without the path. */
enum kf_status kf_keyfile_read(struct kf_keyfile **key, const char *path, struct kf_error *err) kf_must_check;
void kf_keyfile_destroy(struct kf_keyfile *key);

#endif
