/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A made-up x86_64 machine with a kernel like 6.1: where its RAM, its kernel and its struct pages lie, in memory and in the file. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

#define PAGE 4096ull
#define MIB (1ull << 20)
#define GIB (1ull << 30)

#define SECTION (128 * MIB)
#define STRUCT_PAGE 64ull
#define MAP_OF(bytes) ((bytes) / PAGE * STRUCT_PAGE)	/* bytes of struct pages for so much memory */

/* Physical addresses. RAM has a hole below 4 GiB, as on every PC; the struct pages lie behind it. */
#define LOW_RAM MIB
#define HOLE (2 * GIB)
#define HIGH_RAM (4 * GIB)
#define IMAGE (16 * MIB)
#define IMAGE_END (64 * MIB)

/* Virtual addresses of a kernel with page tables of 5 levels. */
#define TEXT 0xffffffff81000000ull
#define TEXT_MAP 0xffffffff80000000ull
#define DIRECT 0xff11000000000000ull
#define VMEMMAP 0xffd4000000000000ull

/* A machine of this size has all its struct pages in the file. Those of larger ones repeat, after REPEATED. */
#define WHOLE (256 * GIB)
#define REPEATED (64 * GIB)

struct machine {
	uint64_t end;			/* of RAM, physical; a multiple of 1 GiB */
	uint64_t map_bytes;		/* of all struct pages, those of the hole too */
	uint64_t period;		/* struct pages of so much memory are in the file; a multiple of 1 GiB */
	uint64_t unit;			/* so much of the other RAM shares one range of the file, which has no bytes */
	/* where it stands in the file */
	uint64_t low_at, map_at, data_at, file_bytes;
	uint8_t *image;			/* the bytes of [IMAGE, IMAGE_END) */
	uint64_t used;			/* of them */
};

/* Makes the kernel's image: its name, page tables and memory sections. Returns VMCOREINFO, to be freed. */
char *make_kernel(struct machine *m);

#endif
