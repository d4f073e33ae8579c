/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what an administrator gave to the TLS of our side. */
#ifndef KF_TLS_OPEN_H
#define KF_TLS_OPEN_H

#include "receiver/net/tls_server.h"

/* Paths, borrowed; NULL: not given. */
struct kf_tls_trust {
	const char *psk_dir;
	struct kf_tls_files files;	/* all three or none */
};

/* *SERVER stays NULL if nothing was given. The paths must outlive it. KF_INVALID if they do not go together, or cannot be used. */
enum kf_status kf_tls_open(struct kf_tls_server **server, const struct kf_tls_trust *trust, struct kf_error *err) kf_must_check;

#endif
