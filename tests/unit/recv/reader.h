/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader of kdump-compressed files with its own copy of the format, to judge what the receiver wrote. */
#ifndef RECV_READER_H
#define RECV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	uint8_t *file;		/* the whole file, owned */
	size_t len;
	uint32_t block;		/* bytes */
	uint64_t bitmap1, bitmap2, table;	/* offsets */
	uint64_t max_mapnr;
	bool incomplete;
};

/* NULL, or what is wrong with the file's headers. */
const char *reader_open(struct reader *r, int dir, const char *name);
void reader_close(struct reader *r);
/* The same for a file in memory, which stays the caller's: no reader_close. */
const char *reader_borrow(struct reader *r, uint8_t *file, size_t len);

bool reader_is_ram(const struct reader *r, uint64_t pfn);
bool reader_has(const struct reader *r, uint64_t pfn);
/* Unpacks the page into OUT (a block); NULL, or what is wrong. */
const char *reader_page(const struct reader *r, uint64_t pfn, uint8_t *out);
/* The same for a page of which the descriptor is known. */
const char *reader_unpack(const struct reader *r, uint64_t offset, uint32_t size, uint32_t flags, uint8_t *out);

#endif
