/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a dump comes faster than it can be packed. */
#ifndef KF_PRESSURE_H
#define KF_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised there is none. */
struct kf_pressure {
	uint32_t level;		/* how often they had enough to do of late; 65536 is always */
	bool high;
	uint64_t since;		/* when it became so, ms */
};

/*
 * A batch came, and BUSY: the workers have enough to do without it. Whether this is so nearly always: then they are
 * what the dump waits for. A burst that was waiting in a socket is not enough, nor is less than PATIENCE ms of it: a dump that
 * is soon there is better packed once. A short pause does not end it. NOW by kf_now_ms().
 */
bool kf_pressure_note(struct kf_pressure *p, bool busy, uint64_t now, uint64_t patience);

#endif
