// SPDX-License-Identifier: GPL-2.0-or-later
// Sums at the ends of windows; see history.h.
#include "sender/dump/history.h"

#include <stdlib.h>

static struct kf_history_point *at(const struct kf_history *h, size_t i)
{
	return &h->points[(h->first + i) % KF_HISTORY_MAX];
}

enum kf_status kf_history_init(struct kf_history *h, struct kf_error *err)
{
	*h = (struct kf_history){ .points = malloc(KF_HISTORY_MAX * sizeof(*h->points)) };
	if (!h->points)
		return kf_fail(err, KF_FAILED, "no memory for what a dump is resumed by");
	kf_history_reset(h);
	return KF_OK;
}

void kf_history_deinit(struct kf_history *h)
{
	free(h->points);
	h->points = NULL;
}

void kf_history_reset(struct kf_history *h)
{
	h->first = 0;
	h->count = 1;
	h->points[0] = (struct kf_history_point){ 0 };
}

bool kf_history_has_room(const struct kf_history *h, size_t more)
{
	return h->count + more <= KF_HISTORY_MAX;
}

void kf_history_add(struct kf_history *h, const struct kf_history_point *p)
{
	*at(h, h->count++) = *p;
}

void kf_history_durable(struct kf_history *h, uint64_t pfn, bool vital)
{
	/* The second one is durable, and then the first is never asked for. */
	while (h->count > 1 && at(h, 1)->pfn <= pfn && (vital || !at(h, 1)->vital)) {
		h->first = (h->first + 1) % KF_HISTORY_MAX;
		h->count--;
	}
}

const struct kf_history_point *kf_history_find(const struct kf_history *h, uint64_t pfn, const struct kf_carry *carry, bool vital)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct kf_history_point *p = at(h, i);

		if (p->pfn == pfn && p->vital == vital)
			return p->carry.end == carry->end && p->carry.why == carry->why ? p : NULL;
	}
	return NULL;
}

void kf_history_rewind(struct kf_history *h, const struct kf_history_point *p)
{
	while (h->count > 1 && at(h, h->count - 1) != p)
		h->count--;
}
