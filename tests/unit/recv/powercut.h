/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that a power loss may leave of a log of changes: at every moment, any part of what is not synced. */
#ifndef RECV_POWERCUT_H
#define RECV_POWERCUT_H

#include "tests/unit/recv/disk.h"

#define POWERCUT_NONE (~0u)

struct powercut {
	const struct disk_op *ops;	/* borrowed */
	unsigned int count;
	const struct disk *before;	/* borrowed: what was on disk before the first of them; NULL: nothing */
	unsigned int without;		/* syncs of this site do nothing; POWERCUT_NONE: all do what they should */
	unsigned int samples;		/* states at each moment, where not all can be tried */
	uint64_t seed;
	/* Is given each state, and what was promised by then. Returns NULL, or what is wrong. */
	const char *(*look)(void *ctx, const struct disk *d, const struct disk_promise *promise);
	void *ctx;
	struct disk_promise promise;	/* made before the first of the ops */
	unsigned int states, moments, exhausted;	/* exhausted: moments of which all states were tried */
	unsigned int at;		/* the op before which the power went, when something is wrong */
};

/* NULL, or the first thing that LOOK found wrong. */
const char *powercut_run(struct powercut *c);

#endif
