/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A keyring: where the pre-shared keys of TLS connections come from. */
#ifndef KF_KEYRING_H
#define KF_KEYRING_H

#include <stdint.h>

#include "common/psk.h"

#define KF_IDENTITY_TEXT 80	/* with the NUL: an address, the ID of a key, the name in a certificate */

/*
 * An ops table, all in the loop thread. A handshake asks first for the key of the id that the peer names. That the peer has the key is
 * known when the handshake is done: only then the id is used. The id is whatever the peer sent, but printable and of KF_IDENTITY_MAX
 * bytes at most.
 */
struct kf_keyring {
	const char *prefix;	/* of the ids that it is asked for, constant; "": all that no other wants */
	/* The key of ID; the caller wipes it. It may be asked for again. KF_ABSENT, or what is wrong with it, with a line for the log. */
	enum kf_status (*find)(void *ctx, const char *id, uint8_t key[KF_PSK_BYTES], struct kf_error *err);
	/* A handshake with it is done: whose it is. If that fails, the connection must go. */
	enum kf_status (*use)(void *ctx, const char *id, char identity[KF_IDENTITY_TEXT], struct kf_error *err);
	void *ctx;
};

#endif
