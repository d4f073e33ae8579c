/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a receiver that starts again makes of a disk: it recovers the dump, the sender comes back, the dump is finished. */
#ifndef RECV_REVIVER_H
#define RECV_REVIVER_H

#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/story.h"

#define REVIVER_SEEN (1u << 17)

struct reviver {
	struct diskjudge judge;
	struct story story;
	uint64_t *seen;		/* states that were here already; owned */
	unsigned int every;	/* so many of the new ones are only looked at, the next is revived */
	unsigned int fresh, revived, resumed;
	char wrong[600];
};

void reviver_init(struct reviver *v, const struct plan *plan, unsigned int every);
void reviver_deinit(struct reviver *v);

/* Looks at D as diskjudge_look does, and then revives it. NULL, or what is wrong; lives until the next call. The log of v->story
 * has what the recovery did to the disk, and then the resumed session. */
const char *reviver_look(struct reviver *v, const struct disk *d, const struct disk_promise *promise);

/* Only what a receiver does at its start, with D as it is: recovery, and a look at what it left. */
const char *reviver_recover(struct reviver *v, const struct disk *d, const struct disk_promise *promise);

#endif
