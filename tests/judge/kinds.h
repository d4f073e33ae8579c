// What lies in a vmcore, for people and for scripts.
// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef JUDGE_KINDS_H
#define JUDGE_KINDS_H

#include "elfcore.h"

// Prints how many pages of each kind that a filter tells apart the struct pages speak of, "KIND PAGES" on each line.
bool kinds_print(const struct elfcore *core);

// Prints the pages of each class at a dump level as makedumpfile's report does, by the judge's own decision; zero pages
// are looked for in the vmcore. sees_tails as in decision.h.
bool counts_print(const struct elfcore *core, int level, bool sees_tails);

#endif
