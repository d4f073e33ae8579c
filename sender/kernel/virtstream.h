/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel memory read from front to back, through a small buffer. */
#ifndef KF_VIRTSTREAM_H
#define KF_VIRTSTREAM_H

#include "sender/kernel/translate.h"

#define KF_VIRTSTREAM_BYTES 16384u

struct kf_virt_stream {
	struct kf_translation *tr;	/* borrowed */
	uint64_t va, end;		/* what was not yet brought into the buffer */
	size_t at, filled;		/* of BYTES */
	bool failed;			/* a read beyond END, or of memory that cannot be read: from then on all is 0 */
	uint8_t bytes[KF_VIRTSTREAM_BYTES];
};

/* Virtual addresses [va, end) are read. */
void kf_virt_stream_init(struct kf_virt_stream *s, struct kf_translation *tr, uint64_t va, uint64_t end);

/* The next LEN bytes, which live until the next call; NULL, and FAILED, if they are not there. LEN is at most KF_VIRTSTREAM_BYTES. */
const uint8_t *kf_virt_next(struct kf_virt_stream *s, size_t len);
uint8_t kf_virt_next_u8(struct kf_virt_stream *s);

#endif
