/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock by which syncs, checkpoints and idle peers are timed. */
#ifndef KF_CLOCK_H
#define KF_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that never goes back; never 0, so that 0 can mean "not yet". */
static inline uint64_t kf_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000 + 1;
}

#endif
