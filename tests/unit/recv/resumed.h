/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stream of a sender that goes on with a dump: what plan.h makes, without what the receiver has. */
#ifndef RECV_RESUMED_H
#define RECV_RESUMED_H

#include "tests/unit/recv/plan.h"

/* What RESUME says, and the id that WELCOME gave. */
struct resumed {
	struct kf_welcome id;
	uint64_t pfn;
	uint32_t flags;		/* KF_RESUME_ */
	bool has_vital, vital_closed;	/* for the stream's making */
};

/* Makes the stream of P that RESUME asks for; HOW lives as long as S. */
void resumed_stream_make(struct plan_stream *s, const struct plan *p, struct resumed *how);

#endif
