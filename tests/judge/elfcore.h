// The judge's own reading of an ELF vmcore (64-bit little-endian): segments, notes, RAM and pages (filter-spec 1, 5.5).
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_ELFCORE_H
#define JUDGE_ELFCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
	uint64_t offset, paddr, filesz, memsz;
};

struct elfcore {
	const char *path;
	int fd;
	struct segment *load; // in header order
	size_t loads;
	uint8_t *notes;
	size_t size_note;
};

// Opens and reads headers and notes; false after a line on stderr. elfcore_close() is right in both cases.
bool elfcore_open(struct elfcore *e, const char *path);
void elfcore_close(struct elfcore *e);

// Whether any byte of the page lies in a PT_LOAD by its memory size: the 1st bitmap.
bool elfcore_is_ram(const struct elfcore *e, uint64_t pfn, uint32_t page_size);

// One past the last pfn that a PT_LOAD touches.
uint64_t elfcore_end_pfn(const struct elfcore *e, uint32_t page_size);

// Whether the page is the last one of a PT_LOAD that ends inside it, and no PT_LOAD holds all of it.
bool elfcore_is_fractional_end(const struct elfcore *e, uint64_t pfn, uint32_t page_size);

// Assembles a page from all segments that have a piece of it, the rest zero; false if none has, or reading fails.
bool elfcore_page(const struct elfcore *e, uint64_t pfn, uint32_t page_size, uint8_t *page);

// Number of CORE notes of type PRSTATUS.
int elfcore_cpus(const struct elfcore *e);

// Text of the VMCOREINFO note; false if there is none.
bool elfcore_vmcoreinfo(const struct elfcore *e, const uint8_t **text, size_t *len);

#endif
