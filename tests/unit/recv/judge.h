/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a dump file holds what its plan says: every page right, none that should not be there. */
#ifndef RECV_JUDGE_H
#define RECV_JUDGE_H

#include "tests/unit/recv/reader.h"
#include "tests/unit/recv/rig.h"

/* Every page that the file has must be right; with WHOLE, it must have every page of the plan. */
static inline void judge_reader(const char *name, const struct reader *f, const struct plan *p, bool whole)
{
	uint8_t page[PLAN_PAGE], wanted[PLAN_PAGE];
	const char *wrong;

	CHECK_EQ(name, f->max_mapnr, p->max_mapnr);
	for (uint64_t pfn = 0; pfn < 8 * f->block; pfn++) {
		CHECK_EQ(name, reader_is_ram(f, pfn), plan_has(p->ram, pfn));
		if (whole)
			CHECK_EQ(name, reader_has(f, pfn), plan_has(p->kept, pfn) && !plan_has(p->unreadable, pfn));
		if (!reader_has(f, pfn))
			continue;
		wrong = reader_page(f, pfn, page);
		if (wrong)
			fail_msg("%s: page %" PRIu64 ": %s", name, pfn, wrong);
		plan_page(p, pfn, wanted);
		if (!plan_has(p->kept, pfn) || memcmp(page, wanted, sizeof(page)) != 0)
			fail_msg("%s: page %" PRIu64 " is not the one that was sent", name, pfn);
	}
}

/* The file that the assembler said is there. */
static inline void judge_rig(const char *name, const struct rig *r, const struct plan *p, bool whole)
{
	struct reader f;
	char path[300];
	const char *wrong;

	snprintf(path, sizeof(path), "%s/%s", r->dir, r->file);
	wrong = reader_open(&f, r->base, path);
	if (wrong)
		fail_msg("%s: %s", name, wrong);
	CHECK_EQ(name, f.incomplete, !whole);
	judge_reader(name, &f, p, whole);
	reader_close(&f);
}

#endif
