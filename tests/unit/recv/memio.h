/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An I/O table whose files are memory: quick, and a forked process has its own copy of all of them. */
#ifndef RECV_MEMIO_H
#define RECV_MEMIO_H

#include <stdbool.h>
#include <stdint.h>

#include "receiver/store/io.h"

#define MEMIO_FILES 96			/* files and directories, ever */
#define MEMIO_OPEN 32			/* at once */
#define MEMIO_NAME 256
#define MEMIO_BYTES (1ull << 34)	/* of a file; a write beyond has no space */
#define MEMIO_BASE 0			/* the open directory of all dumps */

struct memio_file {
	char name[MEMIO_NAME];	/* empty: it has none any more */
	unsigned int dir;	/* the file that NAME lies in */
	bool is_dir;
	uint8_t *bytes;		/* owned; MEMIO_BYTES of address space, of which only what is written is memory */
	uint64_t len;
};

struct memio {
	struct kf_io io;
	struct memio_file files[MEMIO_FILES];	/* 0: the directory of all dumps */
	unsigned int count;
	int open[MEMIO_OPEN];	/* number of the file; -1: closed */
};

void memio_init(struct memio *m);
void memio_deinit(struct memio *m);

/* The file of this name in any directory; NULL if there is none. */
const struct memio_file *memio_find(const struct memio *m, const char *name);

#endif
