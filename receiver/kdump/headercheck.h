/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the headers of a dump file agree with themselves and each other, and are such as this program writes. */
#ifndef KF_HEADERCHECK_H
#define KF_HEADERCHECK_H

#include "common/status.h"
#include "receiver/kdump/format.h"

/* The main header alone: signature, version, codec, sizes, what is always 0. KF_INVALID with what is wrong. */
enum kf_status kf_header_check(const struct kf_kdump_header *h, struct kf_error *err) kf_must_check;

/* The sub header beside it, in a file of SIZE bytes. H has been checked. */
enum kf_status kf_sub_header_check(const struct kf_kdump_sub_header *sub, const struct kf_kdump_header *h, uint64_t size,
				   struct kf_error *err) kf_must_check;

#endif
