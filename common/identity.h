/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identities: the short names of hosts that a receiver has authenticated, or was told by its administrator. */
#ifndef KF_IDENTITY_H
#define KF_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An identity begins the name of a dump's directory, says whose a dump is when somebody wants to go on with it, and may be the name of a
 * key's file. So it has letters and digits of ASCII, '.', '_' and '-', begins with a letter or a digit (no "..", no hidden file, no
 * option of a command), and is compared byte for byte.
 */
#define KF_IDENTITY_MAX 64	/* characters */

/* Whether the LEN bytes of TEXT are an identity; a NUL among them is none of its characters. */
bool kf_identity_is_good(const char *text, size_t len);

/*
 * Makes an identity of TEXT, which ends with a NUL and may be an address: ':' becomes '-', other foreign characters go, what does not
 * begin with a letter or a digit gets a 0 in front ("::1", which is "0::1"), and what is too long is cut. Never empty.
 */
void kf_identity_clean(char out[KF_IDENTITY_MAX + 1], const char *text);

#endif
