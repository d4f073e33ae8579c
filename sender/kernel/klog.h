/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dead kernel's log, as dmesg would have printed it. */
#ifndef KF_KLOG_H
#define KF_KLOG_H

#include "sender/kernel/translate.h"

/* Takes LEN bytes of log text; what it returns other than KF_OK ends the reading. */
typedef enum kf_status (*kf_klog_sink)(void *context, const char *text, size_t len, struct kf_error *err);

/*
 * Gives the whole log to SINK, oldest record first, ended by one newline if it is not empty. KF_ABSENT if VMCOREINFO does
 * not describe a log this version knows (the lockless ring of 5.10 and later); KF_INVALID if its memory cannot be
 * read or is not credible. Records that are damaged or were being written are passed over.
 */
enum kf_status kf_klog_read(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, kf_klog_sink sink, void *context,
			    struct kf_error *err) kf_must_check;

/* Where a log lies in virtual memory: the ring's own struct, its descriptors, what they describe, its text. */
#define KF_KLOG_EXTENTS 4
struct kf_klog_extent {
	uint64_t va, bytes;
};

/* KF_ABSENT and KF_INVALID as above. Sizes are as the dead kernel's memory has them, and may be damaged. */
enum kf_status kf_klog_extents(struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_klog_extent out[KF_KLOG_EXTENTS],
			       struct kf_error *err) kf_must_check;

#endif
