/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page decision: bytes of struct pages and their layout in, verdicts out. No I/O: it knows no file. */
#ifndef KF_CLASSIFY_H
#define KF_CLASSIFY_H

#include "proto/wire.h"
#include "sender/kernel/layout.h"

/* The bits of the dump level, as makedumpfile has them. */
enum {
	KF_LEVEL_ZERO = 1,		/* decided on contents, not here */
	KF_LEVEL_CACHE = 2,
	KF_LEVEL_CACHE_PRIVATE = 4,	/* implies KF_LEVEL_CACHE */
	KF_LEVEL_USER = 8,
	KF_LEVEL_FREE = 16,
};

/* Pages that go: PAGES of them from FIRST on. They may reach beyond the struct pages that were given. */
struct kf_excluded {
	uint64_t first, pages;
	enum kf_class why;
};

/*
 * A run of struct pages as they lie in memory: that of pfn BASE at BYTES, up to but not including pfn END. A
 * compound page's second struct page is looked at only if its pfn is below END.
 */
struct kf_struct_pages {
	const uint8_t *bytes;
	uint64_t base, end;
};

/* What is asked of most struct pages: that many flags, bit 0 of mapping, and whether it is a tail. */
#define KF_PLAIN_FLAGS 6u
#define KF_PLAIN_VERDICTS (1u << (KF_PLAIN_FLAGS + 2))

/* The decision at one dump level, made ready once: the verdict of every page that has no type, and is not the head of a
 * compound page, by all that counts of it. The others are judged one by one. */
struct kf_judge {
	const struct kf_layout *layout;	/* borrowed */
	unsigned int level;
	unsigned int shift[KF_PLAIN_FLAGS];	/* of each of the flags, in the flags word */
	uint64_t flags;			/* all of them, and the head's */
	uint64_t tail;			/* what of the compound word says tail; 0 if none can be told */
	uint8_t plain[KF_PLAIN_VERDICTS];	/* enum kf_class */
};

void kf_judge_init(struct kf_judge *j, const struct kf_layout *l, unsigned int level);

/*
 * Judges pfns [first, end) of SP one by one and lists the excluded ranges in OUT, in order, neighbours of one class
 * joined; what is not listed is kept. Struct pages inside an excluded range are not examined. At most end - first
 * entries are written; their number is returned. *DAMAGED goes up by the free blocks whose order cannot be, which are kept
 * (at levels with KF_LEVEL_FREE). Reads SP only, so that it may run inside kf_guarded().
 */
size_t kf_classify(const struct kf_judge *j, const struct kf_struct_pages *sp, uint64_t first, uint64_t end,
		   struct kf_excluded *out, size_t *damaged);

#endif
