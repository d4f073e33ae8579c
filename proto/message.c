// SPDX-License-Identifier: GPL-2.0-or-later
// The table of messages, and what all of them share: decode, encode, frames. See message.h.
#include "proto/message.h"

#include "common/checksum.h"
#include "proto/frame.h"
#include "proto/messages.h"
#include "proto/names.h"

static const struct kf_message_ops *const table[KF_TYPES] = {
	[KF_MSG_HELLO] = &kf_hello_ops,
	[KF_MSG_DUMP] = &kf_dump_ops,
	[KF_MSG_VMCOREINFO] = &kf_vmcoreinfo_ops,
	[KF_MSG_LOG] = &kf_log_ops,
	[KF_MSG_RAM] = &kf_ram_ops,
	[KF_MSG_NOTES] = &kf_notes_ops,
	[KF_MSG_VITAL] = &kf_vital_ops,
	[KF_MSG_BATCH] = &kf_batch_ops,
	[KF_MSG_WINDOW] = &kf_window_ops,
	[KF_MSG_END] = &kf_end_ops,
	[KF_MSG_WELCOME] = &kf_welcome_ops,
	[KF_MSG_RESUME] = &kf_resume_ops,
	[KF_MSG_RECEIVED] = &kf_received_ops,
	[KF_MSG_DURABLE] = &kf_durable_ops,
	[KF_MSG_STORED] = &kf_stored_ops,
	[KF_MSG_LEVEL] = &kf_level_ops,
	[KF_MSG_ABORT] = &kf_abort_ops,
	[KF_MSG_KEEPALIVE] = &kf_keepalive_ops,
};

uint32_t kf_payload_max(uint8_t type)
{
	return type < KF_TYPES && table[type] ? table[type]->payload_max : 0;
}

enum kf_status kf_decode(struct kf_message *m, uint8_t type, const uint8_t *payload, size_t len,
			 struct kf_error *err)
{
	struct kf_reader r = kf_reader_on(payload, len);
	enum kf_status st;

	if (!kf_payload_max(type))
		return kf_fail(err, KF_INVALID, "unknown message type %u", type);
	*m = (struct kf_message){ .type = (enum kf_type)type };
	st = table[type]->decode(m, &r, err);
	if (r.failed)
		return kf_fail(err, KF_INVALID, "%s is cut short: %zu bytes", kf_type_name(type), len);
	if (st)
		return kf_prepend(err, "%s", kf_type_name(type));
	if (kf_left(&r))
		return kf_fail(err, KF_INVALID, "%s has %zu bytes too many", kf_type_name(type), kf_left(&r));
	return KF_OK;
}

void kf_encode(struct kf_writer *w, const struct kf_message *m)
{
	table[m->type]->encode(w, m);
}

void kf_encode_frame(struct kf_writer *w, const struct kf_message *m, uint64_t number)
{
	uint8_t *header = kf_put_space(w, KF_HEADER_BYTES);
	uint8_t *payload = w->start + w->at;
	struct kf_header h = { .type = (uint8_t)m->type, .number = number };

	kf_encode(w, m);
	if (w->failed)
		return;
	h.len = (uint32_t)(w->start + w->at - payload);
	h.payload_crc = kf_crc32c(payload, h.len);
	kf_header_encode(header, &h);
}
