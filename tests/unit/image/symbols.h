/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own symbol table and type information in a machine's memory, as the kernel's build makes them. */
#ifndef IMAGE_SYMBOLS_H
#define IMAGE_SYMBOLS_H

#include "tests/unit/image/machine.h"

/* How 32 bits tell an address: most kernels up to 6.14 on x86_64; later ones; the newest. */
enum symbols_scheme { SYMBOLS_ABSOLUTE, SYMBOLS_BASE, SYMBOLS_PLACE };

struct symbol {
	const char *name;	/* its type letter first: "T_stext" */
	uint64_t va;		/* small ones are absolute: only with SYMBOLS_ABSOLUTE */
};

/* Where the tables lie, physical addresses, so that tests can damage them. */
struct symbols {
	uint64_t names, count, tokens, index, offsets, base;
};

/* Adds the tables, and their keys to VMCOREINFO. The last symbols ought to have the highest addresses; none is checked. */
void symbols_create(struct symbols *s, struct machine *m, enum symbols_scheme scheme, const struct symbol *symbols, size_t n);

/* One struct for btf_create: members with a name and an offset in bytes. */
struct btf_struct {
	const char *name;
	uint32_t size;
	struct {
		const char *name;
		uint32_t offset;
	} members[8];
};

/* Raw BTF of these structs, among types of every other kind: its physical address, and its size. */
uint64_t btf_create(struct machine *m, const struct btf_struct *structs, size_t n, uint64_t *bytes);

#endif
