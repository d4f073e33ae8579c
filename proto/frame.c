// SPDX-License-Identifier: GPL-2.0-or-later
// The frame header; see frame.h.
#include "proto/frame.h"

#include <inttypes.h>

#include "common/checksum.h"
#include "common/cursor.h"

#define CRC_AT (KF_HEADER_BYTES - 4)

void kf_header_encode(uint8_t out[KF_HEADER_BYTES], const struct kf_header *h)
{
	struct kf_writer w = kf_writer_on(out, KF_HEADER_BYTES);

	kf_put_u16(&w, KF_FRAME_MAGIC);
	kf_put_u8(&w, h->type);
	kf_put_u8(&w, 0);
	kf_put_u32(&w, h->len);
	kf_put_u64(&w, h->number);
	kf_put_u32(&w, h->payload_crc);
	kf_put_u32(&w, kf_crc32c(out, CRC_AT));
}

enum kf_status kf_header_decode(struct kf_header *h, const uint8_t in[KF_HEADER_BYTES], uint64_t number,
				struct kf_error *err)
{
	struct kf_reader r = kf_reader_on(in, KF_HEADER_BYTES);

	if (kf_le32_at(in + CRC_AT) != kf_crc32c(in, CRC_AT))
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": its header is damaged (CRC)", number);
	if (kf_get_u16(&r) != KF_FRAME_MAGIC)
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": no frame magic", number);
	h->type = kf_get_u8(&r);
	if (kf_get_u8(&r) != 0)
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": reserved byte is not 0", number);
	h->len = kf_get_u32(&r);
	h->number = kf_get_u64(&r);
	h->payload_crc = kf_get_u32(&r);
	if (h->number != number)
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 " came where %" PRIu64 " should", h->number, number);
	if (kf_payload_max(h->type) == 0)
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": unknown type %u", number, h->type);
	if (h->len > kf_payload_max(h->type))
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": payload of %" PRIu32 " bytes is over its cap of %" PRIu32,
			       number, h->len, kf_payload_max(h->type));
	return KF_OK;
}
