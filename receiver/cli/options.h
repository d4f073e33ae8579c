/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kferry-recv is asked to do. */
#ifndef KF_RECV_OPTIONS_H
#define KF_RECV_OPTIONS_H

#include <stdbool.h>

#include "common/options.h"
#include "common/target.h"

#define KF_LISTEN_MAX 16

/* Strings are borrowed from argv. */
struct kf_recv_options {
	const char *dir;
	struct kf_target listen[KF_LISTEN_MAX];
	unsigned int listen_count;
	bool once, stdio, plaintext, help, version;
	const char *replay, *print;	/* path of a stream; "-" is standard input */
	const char *verify;		/* path of a stream or of a dump */
	unsigned int threads;		/* workers; 0: one for each CPU that is online */
	unsigned int message_level;	/* set of enum kf_message_level */
	uint64_t idle_seconds;		/* 0: wait for ever */
	uint64_t resume_seconds;	/* an unfinished dump waits so long for its sender */
	uint64_t max_sessions, max_per_peer, max_dump_bytes;	/* the last one: 0 is no limit */
	uint64_t durable_bytes, durable_seconds;	/* between two syncs, at most */
};

extern const struct kf_option kf_recv_option_table[];

/* Fills O from the command line; KF_INVALID if options do not go together. */
enum kf_status kf_recv_options_get(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err) kf_must_check;

#endif
