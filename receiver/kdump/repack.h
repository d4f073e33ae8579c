/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finished dump file packed anew: the same pages in another file, all of them in the codec that was asked for. */
#ifndef KF_REPACK_H
#define KF_REPACK_H

#include <stdatomic.h>

#include "proto/digest.h"
#include "receiver/kdump/format.h"
#include "receiver/kdump/packer.h"

/*
 * The new file has the order of makedumpfile's: headers, notes, zero page, table, pages. It is made piece by piece, by as many
 * threads as there are, and is no dump until kf_repack_finish: its header comes last. The old file is only read.
 */
struct kf_repack {
	const struct kf_file *from, *to;	/* borrowed */
	struct kf_kdump_header header;		/* of FROM */
	uint32_t block, rest;			/* bytes of a page; flag of the codec that was asked for */
	uint64_t from_bytes;			/* of the file */
	uint64_t zero_page;			/* where it lies, in both files, bytes */
	uint64_t from_table, to_table;		/* bytes */
	uint64_t bitmap;			/* bytes of one */
	uint64_t max_mapnr, pages;
	uint64_t pieces;			/* of KF_REPACK_PFNS pfns each */
	uint64_t *before;			/* owned; for each piece, the pages in those before it */
	_Atomic uint64_t end;			/* of TO, bytes */
};

#define KF_REPACK_PFNS 4096u

/* FROM is a dump that is whole, TO an empty file. Reads the headers of FROM, and copies all but pages, descriptors and header. KF_INVALID
 * if it is no dump of kferry-recv that is whole. Must be given to deinit in any case. */
enum kf_status kf_repack_init(struct kf_repack *r, const struct kf_file *from, const struct kf_file *to, struct kf_error *err) kf_must_check;
void kf_repack_deinit(struct kf_repack *r);

/*
 * Packs the pages of piece N, in any thread, each piece once. Each page that was packed is unpacked again, and the digest
 * of what comes out added to SUM: over all pieces it is the dump's digest, or something is damaged.
 */
enum kf_status kf_repack_piece(struct kf_repack *r, struct kf_packer *p, uint64_t n, struct kf_sum128 *sum, struct kf_error *err) kf_must_check;

/* After all pieces: the header, and all to disk. */
enum kf_status kf_repack_finish(struct kf_repack *r, struct kf_error *err) kf_must_check;

#endif
