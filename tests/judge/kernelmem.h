// Memory of the dead kernel by its virtual addresses (filter-spec 3.2), and its VMCOREINFO; x86_64.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_KERNELMEM_H
#define JUDGE_KERNELMEM_H

#include "elfcore.h"

struct kernelmem {
	const struct elfcore *core;
	const uint8_t *info;
	size_t info_len;
	uint64_t top; // physical address of the top table
	uint64_t sme_mask;
	int levels; // 4 or 5
};

// Finds the page tables; false after a line on stderr. core stays the caller's and must outlive it; nothing to close.
bool kernelmem_open(struct kernelmem *k, const struct elfcore *core);

// Value of a VMCOREINFO key with its "="; false if it is absent.
bool kernelmem_value(const struct kernelmem *k, const char *key, uint64_t *value);

// Reads len bytes at a virtual address; false if any of them is not mapped or not in the vmcore.
bool kernelmem_read(const struct kernelmem *k, uint64_t address, void *to, size_t len);

#endif
