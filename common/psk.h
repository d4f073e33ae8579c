/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pre-shared keys and their files, on both ends. The name of a key is an identity (identity.h). */
#ifndef KF_PSK_H
#define KF_PSK_H

#include <stddef.h>
#include <stdint.h>

#include "common/status.h"

#define KF_PSK_BYTES 32

/* The key in the file PATH: 64 hex digits and perhaps a newline. KF_INVALID if it is something else, or if others than its owner
 * can read it. The caller wipes KEY. */
enum kf_status kf_psk_read(const char *path, uint8_t key[KF_PSK_BYTES], struct kf_error *err) kf_must_check;

/* The same of a descriptor, which stays open; PATH is for messages. */
enum kf_status kf_psk_read_fd(int fd, const char *path, uint8_t key[KF_PSK_BYTES], struct kf_error *err) kf_must_check;

/* KEY as such a file's text, with newline and NUL. */
void kf_psk_text(char out[2 * KF_PSK_BYTES + 2], const uint8_t key[KF_PSK_BYTES]);

#endif
