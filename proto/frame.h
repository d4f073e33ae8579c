/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame header: 24 bytes before each payload. Layout in wire.h. */
#ifndef KF_FRAME_H
#define KF_FRAME_H

#include "common/status.h"
#include "proto/wire.h"

struct kf_header {
	uint8_t type;
	uint32_t len;		/* of the payload, bytes */
	uint64_t number;
	uint32_t payload_crc;
};

void kf_header_encode(uint8_t out[KF_HEADER_BYTES], const struct kf_header *h);

/* Checks the header's own CRC, then magic, reserved byte, type and cap. NUMBER is what must stand in it. */
enum kf_status kf_header_decode(struct kf_header *h, const uint8_t in[KF_HEADER_BYTES], uint64_t number,
				struct kf_error *err) kf_must_check;

#endif
