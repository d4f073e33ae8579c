// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of legal message order; see order.h.
#include "proto/order.h"

#include "proto/names.h"

/* 0 (KF_AT_START, to which nothing leads back) means: may not come here. ABORT ends a direction and
 * KEEPALIVE changes nothing, in every state but KF_AT_END; they are not in the table. */
static const uint8_t sender[KF_ORDER_STATES][KF_TYPES] = {
	[KF_AT_START] = { [KF_MSG_HELLO] = KF_AT_HELLO },
	[KF_AT_HELLO] = { [KF_MSG_DUMP] = KF_AT_DUMP },
	[KF_AT_HELLO_RESUME] = { [KF_MSG_DUMP] = KF_AT_DUMP_RESUME },
	[KF_AT_DUMP] = { [KF_MSG_VMCOREINFO] = KF_AT_VMCOREINFO, [KF_MSG_LOG] = KF_AT_LOG, [KF_MSG_RAM] = KF_AT_RAM },
	[KF_AT_DUMP_RESUME] = {
		[KF_MSG_VMCOREINFO] = KF_AT_VMCOREINFO, [KF_MSG_LOG] = KF_AT_LOG, [KF_MSG_RAM] = KF_AT_RAM,
		[KF_MSG_VITAL] = KF_AT_VITAL, [KF_MSG_BATCH] = KF_AT_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES,
		[KF_MSG_END] = KF_AT_END,
	},
	[KF_AT_VMCOREINFO] = { [KF_MSG_LOG] = KF_AT_LOG, [KF_MSG_RAM] = KF_AT_RAM },
	[KF_AT_LOG] = { [KF_MSG_LOG] = KF_AT_LOG, [KF_MSG_RAM] = KF_AT_RAM },
	[KF_AT_RAM] = {
		[KF_MSG_RAM] = KF_AT_RAM, [KF_MSG_NOTES] = KF_AT_NOTES, [KF_MSG_VITAL] = KF_AT_VITAL,
		[KF_MSG_BATCH] = KF_AT_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES, [KF_MSG_END] = KF_AT_END,
	},
	[KF_AT_NOTES] = {
		[KF_MSG_NOTES] = KF_AT_NOTES, [KF_MSG_VITAL] = KF_AT_VITAL,
		[KF_MSG_BATCH] = KF_AT_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES, [KF_MSG_END] = KF_AT_END,
	},
	[KF_AT_VITAL] = {
		[KF_MSG_VITAL] = KF_AT_VITAL, [KF_MSG_BATCH] = KF_AT_VITAL_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES,
	},
	[KF_AT_VITAL_PAGES] = { [KF_MSG_BATCH] = KF_AT_VITAL_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES },
	[KF_AT_PAGES] = {
		[KF_MSG_BATCH] = KF_AT_PAGES, [KF_MSG_WINDOW] = KF_AT_PAGES, [KF_MSG_END] = KF_AT_END,
	},
};

static const uint8_t receiver[KF_ORDER_STATES][KF_TYPES] = {
	[KF_AT_START] = { [KF_MSG_WELCOME] = KF_AT_WELCOME },
	[KF_AT_WELCOME] = {
		[KF_MSG_RESUME] = KF_AT_WELCOME, [KF_MSG_RECEIVED] = KF_AT_WELCOME, [KF_MSG_DURABLE] = KF_AT_WELCOME,
		[KF_MSG_LEVEL] = KF_AT_WELCOME, [KF_MSG_STORED] = KF_AT_END,
	},
};

/* A window closes the vital pages exactly where vital pages were announced. */
static bool vital_fits(enum kf_order_state state, const struct kf_message *m)
{
	bool vital = (m->window.flags & KF_WINDOW_VITAL) != 0;

	return vital == (state == KF_AT_VITAL || state == KF_AT_VITAL_PAGES);
}

enum kf_status kf_order_take(struct kf_order *o, const struct kf_message *m, struct kf_error *err)
{
	const uint8_t (*table)[KF_TYPES] = o->role == KF_ROLE_SENDER ? sender : receiver;
	uint8_t next = table[o->state][m->type];

	if (o->state != KF_AT_END && m->type == KF_MSG_KEEPALIVE)
		return KF_OK;
	if (o->state != KF_AT_END && m->type == KF_MSG_ABORT)
		next = KF_AT_END;
	if (m->type == KF_MSG_HELLO && next && (m->hello.flags & KF_HELLO_RESUME))
		next = KF_AT_HELLO_RESUME;
	if (m->type == KF_MSG_WINDOW && !vital_fits(o->state, m))
		next = 0;
	if (!next)
		return kf_fail(err, KF_INVALID, "%s may not come after %s", kf_type_name(m->type), kf_order_state_name(o->state));
	o->state = (enum kf_order_state)next;
	return KF_OK;
}
