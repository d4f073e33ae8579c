/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a broken dump is tried again, where, and when it is given up: arithmetic without a clock of its own. */
#ifndef KF_RETRY_H
#define KF_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* How an attempt ended, for those that did not end well. */
enum kf_broke {
	KF_BROKE_CONNECTION,	/* or none could be made: worth another try */
	KF_BROKE_PROTOCOL,	/* one end found damage in the other's bytes: worth a few tries */
	KF_BROKE_NO_RESUME,	/* the dump cannot be resumed there: it begins anew at once */
	KF_BROKE_TARGET,	/* there it will never work */
	KF_BROKE_HERE,		/* nor anywhere: the fault is ours */
};

enum kf_next { KF_NEXT_RESUME, KF_NEXT_ANEW, KF_NEXT_TARGET, KF_NEXT_GIVE_UP };

struct kf_retry {
	unsigned int targets, target;	/* how many, and the one in use */
	uint64_t share_us;		/* that each may be without a connection that gets on */
	uint64_t since_us;		/* when the one in use last got on, or its first try began */
	unsigned int tries;		/* since then that failed */
	unsigned int faults;		/* KF_BROKE_PROTOCOL since then */
	unsigned int anew;		/* dumps begun anew on it */
};

void kf_retry_init(struct kf_retry *r, unsigned int targets, uint64_t give_up_us, uint64_t now_us);

/* The attempt ended at NOW as BROKE; PROGRESS if more had become durable by it. Gives what to do, after *DELAY_US. */
enum kf_next kf_retry_next(struct kf_retry *r, enum kf_broke broke, bool progress, uint64_t now_us, uint64_t *delay_us);

#endif
