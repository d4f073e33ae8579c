/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes on when nobody waits any more: whole dumps are packed anew, one at a time, by workers that have nothing else to do. */
#ifndef KF_BEHIND_H
#define KF_BEHIND_H

#include "common/log.h"
#include "receiver/stream/recompress.h"

struct kf_behind_setup {
	const struct kf_log *log;	/* borrowed */
	const struct kf_io *io;
	int base;			/* directory of all dumps */
	const char *base_name;		/* its name, for messages */
	struct kf_executor workers;	/* their LOCAL is from kf_worker_create */
	struct kf_executor disk;
	unsigned int threads;		/* pieces under way at once */
	bool never;			/* what is marked is given up */
	void (*idle)(void *ctx);	/* nothing is left to do; called by the loop thread, behind a job */
	void *ctx;
};

struct kf_behind;

/* NULL if there is no memory. */
struct kf_behind *kf_behind_create(const struct kf_behind_setup *setup);
/* When no job of its executors runs any more. What was not finished stays marked, and can be begun again. NULL is allowed. */
void kf_behind_destroy(struct kf_behind *b);

/* The dump in the directory NAME is marked. That it cannot be done, or not now, is only told. */
void kf_behind_add(struct kf_behind *b, const char *name);
/* All dumps that an earlier receiver left marked. */
void kf_behind_find(struct kf_behind *b);
bool kf_behind_is_busy(const struct kf_behind *b);

#endif
