/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the remote side writes to its standard error, as lines that may be shown; for the files of sender/transport only. */
#ifndef KF_SSHWORDS_H
#define KF_SSHWORDS_H

#include <stdbool.h>
#include <stddef.h>

#define KF_WORDS_LINE 200	/* letters; what is longer is cut */
#define KF_WORDS_LINES 100	/* lines of one connection; more are read and not shown */

struct kf_sshwords {
	char line[KF_WORDS_LINE + 1];	/* what came since the last newline */
	char last[KF_WORDS_LINE + 1];	/* the last whole line that was not empty */
	unsigned int len, lines;
	bool held;	/* LAST is held back: it may be said as a part of an error */
	bool talking;	/* nothing is held back any more */
	/* Gets each line behind "server: ", without newline and with printable ASCII only; NULL: nobody does. */
	void (*say)(void *context, const char *line);
	void *context;
};

void kf_sshwords_take(struct kf_sshwords *w, const char *bytes, size_t len);
/* Says what is held back: the command does what it is there for. */
void kf_sshwords_talk(struct kf_sshwords *w);
/* Nothing more comes: a line without a newline is one too. */
void kf_sshwords_end(struct kf_sshwords *w);

#endif
