/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for people, in the classes that --message-level selects. */
#ifndef KF_LOG_H
#define KF_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "common/status.h"

/* The bits of makedumpfile's --message-level, with the same values and meanings. */
enum kf_message_level {
	KF_LOG_PROGRESS = 1,
	KF_LOG_COMMON = 2,
	KF_LOG_ERROR = 4,
	KF_LOG_DEBUG = 8,
	KF_LOG_REPORT = 16,
	KF_LOG_DEFAULT = 7,
	KF_LOG_ALL = 31,
};

/*
 * Only main, dump/ and net/ hold one: libraries return statuses and print nothing. Not locked:
 * a line is one write to an unbuffered or line-buffered stream, which stdio locks itself.
 */
struct kf_log {
	FILE *out;		/* borrowed; stderr */
	unsigned int level;	/* set of enum kf_message_level */
	const char *program;	/* prefix of error lines, e.g. "kferry-send" */
};

static inline bool kf_log_wants(const struct kf_log *log, enum kf_message_level level)
{
	return (log->level & (unsigned int)level) != 0;
}

/* Prints one line (the newline is added) if LEVEL is selected. KF_LOG_ERROR lines begin with the
 * program's name. */
void kf_log(const struct kf_log *log, enum kf_message_level level, const char *fmt, ...)
	kf_printf(3, 4);

#endif
