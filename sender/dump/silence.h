/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a receiver may be silent before its connection counts as broken. */
#ifndef KF_SILENCE_H
#define KF_SILENCE_H

#include <time.h>

#include "sender/transport/transport.h"

/* A receiver says something every 10 s, whatever its disk does; one that says nothing for this long is gone. What the socket
 * takes is no sign of life: it has a large buffer. */
#define KF_SILENCE_S 60
/* And after this long of having nothing to send we say KEEPALIVE. */
#define KF_KEEPALIVE_S 10

/* Seconds of the clock that nobody sets. */
static inline time_t kf_silence_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* KF_ABSENT if T's peer answers, and was last heard at HEARD, too long ago. */
static inline enum kf_status kf_check_silence(time_t heard, const struct kf_transport *t, struct kf_error *err)
{
	if (!t->ops->answers || kf_silence_now() - heard <= KF_SILENCE_S)
		return KF_OK;
	return kf_fail(err, KF_ABSENT, "%s: nothing was heard of the receiver for %d s", t->name, KF_SILENCE_S);
}

#endif
