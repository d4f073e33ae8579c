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
};

/*
 * A batch came, and BUSY: the workers have enough to do without it. Whether this is so nearly always: then they are
 * what the dump waits for. A burst that was waiting in a socket is not enough, and neither is a short pause.
 */
bool kf_pressure_note(struct kf_pressure *p, bool busy);

#endif
