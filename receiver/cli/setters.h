/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options of kferry-recv do, one function each, for the tables of options.c. */
#ifndef KF_RECV_SETTERS_H
#define KF_RECV_SETTERS_H

#include "receiver/cli/options.h"

#define KF_SETTER(name) enum kf_status kf_set_##name(void *context, const char *value, struct kf_error *err)

/* set_commands.c */
KF_SETTER(once);
KF_SETTER(stdio);
KF_SETTER(identity);
KF_SETTER(replay);
KF_SETTER(print);
KF_SETTER(verify);
KF_SETTER(new_key);
KF_SETTER(config);
KF_SETTER(check_config);
KF_SETTER(version);
KF_SETTER(help);

/* set_doors.c */
KF_SETTER(dir);
KF_SETTER(listen);
KF_SETTER(plaintext);
KF_SETTER(psk_dir);
KF_SETTER(tls_ca);
KF_SETTER(tls_cert);
KF_SETTER(tls_key);
KF_SETTER(ticket_socket);
KF_SETTER(ticket_group);

/* set_bounds.c */
KF_SETTER(threads);
KF_SETTER(idle);
KF_SETTER(max_sessions);
KF_SETTER(max_per_peer);
KF_SETTER(max_dump_bytes);
KF_SETTER(resume_for);
KF_SETTER(durable_bytes);
KF_SETTER(durable_seconds);
KF_SETTER(recompress);
KF_SETTER(recompress_after);
KF_SETTER(level);

/* Puts a copy of VALUE into *SLOT, in place of what was there. */
enum kf_status kf_keep_string(char **slot, const char *value, struct kf_error *err) kf_must_check;

#endif
