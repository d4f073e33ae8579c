// The page decision once more, over all struct pages of a vmcore at once (filter-spec 5.2 to 5.4).
// SPDX-License-Identifier: GPL-2.0-or-later
//
// With eyes shut to tails it is the decision of a makedumpfile that does not know OFFSET(page.compound_info): each tail of
// a compound page that is kept is judged as if it were an ordinary page.
#ifndef JUDGE_DECISION_H
#define JUDGE_DECISION_H

#include "structpages.h"

enum decision { D_KEPT, D_CACHE, D_CACHE_PRIVATE, D_USER, D_FREE, D_HWPOISON, D_OFFLINE, DECISIONS };

// Judges every pfn below s->count at a dump level; the array is the caller's to free, NULL if there is no memory.
uint8_t *decide(const struct structpages *s, const struct elfcore *core, int level, bool sees_tails);

#endif
