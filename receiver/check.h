/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --check-config: what a start with these settings would stumble over, told before the crash. */
#ifndef KF_RECV_CHECK_H
#define KF_RECV_CHECK_H

#include "common/log.h"
#include "receiver/cli/options.h"

/* Says each problem in a line, or on standard output that there is none; KF_INVALID if there is one. Nothing is written, and no address
 * bound. Run by root it looks with the eyes of the account to which the directory of dumps belongs, and this process stays that. */
enum kf_status kf_check_config(const struct kf_recv_options *o, const struct kf_log *log) kf_must_check;

#endif
