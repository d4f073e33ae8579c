/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a compound page's order is, and what makes it hugetlb; only layout.c needs this. */
#ifndef KF_COMPOUND_H
#define KF_COMPOUND_H

#include "sender/kernel/layout.h"

/* Fills L's order and hugetlb fields; its size, flags and mapcount must be there, and VI's numbers possible. KF_INVALID if an offset lies beyond
 * the struct page. */
enum kf_status kf_compound_init(struct kf_layout *l, const struct kf_vmcoreinfo *vi, struct kf_error *err) kf_must_check;

#endif
