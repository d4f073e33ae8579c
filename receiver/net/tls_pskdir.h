/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory of keys: DIR/ID has the key of the host ID, which is its identity too. */
#ifndef KF_TLS_PSKDIR_H
#define KF_TLS_PSKDIR_H

#include "receiver/net/keyring.h"

/* Files are read at each connection, so that a new key works at once, and one that was removed no longer. A file that others can
 * read is refused. DIR is borrowed. */
struct kf_keyring kf_pskdir_keyring(const char *dir);

/* Whether DIR can be used; a line that says what is wrong with it. */
enum kf_status kf_pskdir_check(const char *dir, struct kf_error *err) kf_must_check;

/* Makes DIR/ID with a new key in it, for the owner's eyes only. Never writes over one that is there. */
enum kf_status kf_pskdir_new_key(const char *dir, const char *id, struct kf_error *err) kf_must_check;

#endif
