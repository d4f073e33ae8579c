/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For fuzz targets: one dump after another by one sender over connections that break, on a disk in memory. */
#ifndef FUZZ_RECEIVE_H
#define FUZZ_RECEIVE_H

#include "common/checksum.h"
#include "receiver/stream/recover.h"
#include "tests/unit/recv/memio.h"
#include "tests/unit/recv/rig.h"

struct receive {
	struct rig rig;
	struct memio disk;
	struct kf_feed feed;
	struct kf_welcome id;		/* of the newest dump; zeros before */
	struct kf_finished finished;
	bool is_finished;
	bool end_came;			/* in any connection; set by the target. No dump is finished before */
	char dir[128];			/* of the newest dump; empty before */
};

void receive_init(struct receive *r);	/* without a connection */
void receive_deinit(struct receive *r);	/* after receive_break */

void receive_connect(struct receive *r);	/* a preface has come */
void receive_give(struct receive *r, const uint8_t *bytes, size_t len);
void receive_break(struct receive *r);	/* and the dump's close; aborts if what is left is not as it should be */
void receive_recover(struct receive *r);	/* as a receiver that was killed and starts again */

#endif
