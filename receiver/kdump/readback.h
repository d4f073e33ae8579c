/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a dump file back: every page that its table names, unpacked, and what they add up to. */
#ifndef KF_READBACK_H
#define KF_READBACK_H

#include <stdbool.h>

#include "proto/digest.h"

/* A list of pfns that are kept although the file does not have them, [first, end) each, ascending. Borrowed. */
struct kf_readback_lacking {
	const struct kf_range *ranges;
	uint64_t count;
};

struct kf_readback {
	bool whole;			/* its header does not say INCOMPLETE */
	uint32_t block;			/* bytes of a page */
	uint64_t max_mapnr;
	uint32_t level, rest;		/* dump level; codec that was asked for, enum kf_rest_codec */
	char uts[KF_UTS_FIELDS][KF_UTS_BYTES];	/* of its header, terminated */
	uint64_t ram_pages, pages;	/* bits of the first bitmap, of the second */
	struct kf_sum128 digest;	/* proto/digest.h, of the pages */
	struct kf_sum128 verdicts;	/* of the second bitmap with what LACKING adds */
};

/*
 * FD is a kdump-compressed file in this program's layout: header version 6, 64 bits, little endian. All of it is read;
 * nothing in it is believed. KF_INVALID with the place if something is wrong: a table outside the file, a page that is no RAM,
 * that lies outside the file or does not unpack to exactly one page. A file that is written meanwhile is read as it lay when
 * this began; if a table was given back meanwhile it begins again.
 */
enum kf_status kf_readback(struct kf_readback *r, int fd, const struct kf_readback_lacking *lacking, struct kf_error *err) kf_must_check;

#endif
