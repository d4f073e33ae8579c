// SPDX-License-Identifier: GPL-2.0-or-later
// A machine and what must become of its pages; see scene.h.
#include "tests/unit/image/scene.h"

#include "tests/unit/unit.h"

void scene_create(struct scene *s, const struct machine_plan *plan)
{
	machine_create(&s->m, plan);
	s->max_mapnr = (plan->ram + 4095) / 4096;
	s->class_of = malloc(s->max_mapnr);
	assert_non_null(s->class_of);
	memset(s->class_of, SCENE_KEPT, s->max_mapnr);
	s->class_of[0] = SCENE_HOLE;
	for (uint64_t pfn = (MACHINE_LOW_END + 4095) / 4096; pfn < MACHINE_HIGH / 4096; pfn++)
		s->class_of[pfn] = SCENE_HOLE;
}

void scene_destroy(struct scene *s)
{
	machine_destroy(&s->m);
	free(s->class_of);
}

static void mark(struct scene *s, uint64_t pfn, uint64_t pages, enum scene_class class)
{
	for (uint64_t p = pfn; p < pfn + pages && p < s->max_mapnr; p++) {
		if (s->class_of[p] == SCENE_HOLE)
			continue;
		assert_int_equal(s->class_of[p], SCENE_KEPT);
		s->class_of[p] = (uint8_t)class;
	}
}

void scene_free_block(struct scene *s, uint64_t pfn, unsigned int order)
{
	machine_free_block(&s->m, pfn, order);
	mark(s, pfn, 1ull << order, SCENE_FREE);
}

void scene_huge(struct scene *s, uint64_t pfn, unsigned int order)
{
	machine_huge(&s->m, pfn, order);
	mark(s, pfn, 1ull << order, SCENE_USER);
}

void scene_anon(struct scene *s, uint64_t pfn, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		machine_anon(&s->m, pfn + i);
	mark(s, pfn, pages, SCENE_USER);
}

void scene_cache(struct scene *s, uint64_t pfn, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		machine_cache(&s->m, pfn + i);
	mark(s, pfn, pages, SCENE_CACHE);
}

void scene_private_cache(struct scene *s, uint64_t pfn)
{
	machine_page(&s->m, pfn, &(struct page_spec){ .flags = PAGE_LRU | PAGE_PRIVATE, .mapping = 0xffff888100000000 });
	mark(s, pfn, 1, SCENE_CACHE_PRIVATE);
}

void scene_poison(struct scene *s, uint64_t pfn)
{
	machine_page(&s->m, pfn, &(struct page_spec){ .flags = PAGE_HWPOISON });
	mark(s, pfn, 1, SCENE_HWPOISON);
}

void scene_fill(struct scene *s)
{
	uint64_t stretch = 8192;	/* pfns of 1 KiB of bitmap */

	scene_free_block(s, 0x10, 4);
	scene_cache(s, 0x9f, 1);			/* the page that is half there */
	scene_free_block(s, 0x90, 2);
	scene_free_block(s, 0x98, 1);
	scene_anon(s, 0x100, 3);
	scene_private_cache(s, 0x104);
	scene_free_block(s, 0x400, 10);
	scene_anon(s, stretch - 2, 4);			/* singles over an edge */
	scene_free_block(s, 2 * stretch - 1, 3);	/* unnaturally placed: a range over an edge */
	scene_free_block(s, 3 * stretch - 512, 10);	/* half on each side */
	scene_free_block(s, 4 * stretch - 1024, 10);	/* ends at an edge */
	scene_cache(s, 4 * stretch, 1);
	for (uint64_t pfn = 5 * stretch; pfn < 6 * stretch; pfn += 64) {	/* a busy stretch */
		scene_free_block(s, pfn, 2);
		scene_anon(s, pfn + 7, 5);
		scene_cache(s, pfn + 20, 3);
	}
	scene_huge(s, 6 * stretch, 9);
	if (s->m.plan.era->hwpoison >= 0) {
		scene_poison(s, 6 * stretch - 1);
		scene_poison(s, 6 * stretch + 600);
	}
	if (s->max_mapnr >= 2ull << 18)
		scene_huge(s, 1ull << 18, 18);		/* 32 stretches */
	scene_free_block(s, s->max_mapnr - 3, 10);	/* beyond the end */
}

enum scene_class scene_at(const struct scene *s, uint64_t pfn, unsigned int level)
{
	static const unsigned int bits[SCENE_CLASSES] = {
		[SCENE_CACHE] = 2 | 4, [SCENE_CACHE_PRIVATE] = 4, [SCENE_USER] = 8, [SCENE_FREE] = 16,
		[SCENE_HWPOISON] = 31 | 32, [SCENE_OFFLINE] = 31 | 32,
	};
	uint8_t class = s->class_of[pfn];

	if (class == SCENE_HOLE)
		return SCENE_HOLE;
	return (level | 32) & bits[class] ? (enum scene_class)class : SCENE_KEPT;
}
