/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSA keys with SHA-2 signatures for a libssh2 that has only SHA-1, which servers refuse; for the files of sender/transport only. */
#ifndef KF_SSHRSA_H
#define KF_SSHRSA_H

#include <libssh2.h>

#include "sender/transport/sshkeyfile.h"

/* libssh2 has them itself since 1.11. */
#define KF_SSHRSA_WANTED (LIBSSH2_VERSION_NUM < 0x010b00)

struct kf_sshrsa;

/* KF_ABSENT if KEY is no RSA key; KF_INVALID with the reason if it cannot be used. PASSPHRASE may be NULL. */
enum kf_status kf_sshrsa_create(struct kf_sshrsa **rsa, const struct kf_keyfile *key, const char *passphrase, struct kf_error *err) kf_must_check;
/* As libssh2_userauth_publickey(); again with the same arguments after LIBSSH2_ERROR_EAGAIN. */
int kf_sshrsa_offer(struct kf_sshrsa *rsa, LIBSSH2_SESSION *session, const char *user);
void kf_sshrsa_destroy(struct kf_sshrsa *rsa);

#endif
