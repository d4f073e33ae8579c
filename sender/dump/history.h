/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sums at each end of a window that the receiver may still ask us to go on from. */
#ifndef KF_HISTORY_H
#define KF_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/digest.h"

/*
 * A sender keeps no page that it has sent, but END speaks of all of them. So it keeps what END would have said at the end
 * of each window that is not yet known to be durable, and takes that up when a new connection goes on from there. What is older than
 * the newest durable end is forgotten: the receiver never goes back behind what it called durable.
 */
struct kf_history_point {
	uint64_t pfn;			/* windows below it are sent */
	struct kf_carry carry;		/* with which the window at PFN is entered */
	bool vital;			/* the vital pages are sent; always false if there are none */
	struct kf_tally tally;
	struct kf_sum128 verdicts, pages;
	uint64_t windows, batches, raw_bytes;
	uint64_t wire_bytes;		/* by all connections, when it was passed */
};

/* So many windows may be on their way: 8 GiB of page data, or 2 TiB of memory of which nothing is kept. */
#define KF_HISTORY_MAX 4096u

struct kf_history {
	struct kf_history_point *points;	/* ring of KF_HISTORY_MAX; owned */
	size_t first, count;
};

/* Begins with one point: nothing is sent. */
enum kf_status kf_history_init(struct kf_history *h, struct kf_error *err) kf_must_check;
void kf_history_deinit(struct kf_history *h);

/* As after init: a new dump begins. */
void kf_history_reset(struct kf_history *h);

/* Whether MORE points find room. */
bool kf_history_has_room(const struct kf_history *h, size_t more);
/* Behind the last one. There must be room. */
void kf_history_add(struct kf_history *h, const struct kf_history_point *p);

/* Everything below PFN, and the vital pages if VITAL, is durable. */
void kf_history_durable(struct kf_history *h, uint64_t pfn, bool vital);

/* The point that a receiver names in RESUME; NULL if we never were there, or it was forgotten. */
const struct kf_history_point *kf_history_find(const struct kf_history *h, uint64_t pfn, const struct kf_carry *carry, bool vital);

/* What comes behind P, which is one of H's, never was. */
void kf_history_rewind(struct kf_history *h, const struct kf_history_point *p);

#endif
