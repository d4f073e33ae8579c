// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages: the kernel's log, which lies outside of the image with log_buf_len= and on machines with many CPUs.
#include "sender/kernel/klog.h"
#include "sender/kernel/vitalkinds.h"

void kf_vital_log(struct kf_vital_gatherer *g)
{
	struct kf_klog_extent extents[KF_KLOG_EXTENTS];
	struct kf_error ignored;

	if (kf_klog_extents(g->tr, g->info, extents, &ignored))
		return;
	for (size_t i = 0; i < KF_KLOG_EXTENTS; i++)
		kf_vital_note_va(g, extents[i].va, extents[i].bytes);
}
