/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress: percent, rate and time to go, redrawn on a terminal, whole lines elsewhere. */
#ifndef KF_PROGRESS_H
#define KF_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/log.h"

struct kf_progress {
	const struct kf_log *log;	/* borrowed */
	bool redraw;			/* a terminal with a person in front of it */
	uint64_t total;			/* pfns (bytes of a replay) to go through */
	_Atomic uint64_t done;		/* stored by the scanner, read by the writer */
	_Atomic uint64_t raw_bytes;	/* page bytes handed over so far */
	uint64_t start_us, last_us;	/* of the monotonic clock */
	bool drawn;			/* a line stands open on the terminal */
};

/* Microseconds of the monotonic clock. */
uint64_t kf_now_us(void);

void kf_progress_init(struct kf_progress *p, const struct kf_log *log, uint64_t total);

/* Prints if it is time to. For the writer thread; its signature is what the pipeline calls. */
void kf_progress_tick(void *progress);

/* Ends an open line; prints 100 % if WHOLE. After the writer thread has ended. */
void kf_progress_end(struct kf_progress *p, bool whole);

#endif
