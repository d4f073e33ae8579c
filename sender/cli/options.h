/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kferry-send is asked to do. */
#ifndef KF_SEND_OPTIONS_H
#define KF_SEND_OPTIONS_H

#include "common/options.h"
#include "sender/dump/dump.h"

#define KF_TARGETS_MAX 8
#define KF_KEPT_MAX 64

struct kf_send_options {
	struct kf_dump_setup dump;	/* points into this struct, which therefore must not move */
	struct kf_trust trust;
	struct kf_trust_past past;
	struct kf_target targets[KF_TARGETS_MAX];
	bool help, version;
	unsigned int message_level;	/* set of enum kf_message_level */
	char psk_id[80];
	int passphrase_fd;		/* -1: none */
	char *passphrase;		/* owned, in locked memory */
	/* Values of options, which may come from a file: owned. */
	char *kept[KF_KEPT_MAX];
	unsigned int kept_count;
};

extern const struct kf_option kf_send_option_table[];

void kf_send_options_init(struct kf_send_options *o);
void kf_send_options_deinit(struct kf_send_options *o);

/* Fills O from CMDLINE, the kernel's command line, and then from the program's, whose targets take the place of the former's. What is wrong in
 * CMDLINE is said to LOG and passed over. KF_INVALID if options do not go together. */
enum kf_status kf_send_options_get(struct kf_send_options *o, const char *cmdline, int argc, char **argv, const struct kf_log *log,
				   struct kf_error *err) kf_must_check;

#endif
