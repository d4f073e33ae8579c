/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lockless printk ring in a machine's memory, filled the way the kernel fills it. */
#ifndef IMAGE_PRINTK_H
#define IMAGE_PRINTK_H

#include <stdbool.h>

#include "tests/unit/image/machine.h"

enum printk_state { PRINTK_RESERVED, PRINTK_COMMITTED, PRINTK_FINALIZED, PRINTK_REUSABLE };

/* Where everything lies, physical addresses, so that tests can damage it. */
struct printk_ring {
	struct machine *m;
	unsigned int count_bits, size_bits;
	bool fits_to_the_end;	/* since 6.18 a block that ends exactly at the ring's end does not wrap */
	uint64_t prb, descs, infos, text;
	uint64_t head, tail;	/* ids */
	uint64_t position;	/* logical, where the next block begins */
	bool any;
};

#define PRINTK_DESC_BYTES 24u
#define PRINTK_INFO_BYTES 88u
/* In the ring itself. */
#define PRINTK_COUNT_BITS 0u
#define PRINTK_DESCS 8u
#define PRINTK_INFOS 16u
#define PRINTK_HEAD_ID 24u
#define PRINTK_TAIL_ID 32u
#define PRINTK_SIZE_BITS 48u
#define PRINTK_DATA 56u
#define PRINTK_ID_MASK ((1ull << 62) - 1)

/* An empty ring of 1 << COUNT_BITS records and 1 << SIZE_BITS bytes, whose first record will have the id FIRST and
 * whose text begins at POSITION; VMCOREINFO gets its keys. */
void printk_create(struct printk_ring *r, struct machine *m, unsigned int count_bits, unsigned int size_bits,
		   uint64_t first, uint64_t position);

/* One record; gives its id. The oldest goes when there is no room in the table; text that is overwritten is the
 * test's own affair. CALLER with bit 31 is a CPU. */
uint64_t printk_add(struct printk_ring *r, uint64_t ts_nsec, uint32_t caller, const void *text, size_t len);
void printk_set_state(struct printk_ring *r, uint64_t id, enum printk_state state);
/* Positions as the kernel writes them for a record without text: 1 could not be stored, 3 is an empty line. */
void printk_set_positions(struct printk_ring *r, uint64_t id, uint64_t begin, uint64_t next);

#endif
