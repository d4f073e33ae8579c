/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with the messages of a stream: an operations table, one file for each. */
#ifndef KF_CONSUMER_H
#define KF_CONSUMER_H

#include "common/status.h"
#include "proto/message.h"
#include "proto/parser.h"

struct kf_consumer_ops {
	/*
	 * Takes one message, which has been validated and is in its legal place. M points into
	 * frame->payload; a consumer that keeps it sets frame->payload to NULL and frees it later.
	 * After a failure it is given nothing more.
	 */
	enum kf_status (*take)(void *ctx, const struct kf_message *m, struct kf_frame *frame, struct kf_error *err);
};

struct kf_consumer {
	const struct kf_consumer_ops *ops;
	void *ctx;
};

#endif
