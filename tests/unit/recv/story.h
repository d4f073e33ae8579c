/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A receive in memory of which everything is written down: changes of files, syncs, promises. It may break and go on. */
#ifndef RECV_STORY_H
#define RECV_STORY_H

#include "tests/unit/recv/disklog.h"
#include "tests/unit/recv/resumed.h"
#include "tests/unit/recv/rig.h"

struct story {
	const char *name;
	struct rig rig;
	struct disklog log;
	struct plan plan;
	bool fills;		/* no file can be made any more after the first DURABLE with windows */
	const char *sickens;	/* from then on a file cannot be synced once; NULL: none */
	uint64_t flaky;		/* a page that could be read at first, and later not; 0: none */
	struct resumed resumed;	/* id from WELCOME; the rest from RESUME */
	bool answered;		/* RESUME came */
	char dir[128];		/* of the dump, in rig.base */
	struct kf_finished finished;	/* the dump, once it is whole */
	bool is_finished;
	struct disk base;	/* what story_restart was given; empty before */
	struct disk_promise base_promise;
	void (*spare)(bool on);	/* called around what the test itself allocates; NULL: no need */
	char trouble[KF_ERROR_TEXT];	/* what only the administrator was told, the last of it */
};

/* With vital pages, a small pace and few batches; SEED is the order in which jobs run. */
void story_init(struct story *s, const char *name, uint64_t seed);
void story_deinit(struct story *s);

/* Another machine, on which nothing runs: its disk holds D, and PROMISE was made by then. What its log held is gone. */
void story_restart(struct story *s, const struct disk *d, const struct disk_promise *promise);

/* A new dump: the first PART of PARTS of its bytes come, then the connection breaks; all if PART is PARTS. */
void story_send(struct story *s, size_t part, size_t parts);

/* The sender of s->resumed.id comes back, is told where to go on, and sends PART of PARTS of what is left. False if it
 * was refused. */
bool story_resume(struct story *s, size_t part, size_t parts);

/* What is on the disk behind the first COUNT changes, when the receiver is killed there and the machine lives. D is initialised. */
void story_disk(const struct story *s, unsigned int count, struct disk *d, struct disk_promise *promise);

#endif
