/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vital pages: judged out of order, sent before all windows and left out of them. */
#ifndef KF_DUMP_VITAL_H
#define KF_DUMP_VITAL_H

#include "sender/kernel/vital.h"

struct kf_job;

/* Made once for a dump, whatever becomes of its connections. */
struct kf_job_vital {
	bool found;			/* what follows is made */
	struct kf_vital kernel;		/* what was gathered, by kind; its list is emptied once it was judged */
	struct kf_range_set pages;	/* that are kept, and go first; owned. Never changes once FOUND */
	uint64_t kept, dropped;		/* pages: in PAGES, and gathered but excluded by the decision or no RAM */
	uint64_t judged;		/* struct pages looked at for it */
	uint64_t us;			/* that all of it took */
};

void kf_job_vital_deinit(struct kf_job_vital *v);

/* Gathers and judges, unless FOUND. Never fails: without memory there are no vital pages. */
void kf_job_find_vital(struct kf_job *j);

/* VITAL, its batches, and the WINDOW that closes them; nothing if there is no vital page. Finds them first if need be. */
enum kf_status kf_job_send_vital(struct kf_job *j, struct kf_error *err) kf_must_check;

/* Sends kept pages [first, end) of a window, but for those that are vital. */
enum kf_status kf_job_send_kept(struct kf_job *j, uint64_t first, uint64_t end, struct kf_error *err) kf_must_check;

#endif
