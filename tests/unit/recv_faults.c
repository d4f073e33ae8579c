// SPDX-License-Identifier: GPL-2.0-or-later
// Disks that fail: each call to the system fails in turn, and the disk is full after so many bytes. What is left opens
// and holds only right pages, or does not look like a dump; and what was acknowledged is there.
#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/judge.h"
#include "tests/unit/recv/smalldisk.h"

static void make_plan(struct plan *p)
{
	plan_default(p);
	plan_add(p->vital, 255, 259);
	plan_add(p->vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		p->kept[i] |= p->vital[i];
	p->batch_pages = 40;
}

/* What was acknowledged is in the file, or in the journal that it can be made from. */
static void check_acknowledged(const char *name, const struct rig *r, const struct plan *p)
{
	const struct disk_promise promise = {
		.durable = r->replies[KF_MSG_DURABLE] > 0, .flags = r->durable_flags, .pfn = r->durable_pfn,
		.stored = r->replies[KF_MSG_STORED] > 0, .whole = r->stored_flags & KF_STORED_WHOLE,
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
		fail_msg("%s: %s", name, wrong);
	diskjudge_deinit(&judge);
	disk_deinit(&d);
}

static void after_a_fault(const char *name, struct rig *r, const struct plan *p)
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
	if (r->fail_on || !r->dir[0])
		return;
	/* A disk that failed once and works again: nothing may look finished. */
	CHECK(name, !rig_has(r, "vmcore"));
	if (r->file[0])
		judge_rig(name, r, p, false);
	if (!r->file[0] && rig_has(r, "vmcore-incomplete"))
		CHECK(name, reader_open(&f, r->base, path));
}

static unsigned int run_with_fault(const struct plan *p, const struct plan_stream *s, unsigned int at, bool on, int error)
{
	char name[80];
	unsigned int calls;
	struct rig r;

	snprintf(name, sizeof(name), "call %u fails with %s%s", at, strerrorname_np(error), on ? ", and all behind it" : "");
	rig_init(&r);
	r.seed = at;
	r.fail_at = at;
	r.fail_on = on;
	r.fail_errno = error;
	rig_run(&r, s->bytes, s->len);
	calls = r.calls;
	if (at && at <= calls)
		after_a_fault(name, &r, p);
	rig_deinit(&r);
	return calls;
}

static void every_call_fails(void **state)
{
	struct plan_stream s;
	struct plan p;
	unsigned int calls;

	(void)state;
	make_plan(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	calls = run_with_fault(&p, &s, 0, false, 0);
	assert_true(calls > 100);
	for (unsigned int i = 1; i <= calls + 10; i++) {
		run_with_fault(&p, &s, i, false, EIO);
		run_with_fault(&p, &s, i, true, ENOSPC);
	}
	plan_stream_free(&s);
}

/* Room for N bytes, from none to enough. */
static void the_disk_is_full(void **state)
{
	unsigned int whole = 0, readable = 0, nothing = 0;
	struct smalldisk small;
	struct plan_stream s;
	struct plan p;
	char name[60];
	struct rig r;

	(void)state;
	make_plan(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	for (size_t room = 0; whole < 3; room += 3000) {
		snprintf(name, sizeof(name), "room for %zu bytes", room);
		rig_init(&r);
		r.seed = room;
		r.fail_on = true;	/* for after_a_fault: it does not get better */
		smalldisk_init(&small, &r.io, room);
		r.setup.io = &small.io;
		rig_run(&r, s.bytes, s.len);
		CHECK(name, small.refused || r.status == KF_OK);
		CHECK(name, room < 100 * s.len);
		after_a_fault(name, &r, &p);
		whole += r.status == KF_OK;
		readable += r.status != KF_OK && r.file[0];
		nothing += !r.file[0];
		rig_deinit(&r);
	}
	print_message("with too little room %u dumps could be opened, %u were none\n", readable, nothing);
	assert_true(readable > 50 && nothing > 1);
	plan_stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(the_disk_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
