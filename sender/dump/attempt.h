/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection's part of a dump: from connecting until it is stored or breaks. */
#ifndef KF_ATTEMPT_H
#define KF_ATTEMPT_H

#include "sender/dump/job.h"
#include "sender/dump/retry.h"

struct kf_outcome {
	enum kf_broke broke;		/* of an attempt that did not end well */
	bool progress;			/* it got on */
};

/*
 * Connects to J's target, says HELLO and DUMP, and if the dump has a session already waits for RESUME; then everything from
 * there on, to STORED. On failure HOW says what kind; what the next attempt needs stays in J.
 */
enum kf_status kf_attempt(struct kf_job *j, const struct kf_target *target, struct kf_outcome *how, struct kf_error *err) kf_must_check;

/* Forgets the session: the next attempt begins a new dump, which says that it follows the one on target NAME that ended for
 * REASON. */
void kf_attempt_anew(struct kf_job *j, const char *name, const char *reason);

/* All attempts, until one ends well or the dump is given up. */
enum kf_status kf_attempts(struct kf_job *j, struct kf_error *err) kf_must_check;

#endif
