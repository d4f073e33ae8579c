// SPDX-License-Identifier: GPL-2.0-or-later
// When to try again; see retry.h.
#include "sender/dump/retry.h"

#define SECOND 1000000ull
#define DELAY_MAX (30 * SECOND)
#define FIRST_DELAY (SECOND / 10)	/* the first retry comes at once, but never spins */
#define FAULTS_MAX 3u
#define ANEW_MAX 5u	/* each leaves a part of a dump on the server */

void kf_retry_init(struct kf_retry *r, unsigned int targets, uint64_t give_up_us, uint64_t now_us)
{
	*r = (struct kf_retry){ .targets = targets, .share_us = give_up_us / targets, .since_us = now_us };
}

static enum kf_next next_target(struct kf_retry *r, uint64_t now_us)
{
	if (r->target + 1 == r->targets)
		return KF_NEXT_GIVE_UP;
	r->target++;
	r->since_us = now_us;
	r->tries = r->faults = r->anew = 0;
	return KF_NEXT_TARGET;
}

/* 0.1, 1, 2, 4 ... 30 seconds. */
static uint64_t delay(unsigned int tries)
{
	uint64_t d = tries < 2 ? FIRST_DELAY : tries > 7 ? DELAY_MAX : SECOND << (tries - 2);

	return d < DELAY_MAX ? d : DELAY_MAX;
}

enum kf_next kf_retry_next(struct kf_retry *r, enum kf_broke broke, bool progress, uint64_t now_us, uint64_t *delay_us)
{
	*delay_us = 0;
	if (broke == KF_BROKE_HERE)
		return KF_NEXT_GIVE_UP;
	if (progress) {
		r->since_us = now_us;
		r->tries = r->faults = 0;
	}
	r->tries++;
	r->faults += broke == KF_BROKE_PROTOCOL;
	if (broke == KF_BROKE_NO_RESUME)
		return r->anew++ < ANEW_MAX ? KF_NEXT_ANEW : next_target(r, now_us);
	if (broke == KF_BROKE_TARGET || r->faults >= FAULTS_MAX)
		return next_target(r, now_us);
	*delay_us = delay(r->tries);
	if (now_us - r->since_us + *delay_us > r->share_us) {
		*delay_us = 0;
		return next_target(r, now_us);
	}
	return KF_NEXT_RESUME;
}
