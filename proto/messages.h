/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of each message type; only message.c, which has the table, and the msg_*.c files need this. */
#ifndef KF_MESSAGES_H
#define KF_MESSAGES_H

#include "proto/message.h"

/*
 * decode() reads every field and validates what it read. It need not look at r->failed: whatever it
 * returns for a payload that was too short, or that has bytes left, is replaced by that finding.
 */
struct kf_message_ops {
	uint32_t payload_max;	/* bytes */
	enum kf_status (*decode)(struct kf_message *m, struct kf_reader *r, struct kf_error *err);
	void (*encode)(struct kf_writer *w, const struct kf_message *m);
};

extern const struct kf_message_ops kf_hello_ops, kf_dump_ops;
extern const struct kf_message_ops kf_vmcoreinfo_ops, kf_log_ops, kf_notes_ops;
extern const struct kf_message_ops kf_ram_ops, kf_vital_ops, kf_batch_ops, kf_window_ops, kf_end_ops;
extern const struct kf_message_ops kf_welcome_ops, kf_resume_ops, kf_durable_ops, kf_received_ops, kf_stored_ops,
	kf_level_ops, kf_abort_ops, kf_keepalive_ops;

/* Parts that several messages have. The getters leave validation to their callers but for what they say. */
#define KF_TALLY_BYTES ((KF_CLASSES + 4) * 8)
#define KF_CARRY_BYTES 16

struct kf_string kf_get_string(struct kf_reader *r);
void kf_put_string(struct kf_writer *w, const struct kf_string *s);
void kf_get_tally(struct kf_reader *r, struct kf_tally *t);
void kf_put_tally(struct kf_writer *w, const struct kf_tally *t);
void kf_put_carry(struct kf_writer *w, const struct kf_carry *c);
/* Fails unless it is {0, 0} or ends beyond EDGE with a reason for exclusion. */
enum kf_status kf_get_carry(struct kf_reader *r, struct kf_carry *c);
enum kf_status kf_check_carry(const struct kf_carry *c, uint64_t edge, const char *name, struct kf_error *err);

/* Takes COUNT ranges in place; NULL table if they are not all there. */
void kf_get_ranges(struct kf_reader *r, struct kf_ranges *ranges, uint32_t count);
void kf_put_ranges(struct kf_writer *w, const struct kf_ranges *ranges);
/* Ascending, disjoint, not empty, inside [first, end); *PAGES gets their sum. */
enum kf_status kf_check_ranges(const struct kf_ranges *ranges, uint64_t first, uint64_t end, const char *name,
			       uint64_t *pages, struct kf_error *err);

#endif
