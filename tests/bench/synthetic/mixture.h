/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine's memory was used for: struct pages of a mixture, and how many pages of each class they are. */
#ifndef MIXTURE_H
#define MIXTURE_H

#include <stdint.h>

enum class { KEPT, CACHE, CACHE_PRIVATE, USER, FREE, HWPOISON, OFFLINE, CLASSES };

struct mixture;

/* coalesced, fragmented, single or idle; NULL if there is no such mixture. */
const struct mixture *mixture_named(const char *name);

struct filler {
	const struct mixture *mixture;
	uint64_t seed;
	uint8_t *map;			/* struct pages of the GiB being made */
	uint64_t first;			/* its first pfn */
	uint64_t pages[CLASSES];	/* of the 4 MiB made last */
};

/* Makes the struct pages of 4 MiB from pfn AT on, inside the GiB; of a huge page of 1 GiB if HUGE. */
void fill_reserved(struct filler *f, uint64_t at);
void fill_mixed(struct filler *f, uint64_t at, int gigantic);

/* Whether the GiB that begins now is to be a huge page. */
int wants_gigantic(struct filler *f);

#endif
