// SPDX-License-Identifier: GPL-2.0-or-later
// Disks that fail: each call to the system fails in turn, and the disk is full after so many bytes. What is left opens
// and holds only right pages, or does not look like a dump; and what was acknowledged is there.
#include <inttypes.h>

#include "tests/unit/recv/again.h"
#include "tests/unit/recv/checkrig.h"
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

/* What came of all the sizes of a disk. */
struct small_disks {
	unsigned int whole, readable, nothing, refused_journal;
	uint64_t durable;	/* pfns, all of them together */
};

static void on_a_small_disk(struct small_disks *sum, const struct plan *p, const struct plan_stream *s, size_t room, bool keeps)
{
	struct smalldisk small;
	char name[80];
	struct rig r;

	snprintf(name, sizeof(name), "room for %zu bytes%s", room, keeps ? ", some of them kept for the journal" : "");
	rig_init(&r);
	r.seed = room;
	smalldisk_init(&small, &r.io, room, keeps);
	r.setup.io = &small.io;
	r.setup.pace.reserve_bytes = 16384;
	rig_run(&r, s->bytes, s->len);
	CHECK(name, small.refused || r.status == KF_OK);
	CHECK(name, room < 100 * s->len);
	check_after_a_fault(name, &r, p, false);
	sum->whole += r.status == KF_OK;
	sum->readable += r.status != KF_OK && r.file[0];
	sum->nothing += !r.file[0];
	/* Before the first sync nothing could be reserved. */
	sum->refused_journal += r.replies[KF_MSG_DURABLE] && small.refused_journal;
	sum->durable += r.durable_pfn;
	rig_deinit(&r);
}

/* Room for N bytes, from none to enough. */
static void the_disk_is_full(void **state)
{
	struct small_disks sums[2] = { 0 };
	struct plan_stream s;
	struct plan p;

	(void)state;
	make_plan(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	for (int keeps = 0; keeps < 2; keeps++) {
		for (size_t room = 0; sums[keeps].whole < 4; room += 3000)
			on_a_small_disk(&sums[keeps], &p, &s, room, keeps);
		print_message("with too little room %u dumps could be opened, %u were none; %u times the journal had no room\n",
			      sums[keeps].readable, sums[keeps].nothing, sums[keeps].refused_journal);
		assert_true(sums[keeps].readable > 50 && sums[keeps].nothing > 1);
	}
	print_message("durable: %" PRIu64 " pfns without, %" PRIu64 " with room kept\n", sums[0].durable, sums[1].durable);
	/* Where not even that could be kept, it still happens. */
	assert_true(sums[0].refused_journal > 50 && sums[1].refused_journal < 10);
	assert_true(sums[1].durable > sums[0].durable);
	plan_stream_free(&s);
}

/* Calls of the receiver that recovers and of the session that is resumed. */
static unsigned int arm_call(struct again *g, unsigned int at)
{
	struct disklog *log = &g->now.story.log;
	unsigned int calls = log->calls;

	log->calls = 0;
	log->fail_at = at;
	log->fail_errno = at / 2 % 2 ? EIO : ENOSPC;
	return calls;
}

static void recovering_and_resuming_fails(void **state)
{
	static struct again again = { .arm = arm_call };
	const char *every = getenv("FAULTS_EVERY");

	(void)state;
	again_all(&again, every ? (unsigned int)atoi(every) : 5);
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
