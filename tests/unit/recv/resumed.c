// SPDX-License-Identifier: GPL-2.0-or-later
// The stream of a sender that goes on with a dump; see resumed.h.
#include "tests/unit/recv/resumed.h"

#include <string.h>

static enum plan_fate of_window(struct resumed *how, bool vital, uint64_t first)
{
	bool inside = how->has_vital && !(how->flags & KF_RESUME_VITAL);	/* then the pfn is among the vital pages */

	if (vital)
		return inside && first >= how->pfn ? PLAN_SEND : PLAN_DROP;
	if (inside)
		return PLAN_SEND;
	return first < how->pfn ? PLAN_DROP : PLAN_SEND;
}

static enum plan_fate what_is_left(struct kf_message *m, unsigned int nth, void *ctx)
{
	struct resumed *how = ctx;
	bool vital;

	(void)nth;
	switch (m->type) {
	case KF_MSG_HELLO:
		m->hello.flags = KF_HELLO_RESUME;
		memcpy(m->hello.session, how->id.session, sizeof(m->hello.session));
		memcpy(m->hello.token, how->id.token, sizeof(m->hello.token));
		return PLAN_SEND;
	case KF_MSG_VMCOREINFO:
	case KF_MSG_LOG:
	case KF_MSG_RAM:
	case KF_MSG_NOTES:
		return how->flags & KF_RESUME_INTRO ? PLAN_DROP : PLAN_SEND;
	case KF_MSG_VITAL:
		how->vital_closed = false;
		how->has_vital = true;
		return of_window(how, true, UINT64_MAX);
	case KF_MSG_BATCH:
		return of_window(how, !how->vital_closed, kf_run_at(m->batch.runs, 0).first);
	case KF_MSG_WINDOW:
		vital = (m->window.flags & KF_WINDOW_VITAL) != 0;
		how->vital_closed |= vital;
		return of_window(how, vital, vital ? UINT64_MAX : m->window.first);
	default:
		return PLAN_SEND;
	}
}

void resumed_stream_make(struct plan_stream *s, const struct plan *p, struct resumed *how)
{
	how->vital_closed = true;
	plan_stream_make(s, p, what_is_left, how);
}
