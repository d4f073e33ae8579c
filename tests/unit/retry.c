// SPDX-License-Identifier: GPL-2.0-or-later
// When a broken dump is tried again and where, and when it is given up: tables of attempts, by a clock of the test's.
#include "tests/unit/unit.h"

#include "sender/dump/retry.h"

#define S 1000000ull
#define RESUME KF_NEXT_RESUME
#define ANEW KF_NEXT_ANEW
#define TARGET KF_NEXT_TARGET
#define GIVE_UP KF_NEXT_GIVE_UP

struct row {
	unsigned int took;	/* seconds that the attempt took */
	enum kf_broke broke;
	bool progress;
	enum kf_next next;
	uint64_t delay;		/* microseconds */
};

static void play(const char *story, unsigned int targets, unsigned int give_up, const struct row *rows, size_t count)
{
	uint64_t now = 77 * S, delay;
	struct kf_retry r;

	kf_retry_init(&r, targets, give_up * S, now);
	for (size_t i = 0; i < count; i++) {
		char name[96];
		enum kf_next next;

		snprintf(name, sizeof(name), "%s, step %zu", story, i);
		now += rows[i].took * S;
		next = kf_retry_next(&r, rows[i].broke, rows[i].progress, now, &delay);
		CHECK_EQ(name, next, rows[i].next);
		CHECK_EQ(name, delay, rows[i].delay);
		now += delay;
	}
}

#define PLAY(story, targets, give_up, ...)                                                      \
	do {                                                                                     \
		static const struct row rows[] = { __VA_ARGS__ };                                \
		play(story, targets, give_up, rows, COUNT(rows));                                \
	} while (0)

#define BROKEN(took, progress, next, delay) { took, KF_BROKE_CONNECTION, progress, next, delay }

static void one_target(void **state)
{
	(void)state;
	PLAY("nobody is there for 600 s", 1, 600,
	     BROKEN(0, false, RESUME, S / 10), BROKEN(0, false, RESUME, 1 * S), BROKEN(0, false, RESUME, 2 * S),
	     BROKEN(0, false, RESUME, 4 * S), BROKEN(0, false, RESUME, 8 * S), BROKEN(0, false, RESUME, 16 * S),
	     BROKEN(0, false, RESUME, 30 * S), BROKEN(0, false, RESUME, 30 * S), BROKEN(500, false, GIVE_UP, 0));
	PLAY("it works between the breaks", 1, 10,
	     BROKEN(900, true, RESUME, S / 10), BROKEN(900, true, RESUME, S / 10), BROKEN(8, false, RESUME, S),
	     BROKEN(900, true, RESUME, S / 10), BROKEN(10, false, GIVE_UP, 0));
	PLAY("not even one more try", 1, 0, BROKEN(0, false, GIVE_UP, 0));
	PLAY("nor then", 1, 0, BROKEN(5, true, GIVE_UP, 0));
	PLAY("a wrong target", 1, 600, { 0, KF_BROKE_TARGET, false, GIVE_UP, 0 });
	PLAY("a fault here", 1, 600, { 3, KF_BROKE_HERE, true, GIVE_UP, 0 });
}

static void damage_on_the_way(void **state)
{
	(void)state;
	PLAY("three times without getting on", 1, 600,
	     { 0, KF_BROKE_PROTOCOL, false, RESUME, S / 10 }, { 0, KF_BROKE_PROTOCOL, false, RESUME, S },
	     { 0, KF_BROKE_PROTOCOL, false, GIVE_UP, 0 });
	PLAY("now and then", 1, 600,
	     { 5, KF_BROKE_PROTOCOL, true, RESUME, S / 10 }, { 5, KF_BROKE_PROTOCOL, true, RESUME, S / 10 },
	     { 5, KF_BROKE_PROTOCOL, true, RESUME, S / 10 }, { 5, KF_BROKE_PROTOCOL, true, RESUME, S / 10 });
}

static void several_targets(void **state)
{
	(void)state;
	PLAY("each has its share", 3, 9,
	     BROKEN(0, false, RESUME, S / 10), BROKEN(1, false, RESUME, S), BROKEN(1, false, TARGET, 0),
	     BROKEN(0, false, RESUME, S / 10), BROKEN(3, false, TARGET, 0),
	     BROKEN(0, false, RESUME, S / 10), BROKEN(100, true, RESUME, S / 10), BROKEN(3, false, GIVE_UP, 0));
	PLAY("one that refuses is left at once", 2, 600,
	     { 0, KF_BROKE_TARGET, false, TARGET, 0 }, { 9, KF_BROKE_TARGET, true, GIVE_UP, 0 });
	PLAY("a fault here follows us anywhere", 2, 600, { 0, KF_BROKE_HERE, false, GIVE_UP, 0 });
}

/* Each dump begun anew leaves a part on the server, so it does not go on for ever. */
static void anew(void **state)
{
	(void)state;
	PLAY("five times", 2, 600,
	     BROKEN(9, true, RESUME, S / 10), { 0, KF_BROKE_NO_RESUME, false, ANEW, 0 },
	     BROKEN(9, true, RESUME, S / 10), { 0, KF_BROKE_NO_RESUME, false, ANEW, 0 },
	     { 0, KF_BROKE_NO_RESUME, true, ANEW, 0 }, { 0, KF_BROKE_NO_RESUME, true, ANEW, 0 },
	     { 0, KF_BROKE_NO_RESUME, true, ANEW, 0 }, { 0, KF_BROKE_NO_RESUME, true, TARGET, 0 },
	     { 0, KF_BROKE_NO_RESUME, true, ANEW, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_target),
		cmocka_unit_test(damage_on_the_way),
		cmocka_unit_test(several_targets),
		cmocka_unit_test(anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
