/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a receiver may be silent before its connection counts as broken. */
#ifndef KF_SILENCE_H
#define KF_SILENCE_H

#include <time.h>

/* A receiver says something every 10 s, whatever its disk does; so one that took and said nothing for this long is gone. */
#define KF_SILENCE_S 60

/* Seconds of the clock that nobody sets. */
static inline time_t kf_silence_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

#endif
