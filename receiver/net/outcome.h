/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a session ended, told to people. */
#ifndef KF_OUTCOME_H
#define KF_OUTCOME_H

#include "common/log.h"
#include "receiver/net/session.h"

/* Of a dump below DIR. */
void kf_outcome_say(const struct kf_log *log, const char *dir, const struct kf_session *s, const struct kf_result *r);

/* Of the stream NAME, which was only looked at, so there is no directory to tell; on standard output if it is whole. Gives
 * what is the verdict on it: KF_OK, KF_INCOMPLETE or KF_FAILED. */
enum kf_status kf_outcome_say_verified(const struct kf_log *log, const char *name, const struct kf_session *s, const struct kf_result *r);

#endif
