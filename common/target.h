/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets: where a stream goes, and where a receiver listens, as users write them. */
#ifndef KF_TARGET_H
#define KF_TARGET_H

#include "common/status.h"

enum kf_scheme {
	KF_SCHEME_TCP,		/* tcp://HOST[:PORT] */
	KF_SCHEME_TLS,		/* tls://HOST[:PORT] */
	KF_SCHEME_SSH,		/* ssh://[USER@]HOST[:PORT] */
	KF_SCHEME_SSH_TLS,	/* ssh+tls://[USER@]HOST[:PORT] */
	KF_SCHEME_EXEC,		/* exec:COMMAND */
	KF_SCHEME_FILE,		/* file:PATH, file:- is standard output */
};

#define KF_HOST_MAX 256
#define KF_TARGET_MAX 4096

struct kf_target {
	enum kf_scheme scheme;
	char user[64];			/* empty if none was given */
	char host[KF_HOST_MAX];		/* without the brackets of an IPv6 address */
	char port[8];			/* decimal, 0..65535; the scheme's default if none was given */
	char path[KF_TARGET_MAX];	/* PATH or COMMAND */
};

/* KF_INVALID with a line that shows what a target looks like; a local path is pointed to file:. */
enum kf_status kf_target_parse(struct kf_target *t, const char *text, struct kf_error *err) kf_must_check;

#endif
