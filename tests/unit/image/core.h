/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vmcore made for a test: an ELF core file with any PT_LOADs and notes, sparse, filled by physical address. */
#ifndef IMAGE_CORE_H
#define IMAGE_CORE_H

#include <stddef.h>
#include <stdint.h>

#define CORE_SEGMENTS 16u
#define CORE_NOTES (64u << 10)

/* The layout is written out here once more, from the ELF specification; nothing of the program's is used. */
struct core_segment {
	uint64_t paddr, vaddr, memsz, filesz, offset;
};

struct core {
	int fd;
	char path[64];
	struct core_segment segments[CORE_SEGMENTS];
	size_t segment_count;
	uint8_t notes[CORE_NOTES];
	size_t note_bytes;
	uint64_t end;		/* of the file so far */
};

/* Where a field of the headers is, for tests that damage it. */
enum {
	CORE_EHDR_BYTES = 64, CORE_PHDR_BYTES = 56,
	CORE_E_CLASS = 4, CORE_E_DATA = 5, CORE_E_TYPE = 16, CORE_E_MACHINE = 18, CORE_E_PHOFF = 32, CORE_E_PHNUM = 56,
	CORE_P_TYPE = 0, CORE_P_OFFSET = 8, CORE_P_VADDR = 16, CORE_P_PADDR = 24, CORE_P_FILESZ = 32, CORE_P_MEMSZ = 40,
	CORE_NOTES_AT = 0x1000, CORE_DATA_AT = 0x20000,
};

/* An empty file in the temporary directory. */
void core_create(struct core *c);
void core_destroy(struct core *c);	/* removes the file */

/* Bytes lie in the file as the kernel puts them: offset and physical address agree modulo the page size. */
void core_add_segment(struct core *c, uint64_t paddr, uint64_t vaddr, uint64_t memsz, uint64_t filesz);
void core_add_note(struct core *c, const char *name, uint32_t type, const void *desc, size_t len);

/* Writes the headers and notes as they are now, and gives the file its size. May be called again. */
void core_finish(struct core *c);

/* Writes into every segment that has bytes of the range; at least one must have all of it. */
void core_put(struct core *c, uint64_t paddr, const void *bytes, size_t len);
void core_put_u64(struct core *c, uint64_t paddr, uint64_t value);
uint64_t core_get_u64(const struct core *c, uint64_t paddr);

/* Changes bytes of the file itself: WIDTH bytes of VALUE, least significant first. */
void core_poke(const struct core *c, uint64_t offset, unsigned int width, uint64_t value);
/* Offset in the file of program header I (the notes' is 0). */
uint64_t core_phdr(size_t i);

#endif
