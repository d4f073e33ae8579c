/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the receiver answers, as far as it has arrived. */
#ifndef KF_REPLIES_H
#define KF_REPLIES_H

#include "proto/order.h"
#include "proto/parser.h"
#include "sender/transport/transport.h"

struct kf_replies {
	struct kf_parser *parser;
	struct kf_order order;
	bool welcomed, stored;
	struct kf_welcome id;	/* once welcomed */
	bool resume_told;	/* RESUME came */
	struct kf_resume resume;
	bool aborted;		/* ABORT did, */
	enum kf_abort_code abort_code;
	bool damaged;		/* its bytes break the protocol */
	bool end_sent;		/* set by whoever sends END, before it does: STORED may not come earlier */
	uint32_t stored_flags;
	char stored_name[KF_STRING_MAX + 1];	/* printable */
	uint64_t received_bytes, durable_pfn;
	uint32_t durable_flags;
};

enum kf_status kf_replies_init(struct kf_replies *r, struct kf_error *err) kf_must_check;
void kf_replies_deinit(struct kf_replies *r);

/* Takes all that T has to give now, without waiting. KF_REFUSED with the receiver's words if it aborted,
 * KF_INVALID if it broke the protocol, KF_ABSENT if it closed before STORED. */
enum kf_status kf_replies_pump(struct kf_replies *r, struct kf_transport *t, struct kf_error *err) kf_must_check;

/* When sending fails because the peer has hung up, its last words are often still to be read, and say why: they take the
 * place of ERR. Gives ERR's status. */
enum kf_status kf_replies_last_words(struct kf_replies *r, struct kf_transport *t, struct kf_error *err);

#endif
