// SPDX-License-Identifier: GPL-2.0-or-later
// Settings that are numbers: how much, how many, how long. See setters.h.
#include "receiver/cli/setters.h"

#include <string.h>

#include "common/log.h"

typedef struct kf_recv_options options;

#define BOUND(name, field, min, max) \
	KF_SETTER(name) \
	{ \
		return kf_option_number(value, min, max, &((options *)context)->field, err); \
	}

BOUND(idle, idle_seconds, 0, 1000000)
BOUND(resume_for, resume_seconds, 0, 100000000)
BOUND(durable_bytes, durable_bytes, 1, 1ull << 40)
BOUND(durable_seconds, durable_seconds, 1, 3600)
BOUND(recompress_after, recompress_after, 0, 86400)
BOUND(max_sessions, max_sessions, 1, 10000)
BOUND(max_per_peer, max_per_peer, 1, 10000)
BOUND(max_dump_bytes, max_dump_bytes, 0, INT64_MAX)

KF_SETTER(threads)
{
	uint64_t n;
	enum kf_status st = kf_option_number(value, 1, 256, &n, err);

	if (!st)
		((options *)context)->threads = (unsigned int)n;
	return st;
}

KF_SETTER(recompress)
{
	static const char *const names[] = {
		[KF_RECV_NEVER] = "never", [KF_RECV_AUTO] = "auto", [KF_RECV_ALWAYS] = "always",
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			((options *)context)->recompress = (enum kf_recv_recompress)i;
			return KF_OK;
		}
	return kf_fail(err, KF_INVALID, "%s: auto, never or always", value);
}

KF_SETTER(level)
{
	uint64_t n;
	enum kf_status st = kf_option_number(value, 0, KF_LOG_ALL, &n, err);

	if (!st)
		((options *)context)->message_level = (unsigned int)n;
	return st;
}
