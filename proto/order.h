/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one table of legal message order, for both directions and both ends. */
#ifndef KF_ORDER_H
#define KF_ORDER_H

#include "common/status.h"
#include "proto/message.h"
#include "proto/preface.h"

enum kf_order_state {
	KF_AT_START,	/* nothing but the preface */
	/* sender's direction */
	KF_AT_HELLO,
	KF_AT_HELLO_RESUME,
	KF_AT_DUMP,
	KF_AT_DUMP_RESUME,
	KF_AT_VMCOREINFO,
	KF_AT_LOG,
	KF_AT_RAM,
	KF_AT_NOTES,
	KF_AT_VITAL,	/* VITAL seen, no batch yet */
	KF_AT_VITAL_PAGES,
	KF_AT_PAGES,
	/* receiver's direction */
	KF_AT_WELCOME,
	/* both */
	KF_AT_END,	/* nothing may follow */
	KF_ORDER_STATES
};

struct kf_order {
	enum kf_role role;		/* whose messages these are */
	enum kf_order_state state;
};

static inline struct kf_order kf_order_of(enum kf_role role)
{
	return (struct kf_order){ .role = role, .state = KF_AT_START };
}

/* Takes M as the next message: KF_INVALID, and no change of state, if it may not come here. */
enum kf_status kf_order_take(struct kf_order *o, const struct kf_message *m, struct kf_error *err) kf_must_check;

#endif
