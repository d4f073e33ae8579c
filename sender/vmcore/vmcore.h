/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input: an ELF core file such as /proc/vmcore, and which physical memory it holds. */
#ifndef KF_VMCORE_H
#define KF_VMCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "proto/message.h"

/* One PT_LOAD as the program header has it: bytes, not rounded to pages. */
struct kf_segment {
	uint64_t paddr, vaddr, offset;
	uint64_t filesz, memsz;
};

/* A stretch of physical memory that lies in one piece in the file. */
struct kf_piece {
	uint64_t start, end;	/* physical addresses, bytes, [start, end) */
	uint64_t offset;	/* file offset of START */
};

struct kf_vmcore {
	int fd;
	uint64_t size;			/* of the file, bytes */
	bool short_file;		/* the headers promise bytes beyond SIZE */
	bool needs_pread;		/* mmap did not work, or is not wanted */
	unsigned int machine;		/* e_machine */

	struct kf_segment *segments;	/* in header order */
	size_t segment_count;
	/* The segments' bytes in the file, ascending and disjoint, clipped to SIZE. Where two PT_LOADs hold the same
	 * memory (the kernel image does stand twice) one of them is taken: the bytes are the same. */
	struct kf_piece *pieces;
	size_t piece_count;
	/* What the headers promise beyond SIZE, in header order: unless a piece has it too, it is unreadable, which is not
	 * the same as memory that no segment holds. */
	struct kf_piece *cut;
	size_t cut_count;

	uint64_t notes_offset, notes_bytes;	/* of the last PT_NOTE; 0 bytes if there is none */
};

/* Reads and checks the headers; reads no note and no memory. KF_INVALID if it is no ELF core file or is cut
 * inside its headers or notes. VC needs no preparation; after a failure nothing is to be closed. */
enum kf_status kf_vmcore_open(struct kf_vmcore *vc, const char *path, struct kf_error *err) kf_must_check;
void kf_vmcore_close(struct kf_vmcore *vc);

/* The piece that holds the byte at PADDR, or else the first that begins after it, or NULL. */
const struct kf_piece *kf_piece_at(const struct kf_vmcore *vc, uint64_t paddr);

#endif
