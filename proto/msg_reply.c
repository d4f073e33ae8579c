// SPDX-License-Identifier: GPL-2.0-or-later
// What the receiver answers (RESUME, DURABLE, RECEIVED, STORED, LEVEL), and ABORT and KEEPALIVE of both.
#include <inttypes.h>

#include "proto/messages.h"

static enum kf_status decode_resume(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_resume *s = &m->resume;

	s->pfn = kf_get_u64(r);
	if (kf_get_carry(r, &s->carry))
		return kf_fail(err, KF_INVALID, "carry of an unknown class, or a reserved field that is not 0");
	s->flags = kf_get_u32(r);
	if (kf_get_u32(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	if (s->flags & ~KF_RESUME_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%" PRIx32, s->flags);
	if (s->pfn > KF_PFN_MAX)
		return kf_fail(err, KF_INVALID, "pfn 0x%" PRIx64, s->pfn);
	return kf_check_carry(&s->carry, s->pfn, "carry", err);
}

static void encode_resume(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u64(w, m->resume.pfn);
	kf_put_carry(w, &m->resume.carry);
	kf_put_u32(w, m->resume.flags);
	kf_put_u32(w, 0);
}

#define RESUME_BYTES (8 + KF_CARRY_BYTES + 8)
const struct kf_message_ops kf_resume_ops = { RESUME_BYTES, decode_resume, encode_resume };
const struct kf_message_ops kf_durable_ops = { RESUME_BYTES, decode_resume, encode_resume };

static enum kf_status decode_received(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	(void)err;
	m->received.bytes = kf_get_u64(r);
	return KF_OK;
}

static void encode_received(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u64(w, m->received.bytes);
}

const struct kf_message_ops kf_received_ops = { 8, decode_received, encode_received };

static enum kf_status decode_stored(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	m->stored.flags = kf_get_u32(r);
	m->stored.name = kf_get_string(r);
	if (m->stored.flags & ~KF_STORED_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%" PRIx32, m->stored.flags);
	return KF_OK;
}

static void encode_stored(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u32(w, m->stored.flags);
	kf_put_string(w, &m->stored.name);
}

const struct kf_message_ops kf_stored_ops = { 4 + 2 + KF_STRING_MAX, decode_stored, encode_stored };

static enum kf_status decode_level(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	m->level.level = kf_get_u32(r);
	if (kf_get_u32(r) != 0 || m->level.level > 31)
		return kf_fail(err, KF_INVALID, "level %" PRIu32, m->level.level);
	return KF_OK;
}

static void encode_level(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u32(w, m->level.level);
	kf_put_u32(w, 0);
}

const struct kf_message_ops kf_level_ops = { 8, decode_level, encode_level };

static enum kf_status decode_abort(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	uint32_t code = kf_get_u32(r);

	m->abort.text = kf_get_string(r);
	if (code == 0 || code >= KF_ABORT_CODES)
		return kf_fail(err, KF_INVALID, "unknown code %" PRIu32, code);
	m->abort.code = (enum kf_abort_code)code;
	return KF_OK;
}

static void encode_abort(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_u32(w, m->abort.code);
	kf_put_string(w, &m->abort.text);
}

const struct kf_message_ops kf_abort_ops = { 4 + 2 + KF_STRING_MAX, decode_abort, encode_abort };

/* Empty on the wire. The cap is 1, not 0, because 0 means "unknown type"; the byte is then one too many. */
static enum kf_status decode_keepalive(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	(void)m, (void)r, (void)err;
	return KF_OK;
}

static void encode_keepalive(struct kf_writer *w, const struct kf_message *m)
{
	(void)w, (void)m;
}

const struct kf_message_ops kf_keepalive_ops = { 1, decode_keepalive, encode_keepalive };
