/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which host keys are believed: known_hosts files and pinned fingerprints; for the files of sender/transport only. */
#ifndef KF_SSHHOSTS_H
#define KF_SSHHOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/target.h"
#include "sender/transport/trust.h"

#define KF_FINGERPRINT_MAX 52		/* "SHA256:", 43 letters of base64, one of padding, and the end */
#define KF_HOST_KEY_MAX 4096		/* bytes of a public key: RSA of 16384 bits has half of it */

enum kf_known_kind {
	KF_KNOWN_PLAIN,
	KF_KNOWN_REVOKED,
	KF_KNOWN_AUTHORITY,
};

/* A line of a known_hosts file that is about the host in question. */
struct kf_known_key {
	enum kf_known_kind kind;
	char type[64];			/* "ssh-ed25519" */
	size_t len;
	uint8_t blob[KF_HOST_KEY_MAX];
};

/* "SHA256:..." of a public key, as `ssh-keygen -l` prints it. */
void kf_fingerprint(char text[KF_FINGERPRINT_MAX], const void *blob, size_t len);

/* Whether LINE (without newline) is about NAME ("host" or "[host]:port", small letters) and whole; then *KEY is what it says. Names may be hashed,
 * have * and ?, and be excepted by !, as ssh has it. */
bool kf_known_line(struct kf_known_key *key, const char *line, const char *name);

/* Puts the types of the host's known keys into LIST, separated by commas, each once; empty with pinned keys, or if none is known. A server with
 * several keys must be asked for one that is known. */
enum kf_status kf_known_types(char *list, size_t size, const struct kf_target *target, const struct kf_trust *trust,
			      struct kf_error *err) kf_must_check;

/* Whether the key that TARGET's server showed is believed. KF_REFUSED with a line that has both fingerprints if not. */
enum kf_status kf_known_check(const struct kf_target *target, const struct kf_trust *trust, const void *blob, size_t len,
			      struct kf_error *err) kf_must_check;

/* An environment variable; ROOTS for root if it is not set, or is "/", as it is in a capture environment. NULL: nobody knows. */
const char *kf_ssh_env(const char *name, const char *roots);

#endif
