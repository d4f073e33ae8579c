/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan: windows of verdict bits in ascending pfn order, made in one pass, each from its first pfn and a carry. */
#ifndef KF_SCAN_H
#define KF_SCAN_H

#include "common/bitmap.h"
#include "sender/filter/structview.h"
#include "sender/vmcore/ram.h"

/*
 * A window is a whole number of stretches. A stretch is 128 bytes of bitmap; it is judged by itself, from the carry it
 * was entered with: the excluded range (a buddy block, a huge page) that reaches into it. So the dump does not depend
 * on the window's size, and can be taken up again at the edge of any stretch.
 */
#define KF_STRETCH_PFNS 1024u

struct kf_stretch {
	uint64_t first, end;		/* pfns */
	struct kf_carry in, out;
	struct kf_tally tally;		/* zero and unreadable are not known here, and 0 */
	size_t undecided;		/* how many ranges of kf_scan.undecided are this stretch's and earlier ones' */
};

struct kf_scan {
	/* borrowed */
	struct kf_kernel *kernel;
	const struct kf_ram *ram;
	unsigned int level;
	bool judges;			/* struct pages are looked at */
	struct kf_structview view;
	struct kf_judged judged;
	bool solid;			/* every page of the stretch being made has data */
	const struct kf_range *relied;	/* the first relied-on range in the stretch being made, or NULL */
	const struct kf_range_set *vital;	/* pages that were sent early: no class takes them out again. NULL: none */
	const struct kf_range *next_vital;	/* the first of them in the rest of the stretch being made, or NULL */

	/* the window made last */
	uint64_t *bitmap;		/* bit 0 is pfn FIRST; 1 is kept */
	uint64_t first, end;		/* pfns */
	struct kf_stretch *stretches;
	size_t stretch_count, stretch_max;
	struct kf_range *undecided;	/* ranges kept unexamined, ascending */
	size_t undecided_count, undecided_max;

	struct kf_carry carry;		/* out of the window made last, into the next */
	uint64_t crossings;		/* excluded ranges that crossed a window's edge so far */
};

/* BUFFER is the bitmap's size in bytes, rounded down to stretches (1 at least). Starts at pfn 0 without a carry. */
enum kf_status kf_scan_init(struct kf_scan *s, struct kf_kernel *kernel, const struct kf_ram *ram, unsigned int level,
			    size_t buffer, struct kf_error *err) kf_must_check;
void kf_scan_deinit(struct kf_scan *s);

/* Goes on at PFN, the edge of a stretch, with the carry that a scan had there. */
void kf_scan_go_on(struct kf_scan *s, uint64_t pfn, const struct kf_carry *carry);

/* Makes the next window; false when max_mapnr was reached. */
bool kf_scan_next(struct kf_scan *s);

#endif
