// SPDX-License-Identifier: GPL-2.0-or-later
// Disks that fail: each call to the system fails in turn, and the disk is full after so many bytes. What is left opens
// and holds only right pages, or does not look like a dump; and what was acknowledged is there.
#include "receiver/stream/recover.h"
#include "tests/unit/recv/checkrig.h"
#include "tests/unit/recv/reviver.h"
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
		check_after_a_fault(name, &r, p, !on);
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
		smalldisk_init(&small, &r.io, room);
		r.setup.io = &small.io;
		rig_run(&r, s.bytes, s.len);
		CHECK(name, small.refused || r.status == KF_OK);
		CHECK(name, room < 100 * s.len);
		check_after_a_fault(name, &r, &p, false);
		whole += r.status == KF_OK;
		readable += r.status != KF_OK && r.file[0];
		nothing += !r.file[0];
		rig_deinit(&r);
	}
	print_message("with too little room %u dumps could be opened, %u were none\n", readable, nothing);
	assert_true(readable > 50 && nothing > 1);
	plan_stream_free(&s);
}

/* A receiver that starts with the disk of one that was killed, and a later one on which nothing fails. */
struct again {
	struct reviver now, later;
	unsigned int calls;
};

/* Whatever failed, the later receiver finds all that was acknowledged, recovers it, and the sender goes on. */
static void check_later(const char *name, struct again *g)
{
	struct disk_promise promise = g->now.story.log.promise;
	const char *wrong;

	promise.closed = promise.opens = false;	/* a last checkpoint that failed is made up for later */
	promise.nothing = true;			/* where only the intro was acknowledged it may be given up */
	g->later.judge.overwritten = true;
	wrong = reviver_look(&g->later, &g->now.story.log.live, &promise);
	if (wrong)
		fail_msg("%s: %s", name, wrong);
}

/* Call AT of a recovery fails, or, with RESUME, of the session that goes on behind a recovery that went well. False when
 * there are not so many. */
static bool again_with_fault(struct again *g, const struct disk *d, const struct disk_promise *promise, unsigned int at, int error,
			     bool resume)
{
	struct story *s = &g->now.story;
	struct kf_recovered out;
	struct kf_error err;
	char name[100];

	snprintf(name, sizeof(name), "call %u of the %s fails with %s", at, resume ? "resumed session" : "recovery", strerrorname_np(error));
	story_restart(s, d, promise);
	if (disk_find(d, d->inodes[DISK_BASE].names[0].inode, "journal") < 0)
		return false;
	if (resume)
		CHECK_OK(name, kf_recover(&s->rig.setup, s->dir, &out, &err), &err);
	if (resume && !out.resumable)
		return false;
	s->log.calls = 0;
	s->log.fail_at = at;
	s->log.fail_errno = error;
	if (resume) {
		s->resumed.id = out.id;
		story_resume(s, 1, 1);
	} else {
		(void)!kf_recover(&s->rig.setup, s->dir, &out, &err);
	}
	s->log.fail_at = 0;
	check_later(name, g);
	g->calls += at <= s->log.calls;
	return at <= s->log.calls;
}

static void recovering_and_resuming_fails(void **state)
{
	const unsigned int every = getenv("FAULTS_EVERY") ? (unsigned int)atoi(getenv("FAULTS_EVERY")) : 4;
	static struct again again;
	struct disk_promise promise;
	struct story s;
	struct disk d;

	(void)state;
	story_init(&s, "killed", 1);
	story_send(&s, 1, 1);
	again = (struct again){ 0 };
	reviver_init(&again.now, &s.plan, 1);
	reviver_init(&again.later, &s.plan, 1);
	for (unsigned int tenth = 4; tenth <= 10; tenth += 2) {
		/* The last one has its final name, and its journal still. */
		story_disk(&s, tenth == 10 ? s.log.count - 6 : s.log.count * tenth / 10, &d, &promise);
		if (promise.durable)
			for (int resume = 0; resume < 2; resume++)
				for (unsigned int at = 1; again_with_fault(&again, &d, &promise, at, at / every % 2 ? EIO : ENOSPC, resume); at += every) {}
		disk_deinit(&d);
	}
	print_message("%u calls failed, %u dumps were recovered behind that, %u resumed\n", again.calls, again.later.revived,
		      again.later.resumed);
	assert_true(again.calls > 60 && again.later.resumed > 20);
	reviver_deinit(&again.now);
	reviver_deinit(&again.later);
	story_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(the_disk_is_full),
		cmocka_unit_test(recovering_and_resuming_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
