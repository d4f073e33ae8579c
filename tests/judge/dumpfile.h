// The judge's own reading of a kdump-compressed file (64-bit little-endian), written from filter-spec section 7.
// SPDX-License-Identifier: GPL-2.0-or-later
//
// It shares nothing with the receiver's writer, so that one misreading of the format cannot hide in both.
#ifndef JUDGE_DUMPFILE_H
#define JUDGE_DUMPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "difference.h"

struct dumpfile {
	const char *path;
	int fd;
	uint64_t size; // of the file, bytes

	// main header
	int32_t version, nr_cpus;
	char uts[6][66];
	uint64_t seconds, microseconds;
	uint32_t status, block_size, sub_hdr_size, bitmap_blocks, max_mapnr_32;

	// sub header
	uint64_t phys_base;
	int32_t dump_level, split;
	uint64_t offset_vmcoreinfo, size_vmcoreinfo, offset_note, size_note, size_eraseinfo;
	uint64_t start_pfn, end_pfn, max_mapnr;

	uint8_t *notes;     // size_note bytes
	uint8_t *bitmap[2]; // half bytes each
	uint64_t half;
	uint64_t descriptors; // file offset
};

// Names of the six fields of utsname, in their order.
extern const char *const dumpfile_uts_names[6];

// Opens and reads everything but the pages; false after a line on stderr. dumpfile_close() is right in both cases.
bool dumpfile_open(struct dumpfile *f, const char *path);
void dumpfile_close(struct dumpfile *f);

// Bit of a pfn in bitmap 1 or 2 (which = 0, 1); pfns beyond the bitmap are clear.
bool dumpfile_bit(const struct dumpfile *f, int which, uint64_t pfn);

// Whether the file has the VMCOREINFO text inside the notes, and where.
bool dumpfile_vmcoreinfo(const struct dumpfile *f, const uint8_t **text, size_t *len);

// What the format forbids whatever the contents: sizes, flags, stray bits, descriptors. side is "A" or "B".
void dumpfile_check(const struct dumpfile *f, const char *side, struct differences *d,
		    enum difference_kind descriptor_kind);

#endif
