// Dumps as libkdumpfile sees them: attributes, page maps, pages. The foreign reader has the last word.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_FOREIGN_H
#define JUDGE_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "difference.h"

struct foreign {
	const char *path;
	int fd;
	struct _kdump_ctx *ctx;
	uint64_t page_size;
	char why[160]; // what the library said of the last page that it did not give
};

enum foreign_read { FOREIGN_OK, FOREIGN_ABSENT, FOREIGN_ERROR };

// Version of the library that runs.
const char *foreign_version(void);

// Opens a dump; false after a line on stderr. foreign_close() is right in both cases.
bool foreign_open(struct foreign *f, const char *path);
void foreign_close(struct foreign *f);

// Compares every attribute below linux, arch and cpu, max_pfn and the format, in both directions; returns how many
// there are in A.
size_t foreign_compare_attributes(struct foreign *a, struct foreign *b, struct differences *d);

// Reads one page by its physical address.
enum foreign_read foreign_page(struct foreign *f, uint64_t pfn, void *page);

// The release in init_uts_ns, read by its virtual address through the dump's own page tables, into to; false after a line on stderr.
bool foreign_release(struct foreign *f, char *to, size_t size);

// An attribute as text into to ("?" if the library has none), and as a number (0 if it has none).
const char *foreign_text(struct foreign *f, const char *key, char *to, size_t size);
uint64_t foreign_number(struct foreign *f, const char *key);

// Compares libkdumpfile's page maps of a dump with the bitmaps that bit() tells (which: 0, 1); pfns below end.
void foreign_check_maps(struct foreign *f, bool (*bit)(const void *of, int which, uint64_t pfn), const void *of,
			uint64_t end, const char *side, struct differences *d);

#endif
