/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small crashed arm64 machine as a vmcore: kernel image, page tables, VMCOREINFO; struct pages if a test wants them. */
#ifndef ARM64_BOARD_H
#define ARM64_BOARD_H

#include "tests/unit/image/core.h"
#include "tests/unit/image/era.h"
#include "tests/unit/image/keys.h"

/*
 * Physical memory: RAM from BOARD_RAM on, and BOARD_HIGH_BYTES more at 0xb800000000000, beyond 48 bits, if a
 * test adds them. The kernel image lies BOARD_IMAGE_AT behind the start of RAM. Only what a test maps is mapped, and the
 * page with the system's names.
 */
#define BOARD_RAM 0x40000000ull
#define BOARD_IMAGE_AT 0x200000ull
#define BOARD_IMAGE_BYTES 0x1000000ull
#define BOARD_STRUCT_PAGES (BOARD_RAM + 0x2000000ull)	/* physical */
#define BOARD_HIGH 0xb800000000000ull
#define BOARD_HIGH_BYTES 0x400000ull

/* The tables' form is written out, and not calculated as in the program: from the architecture's manual. */
struct board_plan {
	const char *name;
	unsigned int page_shift;
	unsigned int configured, used;	/* bits of addresses: NUMBER(VA_BITS), and 64 - TCR_EL1.T1SZ */
	unsigned int levels, root_shift, root_bits;
	enum { HIGH_NONE, HIGH_AT_12, HIGH_AT_8 } high;	/* where an entry has the address bits above 47 */
	bool old_layout;		/* before 5.4: the linear map is the upper half */
};

/* Every form that Linux has. */
extern const struct board_plan board_plans[];
extern const size_t board_plan_count;
/* One of them, by name. */
const struct board_plan *board_plan(const char *name);

struct board {
	const struct board_plan *plan;
	struct core core;
	uint64_t ram;			/* bytes */
	uint64_t image_va, linear_va;	/* of the kernel image's and of RAM's first byte */
	uint64_t root, free;		/* physical: the root table; next free byte of the image */
	char info[KEYS_MAX];		/* VMCOREINFO's text; change it before board_finish */
};

void board_create(struct board *b, const struct board_plan *plan, uint64_t ram);
void board_add_high(struct board *b);
void board_finish(struct board *b);
void board_destroy(struct board *b);

void board_key(struct board *b, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void board_drop_key(struct board *b, const char *key);

/* BYTES of the kernel image at a multiple of ALIGN: physical address. */
uint64_t board_take(struct board *b, uint64_t bytes, uint64_t align);
uint64_t board_image_va(const struct board *b, uint64_t paddr);
uint64_t board_linear_va(const struct board *b, uint64_t paddr);

/* An address in the middle of the kernel's, where nothing is mapped; aligned to 2^36 or half of the addresses. */
uint64_t board_nowhere(const struct board *b);

/* The bits of an entry that hold the address PADDR. */
uint64_t board_address_bits(const struct board *b, uint64_t paddr);
/* Physical address of the table entry for VA at SHIFT; tables above it are made where they lack. */
uint64_t board_entry(struct board *b, uint64_t va, unsigned int shift);
/* Maps VA to PADDR by a page or block of 1 << SHIFT bytes, as the kernel maps its data. */
void board_map(struct board *b, uint64_t va, uint64_t paddr, unsigned int shift);

#endif
