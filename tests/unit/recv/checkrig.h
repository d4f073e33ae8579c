/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of a rig's directory after anything went wrong: acknowledged windows are there, and no name lies. */
#ifndef RECV_CHECKRIG_H
#define RECV_CHECKRIG_H

#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/judge.h"

/* What was acknowledged is in the file, or in the journal that it can be made from. */
static inline void check_acknowledged(const char *name, const struct rig *r, const struct plan *p)
{
	const struct disk_promise promise = {
		.durable = r->replies[KF_MSG_DURABLE] > 0, .flags = r->durable_flags, .pfn = r->durable_pfn,
		.stored = r->replies[KF_MSG_STORED] > 0, .whole = r->stored_flags & KF_STORED_WHOLE,
		.nothing = !r->file[0],
	};
	struct diskjudge judge;
	struct disk d;
	const char *wrong;

	disk_load(&d, r->base);
	diskjudge_init(&judge, p);
	/* Where the last checkpoint failed, the manifest tells of the one before, if there was room for it. */
	judge.overwritten = true;
	wrong = diskjudge_look(&judge, &d, &promise);
	if (wrong)
		fail_msg("%s: %s; windows to %" PRIu64 " were durable", name, wrong, r->durable_pfn);
	diskjudge_deinit(&judge);
	disk_deinit(&d);
}

/* The dump that the assembler left after a failure is right; if what failed is well again, nothing looks finished. */
static inline void check_after_a_fault(const char *name, const struct rig *r, const struct plan *p, bool well_again)
{
	struct reader f;
	char path[300];

	check_acknowledged(name, r, p);
	if (r->status == KF_OK) {
		judge_rig(name, r, p, true);
		return;
	}
	CHECK_EQ(name, r->replies[KF_MSG_STORED], 0);
	snprintf(path, sizeof(path), "%s/%s", r->dir, rig_has(r, "vmcore") ? "vmcore" : "vmcore-incomplete");
	if (r->file[0]) {
		CHECK(name, !reader_open(&f, r->base, path));
		judge_reader(name, &f, p, false);
		reader_close(&f);
	}
	if (!well_again || !r->dir[0])
		return;
	CHECK(name, !rig_has(r, "vmcore"));
	if (r->file[0])
		judge_rig(name, r, p, false);
	if (!r->file[0] && rig_has(r, "vmcore-incomplete")) {
		CHECK(name, reader_open(&f, r->base, path));
		reader_close(&f);
	}
}

#endif
