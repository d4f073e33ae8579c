/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a window's verdicts and the pages that came are the same thing: pure comparison. */
#ifndef KF_WINDOW_CHECK_H
#define KF_WINDOW_CHECK_H

#include "proto/digest.h"
#include "proto/message.h"
#include "receiver/kdump/pfnset.h"

/* What a window is compared with; all borrowed and not changed meanwhile. */
struct kf_window_facts {
	const struct kf_pfnset *ram;
	const struct kf_pfnset *vital;		/* every vital page announced */
	const struct kf_pfnset *arrived;	/* pages of the batches that this window closes */
	uint64_t zero_pages;			/* as many of them were zero pages */
};

/*
 * W has been validated and lies where it must. KF_OK if it keeps only RAM, counts all RAM of its range, and
 * the pages it keeps are exactly those that arrived, those that it calls unreadable and those that are
 * vital, no page twice; *VERDICTS gets its part of the digest. Else KF_INVALID.
 */
enum kf_status kf_window_check(const struct kf_window *w, const struct kf_window_facts *facts,
			       struct kf_sum128 *verdicts, struct kf_error *err) kf_must_check;

/* The same for the window that closes the vital pages: every page announced came or is unreadable. */
enum kf_status kf_vital_check(const struct kf_window *w, const struct kf_window_facts *facts,
			      struct kf_error *err) kf_must_check;

#endif
