/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine together with what must become of each of its pages, noted by the test when it places them. */
#ifndef IMAGE_SCENE_H
#define IMAGE_SCENE_H

#include "tests/unit/image/machine.h"

/* The classes are named once more; their numbers are those of the protocol's table. */
enum scene_class {
	SCENE_KEPT = 0, SCENE_CACHE = 1, SCENE_CACHE_PRIVATE = 2, SCENE_USER = 3, SCENE_FREE = 4, SCENE_HWPOISON = 5,
	SCENE_OFFLINE = 6, SCENE_CLASSES = 8,
	SCENE_HOLE = 255,
};

struct scene {
	struct machine m;
	uint64_t max_mapnr;
	uint8_t *class_of;	/* one for each pfn: SCENE_HOLE, or what it is at level 31 */
};

void scene_create(struct scene *s, const struct machine_plan *plan);
void scene_destroy(struct scene *s);

/* What they place must not overlap, but may run over holes and the end of memory. */
void scene_free_block(struct scene *s, uint64_t pfn, unsigned int order);
void scene_huge(struct scene *s, uint64_t pfn, unsigned int order);
void scene_anon(struct scene *s, uint64_t pfn, uint64_t pages);
void scene_cache(struct scene *s, uint64_t pfn, uint64_t pages);
void scene_private_cache(struct scene *s, uint64_t pfn);
void scene_poison(struct scene *s, uint64_t pfn);	/* only where the era has PG_hwpoison */

/* A bit of everything, and excluded ranges over edges of every kind; RAM must be 200 MiB or more, and 2 GiB and one
 * block more for the page of 1 GiB. */
void scene_fill(struct scene *s);

/* What becomes of PFN at LEVEL. */
enum scene_class scene_at(const struct scene *s, uint64_t pfn, unsigned int level);

#endif
