// SPDX-License-Identifier: GPL-2.0-or-later
// VMCOREINFO, LOG and NOTES: blocks of bytes.
#include <inttypes.h>

#include "proto/messages.h"

/* The rest of the payload; a block that says nothing is an error but for a log that is empty. */
static void get_rest(struct kf_reader *r, struct kf_block *b)
{
	b->len = (uint32_t)kf_left(r);
	b->bytes = kf_get_bytes(r, b->len);
}

static enum kf_status decode_vmcoreinfo(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	get_rest(r, &m->block);
	return m->block.len ? KF_OK : kf_fail(err, KF_INVALID, "no text");
}

static void encode_vmcoreinfo(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_bytes(w, m->block.bytes, m->block.len);
}

const struct kf_message_ops kf_vmcoreinfo_ops = { KF_BLOCK_MAX, decode_vmcoreinfo, encode_vmcoreinfo };

static enum kf_status decode_log(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_block *b = &m->block;

	b->offset = kf_get_u64(r);
	b->flags = kf_get_u32(r);
	if (kf_get_u32(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	get_rest(r, b);
	if (b->flags & ~KF_LOG_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%" PRIx32, b->flags);
	if (b->offset > KF_LOG_MAX - b->len)
		return kf_fail(err, KF_INVALID, "block at %" PRIu64 " is over the log's cap", b->offset);
	if ((b->flags & KF_LOG_UNAVAILABLE) && (b->len || b->offset || !(b->flags & KF_LOG_LAST)))
		return kf_fail(err, KF_INVALID, "an unavailable log with text");
	if (!b->len && !(b->flags & KF_LOG_LAST))
		return kf_fail(err, KF_INVALID, "empty block that is not the last");
	return KF_OK;
}

static void encode_log(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u64(w, m->block.offset);
	kf_put_u32(w, m->block.flags);
	kf_put_u32(w, 0);
	kf_put_bytes(w, m->block.bytes, m->block.len);
}

const struct kf_message_ops kf_log_ops = { 16 + KF_BLOCK_MAX, decode_log, encode_log };

static enum kf_status decode_notes(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_block *b = &m->block;

	b->offset = kf_get_u64(r);
	get_rest(r, b);
	if (!b->len || b->offset > KF_NOTES_MAX - b->len)
		return kf_fail(err, KF_INVALID, "block of %" PRIu32 " bytes at %" PRIu64, b->len, b->offset);
	return KF_OK;
}

static void encode_notes(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u64(w, m->block.offset);
	kf_put_bytes(w, m->block.bytes, m->block.len);
}

const struct kf_message_ops kf_notes_ops = { 8 + KF_BLOCK_MAX, decode_notes, encode_notes };
