/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kdump-compressed format, header version 6, of 64-bit little-endian machines, as it lies on disk. */
#ifndef KF_FORMAT_H
#define KF_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/*
 * A block is a page of the dumped machine. Block 0 is the main header, block 1 begins with the sub
 * header, behind which the notes lie. Readers find
 *
 *   bitmap 1 at (1 + sub_hdr_size) blocks   pfns that are RAM
 *   bitmap 2 behind it                      pfns that are in the file
 *   the table behind that                   one descriptor for each bit of bitmap 2, in pfn order
 *
 * and page data wherever the descriptors say. Each bitmap takes whole blocks; bitmap_blocks counts
 * both. sub_hdr_size is what moves when a new checkpoint is made: see checkpoint.h. It is an int32,
 * and so bounds where a table may begin.
 *
 * Taken from the format's own documentation and from what its readers accept; "since N" is the
 * header version.
 */
#define KF_KDUMP_SIGNATURE "KDUMP   "
#define KF_KDUMP_VERSION 6
#define KF_KDUMP_INCOMPLETE 0x8u	/* in status; no codec has this flag */
#define KF_KDUMP_SUB_HDR_MAX INT32_MAX

struct kf_kdump_header {
	char signature[8];
	int32_t header_version;
	char utsname[6][65];		/* sysname .. domainname, NUL padded */
	uint8_t padding[6];
	int64_t seconds;		/* of the crash, since 1970 */
	int64_t microseconds;		/* 0: with other values readers may take this for a 32-bit header */
	uint32_t status;		/* codec flag, KF_KDUMP_INCOMPLETE */
	int32_t block_size;		/* bytes */
	int32_t sub_hdr_size;		/* blocks */
	uint32_t bitmap_blocks;		/* blocks */
	uint32_t max_mapnr;		/* clamped; superseded by max_mapnr_64 */
	uint32_t unused[4];		/* 0 */
	int32_t nr_cpus;
};
_Static_assert(offsetof(struct kf_kdump_header, utsname) == 12, "kdump header");
_Static_assert(offsetof(struct kf_kdump_header, seconds) == 408, "kdump header");
_Static_assert(offsetof(struct kf_kdump_header, status) == 424, "kdump header");
_Static_assert(offsetof(struct kf_kdump_header, max_mapnr) == 440, "kdump header");
_Static_assert(offsetof(struct kf_kdump_header, nr_cpus) == 460, "kdump header");
_Static_assert(sizeof(struct kf_kdump_header) == 464, "kdump header");

struct kf_kdump_sub_header {
	uint64_t phys_base;		/* since 1; two's complement */
	int32_t dump_level;		/* since 1 */
	int32_t split;			/* since 2; 0 */
	uint64_t start_pfn, end_pfn;	/* since 2; 0 unless split */
	uint64_t offset_vmcoreinfo;	/* since 3; of its text inside the notes, bytes in the file */
	uint64_t size_vmcoreinfo;	/* since 3; bytes */
	uint64_t offset_note;		/* since 4; bytes in the file */
	uint64_t size_note;		/* since 4; bytes */
	uint64_t offset_eraseinfo;	/* since 5; 0 */
	uint64_t size_eraseinfo;	/* since 5; 0 */
	uint64_t start_pfn_64;		/* since 6; 0 unless split */
	uint64_t end_pfn_64;		/* since 6; 0 unless split */
	uint64_t max_mapnr_64;		/* since 6 */
};
_Static_assert(offsetof(struct kf_kdump_sub_header, offset_vmcoreinfo) == 32, "kdump sub header");
_Static_assert(offsetof(struct kf_kdump_sub_header, size_eraseinfo) == 72, "kdump sub header");
_Static_assert(sizeof(struct kf_kdump_sub_header) == 104, "kdump sub header");

struct kf_kdump_descriptor {
	uint64_t offset;	/* of the page's bytes in the file */
	uint32_t size;		/* of those; the block size if flags is 0 */
	uint32_t flags;		/* 0: raw, or one codec's flag */
	uint64_t page_flags;	/* 0 */
};
_Static_assert(sizeof(struct kf_kdump_descriptor) == 24, "kdump page descriptor");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "these structs are the file's bytes");

#endif
