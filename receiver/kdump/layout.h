/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie in a dump file: pure arithmetic on what the sender said of the dump. */
#ifndef KF_LAYOUT_H
#define KF_LAYOUT_H

#include <stdint.h>

#include "common/status.h"
#include "proto/message.h"

/* What stays for the life of the file. Offsets and sizes are bytes. */
struct kf_layout {
	uint32_t block;		/* size of a block, which is a page */
	uint64_t notes_at;
	uint64_t zero_page_at;	/* first block behind the notes: the page that all zero pages share */
	uint64_t data_at;	/* first byte for page data and tables */
	uint64_t bitmap;	/* size of one bitmap, whole blocks */
};

/* DUMP has been validated, so nothing overflows. */
void kf_layout_of(struct kf_layout *l, const struct kf_dump *dump);

/* Both bitmaps and the table of PAGES pages, which are written as one piece at a multiple of a block. */
uint64_t kf_layout_table_bytes(const struct kf_layout *l, uint64_t pages);

/* The sub_hdr_size that points to bitmaps at AT, a multiple of a block. KF_REFUSED if the format cannot
 * point so far. */
enum kf_status kf_layout_sub_hdr_size(const struct kf_layout *l, uint64_t at, int32_t *blocks,
				      struct kf_error *err) kf_must_check;

#endif
