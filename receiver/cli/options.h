/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kferry-recv is asked to do, by what is typed and by its configuration file. */
#ifndef KF_RECV_OPTIONS_H
#define KF_RECV_OPTIONS_H

#include <stdbool.h>

#include "common/options.h"
#include "common/target.h"

#define KF_LISTEN_MAX 16
#define KF_RECV_CONFIG "/etc/kferry/kferry-recv.conf"	/* read if it is there */

/* When pages are packed quickly first, and anew later. */
enum kf_recv_recompress { KF_RECV_NEVER, KF_RECV_AUTO, KF_RECV_ALWAYS };

/* Strings are owned. */
struct kf_recv_options {
	/* what is to be done */
	bool once, stdio, check_config, help, version;
	char *replay, *print;		/* path of a stream; "-" is standard input */
	char *verify;			/* path of a stream or of a dump */
	char *new_key;			/* an ID */
	char *identity;			/* of the one sender of --stdio; a good one, or NULL */
	char *config;			/* NULL: KF_RECV_CONFIG, if it is there */

	/* settings */
	char *dir;
	struct kf_target listen[KF_LISTEN_MAX];
	unsigned int listen_count;
	bool plaintext;
	char *psk_dir, *tls_ca, *tls_cert, *tls_key;	/* NULL: not given */
	char *ticket_socket;		/* NULL: KF_TICKET_SOCKET, if that can be */
	char *ticket_group;		/* name or number; NULL: its directory's */
	unsigned int threads;		/* workers; 0: one for each CPU that is online */
	unsigned int message_level;	/* set of enum kf_message_level */
	uint64_t idle_seconds;		/* 0: wait for ever */
	uint64_t resume_seconds;	/* an unfinished dump waits so long for its sender */
	uint64_t max_sessions, max_per_peer, max_dump_bytes;	/* the last one: 0 is no limit */
	uint64_t durable_bytes, durable_seconds;	/* between two syncs, at most */
	enum kf_recv_recompress recompress;
	uint64_t recompress_after;	/* seconds, with KF_RECV_AUTO */

	bool typing;			/* the command line is being read, no longer the file */
	bool listen_typed;		/* then the file's addresses do not count */
};

/* Two tables, each ending with an entry without a name: what is to be done, which can only be typed, and settings, which may also
 * be lines of the configuration file. */
extern const struct kf_option kf_recv_commands[], kf_recv_settings[];

/* Fills O from the configuration file and the command line, which wins; KF_INVALID if options do not go together. With --help, --version,
 * --print and --verify no file is read. O must be given to deinit in any case. */
enum kf_status kf_recv_options_get(struct kf_recv_options *o, int argc, char **argv, struct kf_error *err) kf_must_check;
void kf_recv_options_deinit(struct kf_recv_options *o);

#endif
