/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The preface: the first 32 bytes of each direction. */
#ifndef KF_PREFACE_H
#define KF_PREFACE_H

#include "common/status.h"
#include "proto/wire.h"

/*
 *    0  8 bytes KF_MAGIC
 *    8  u16 version
 *   10  u8  role, enum kf_role
 *   11  5 bytes reserved
 *   16  u32 required feature bits
 *   20  u32 optional feature bits
 *   24  u32 reserved
 *   28  u32 CRC32C of bytes 0..27
 */
enum kf_role {
	KF_ROLE_SENDER = 1,
	KF_ROLE_RECEIVER = 2,
};

struct kf_preface {
	enum kf_role role;
	uint32_t optional;	/* features both know: already masked by what this program knows */
};

void kf_preface_encode(uint8_t out[KF_PREFACE_BYTES], enum kf_role role);

/* KF_INVALID if a preface does not begin with these N bytes: whoever says something else need not be waited for. */
enum kf_status kf_preface_begins(const uint8_t *in, size_t n, struct kf_error *err) kf_must_check;

/* KF_INVALID if it is not ours, damaged, of another version or role, or needs an unknown feature. */
enum kf_status kf_preface_decode(struct kf_preface *p, const uint8_t in[KF_PREFACE_BYTES],
				 enum kf_role expected, struct kf_error *err) kf_must_check;

#endif
