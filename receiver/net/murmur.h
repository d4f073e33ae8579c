/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that strangers can cause: the first of its kind, a few kinds, then only a number. */
#ifndef KF_MURMUR_H
#define KF_MURMUR_H

#include <stdint.h>

#include "common/log.h"

#define KF_MURMUR_LINES 5	/* in one period */
#define KF_MURMUR_MS 10000	/* a period; it begins with its first line */

struct kf_murmur {
	const struct kf_log *log;	/* borrowed */
	uint64_t since;			/* when this period began, ms; 0: none has */
	unsigned int said, unsaid;	/* in it */
	char lines[KF_MURMUR_LINES][256];	/* that were said; a longer one is compared so far */
};

/* Says that PEER was turned away, and why; or counts it, if that was said in this period or too much was. */
void kf_murmur_turned_away(struct kf_murmur *m, const char *peer, const char *why);
/* To be called about every second: says how many were not said, when a period is over. */
void kf_murmur_tick(struct kf_murmur *m);

#endif
