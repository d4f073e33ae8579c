// SPDX-License-Identifier: GPL-2.0-or-later
// The preface: the first 32 bytes of each direction; see preface.h.
#include "proto/preface.h"

#include "common/checksum.h"
#include "common/cursor.h"

void kf_preface_encode(uint8_t out[KF_PREFACE_BYTES], enum kf_role role)
{
	struct kf_writer w = kf_writer_on(out, KF_PREFACE_BYTES);

	kf_put_bytes(&w, KF_MAGIC, KF_MAGIC_BYTES);
	kf_put_u16(&w, KF_VERSION);
	kf_put_u8(&w, (uint8_t)role);
	kf_put_zeros(&w, 5);
	kf_put_u32(&w, KF_FEATURES_REQUIRED_KNOWN);
	kf_put_u32(&w, KF_FEATURES_OPTIONAL_KNOWN);
	kf_put_u32(&w, 0);
	kf_put_u32(&w, kf_crc32c(out, KF_PREFACE_BYTES - 4));
}

enum kf_status kf_preface_begins(const uint8_t *in, size_t n, struct kf_error *err)
{
	if (memcmp(in, KF_MAGIC, n < KF_MAGIC_BYTES ? n : KF_MAGIC_BYTES) == 0)
		return KF_OK;
	return kf_fail(err, KF_INVALID, "not a kferry stream (its first 8 bytes are others)");
}

enum kf_status kf_preface_decode(struct kf_preface *p, const uint8_t in[KF_PREFACE_BYTES],
				 enum kf_role expected, struct kf_error *err)
{
	uint16_t version = kf_le16_at(in + 8);
	uint32_t required = kf_le32_at(in + 16);

	if (kf_preface_begins(in, KF_MAGIC_BYTES, err))
		return err->status;
	if (kf_le32_at(in + 28) != kf_crc32c(in, 28))
		return kf_fail(err, KF_INVALID, "preface is damaged: its CRC does not fit");
	if (version != KF_VERSION)
		return kf_fail(err, KF_INVALID, "protocol version %u, this program speaks version %u", version, KF_VERSION);
	if (in[10] != expected)
		return kf_fail(err, KF_INVALID, "bytes of a %s where a %s should speak",
			       in[10] == KF_ROLE_SENDER ? "sender" : in[10] == KF_ROLE_RECEIVER ? "receiver" : "stranger",
			       expected == KF_ROLE_SENDER ? "sender" : "receiver");
	if (kf_le_at(in + 11, 5) != 0 || kf_le32_at(in + 24) != 0)
		return kf_fail(err, KF_INVALID, "preface: a reserved byte is not 0");
	if (required & ~KF_FEATURES_REQUIRED_KNOWN)
		return kf_fail(err, KF_INVALID, "the peer needs feature bits 0x%x that this program does not know",
			       required & ~KF_FEATURES_REQUIRED_KNOWN);
	p->role = expected;
	p->optional = kf_le32_at(in + 20) & KF_FEATURES_OPTIONAL_KNOWN;
	return KF_OK;
}
