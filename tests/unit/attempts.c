// SPDX-License-Identifier: GPL-2.0-or-later
// A dump in many connections: what comes is byte for byte what one connection carries, whatever breaks; and what a broken
// dump does next.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "tests/unit/stream/peer.h"
#include "tests/unit/stream/sending.h"

static struct sending s;
static struct peer whole;	/* what one connection carries */
static struct peer first, second;
static struct kf_error err;

/* PLAN's dump at LEVEL in one piece. */
static void begin(const struct machine_plan *plan, unsigned int level)
{
	struct kf_dump_setup setup;

	sending_create(&s, plan);
	setup = sending_setup(&s, level, KF_WIRE_LZ4);
	CHECK_OK("in one piece", sending_run(&s, &setup, &err), &err);
	peer_load(&whole, s.path);
}

static void end(void)
{
	peer_free(&whole);
	sending_destroy(&s);
}

static enum kf_status run(unsigned int level, const struct kf_target *targets, unsigned int count, unsigned int give_up)
{
	struct kf_dump_setup setup = sending_setup(&s, level, KF_WIRE_LZ4);

	setup.targets = targets;
	setup.target_count = count;
	setup.give_up = give_up;
	setup.threads = 3;
	return sending_run(&s, &setup, &err);
}

/* STEPS on one target; the dump is stored. */
static void plays(const char *name, unsigned int level, const struct peer_step *steps, size_t count)
{
	peer_start(&first, steps, count);
	CHECK_OK(name, run(level, &first.target, 1, 30), &err);
	peer_end(&first);
	CHECK_EQ(name, first.connections, count);
	peer_compare(name, &first, &whole);
}

#define PLAYS(name, level, ...)                                             \
	do {                                                                \
		static const struct peer_step steps[] = { __VA_ARGS__ };    \
		plays(name, level, steps, COUNT(steps));                    \
	} while (0)

/* After each window in turn. Nothing comes twice, so the windows of all connections are those of the dump. */
static void cut_after_each_window(void **state)
{
	struct peer_step steps[PEER_CONNECTIONS];
	unsigned int windows = 0, came = 0;
	struct peer once;

	(void)state;
	begin(&sending_small, 31);
	for (size_t at = 0; at < whole.len;) {
		uint32_t len;

		memcpy(&len, whole.frames + at + 1, 4);
		windows += whole.frames[at] == KF_MSG_WINDOW;
		at += 5 + len;
	}
	assert_in_range(windows, 10, PEER_CONNECTIONS - 1);
	for (unsigned int i = 0; i < windows; i++)
		steps[i] = (struct peer_step){ .end = PEER_BREAKS, .windows = 1 };
	steps[windows] = (struct peer_step){ .end = PEER_STORES };
	plays("cut after each window", 31, steps, windows + 1);
	for (unsigned int i = 0; i <= windows; i++) {
		CHECK_EQ("resumes", first.came[i].resumes, i > 0);
		CHECK_EQ("windows", first.came[i].windows, i < windows);
		came += first.came[i].windows;
	}
	assert_int_equal(came, windows);
	once = first;
	peer_free(&once);
	end();
}

/* Where windows are entered with a carry: inside the page of 1 GiB. */
static void cut_inside_a_huge_page(void **state)
{
	struct peer_step steps[PEER_CONNECTIONS];
	size_t n = 0;

	(void)state;
	begin(&(struct machine_plan){ .ram = (2ull << 30) + (33ull << 20), .levels = 5, .era = &era_6_1 }, 31);
	for (; n < 6; n++)
		steps[n] = (struct peer_step){ .end = n % 2 ? PEER_BREAKS : PEER_FORGETS, .windows = 1 + (unsigned int)n % 3 };
	steps[n++] = (struct peer_step){ .end = PEER_STORES };
	plays("cut inside a huge page", 31, steps, n);
	peer_free(&first);
	end();
}

static void what_is_lost_comes_again(void **state)
{
	(void)state;
	begin(&sending_small, 31);
	PLAYS("before its first word", 31, { .end = PEER_SAYS_NOTHING }, { .end = PEER_SAYS_NOTHING }, { .end = PEER_STORES });
	assert_false(first.came[2].resumes);
	assert_null(strstr(first.came[2].program, "anew"));
	peer_free(&first);
	PLAYS("all since the last sync", 31, { .end = PEER_FORGETS, .windows = 4 }, { .end = PEER_BREAKS, .windows = 3 },
	      { .end = PEER_FORGETS, .windows = 5 }, { .end = PEER_STORES });
	assert_true(first.came[1].resumes && first.came[3].resumes);
	peer_free(&first);
	PLAYS("STORED", 31, { .end = PEER_LOSES_STORED }, { .end = PEER_STORES });
	assert_int_equal(first.came[1].windows, 0);
	peer_free(&first);
	PLAYS("the receiver is stopped, and started again", 31, { .end = PEER_ABORTS, .windows = 3, .code = KF_ABORT_STOPPED },
	      { .end = PEER_STORES });
	assert_true(first.came[1].resumes);
	peer_free(&first);
	end();
}

static void begun_anew(void **state)
{
	(void)state;
	begin(&sending_small, 31);
	PLAYS("refused", 31, { .end = PEER_BREAKS, .windows = 3 }, { .end = PEER_REFUSES }, { .end = PEER_STORES });
	assert_true(first.came[1].resumes && !first.came[2].resumes);
	assert_non_null(strstr(first.came[2].program, ", anew after tcp://127.0.0.1:"));
	assert_non_null(strstr(first.came[2].program, "(refused): there is no such dump"));
	assert_null(strstr(first.came[1].program, "anew"));
	peer_free(&first);
	PLAYS("misled", 31, { .end = PEER_BREAKS, .windows = 3 }, { .end = PEER_MISLEADS }, { .end = PEER_STORES });
	assert_true(first.came[1].aborted);
	assert_int_equal(first.came[1].abort_code, KF_ABORT_PROTOCOL);
	assert_int_equal(first.came[1].windows, 0);
	assert_false(first.came[2].resumes);
	assert_non_null(strstr(first.came[2].program, "where this dump never was"));
	peer_free(&first);
	end();
}

/* Two targets: STEPS on the first, all of it on the second. */
static void fails_over(const char *name, const struct peer_step *steps, size_t count, unsigned int give_up, const char *why)
{
	static const struct peer_step stores = { .end = PEER_STORES };
	struct kf_target targets[2];

	peer_start(&first, steps, count);
	peer_start(&second, &stores, 1);
	targets[0] = first.target;
	targets[1] = second.target;
	CHECK_OK(name, run(31, targets, 2, give_up), &err);
	peer_end(&first);
	peer_end(&second);
	CHECK_EQ(name, first.connections, count);
	CHECK_EQ(name, second.connections, 1);
	CHECK(name, !second.came[0].resumes);
	CHECK(name, strstr(second.came[0].program, why));
	peer_compare(name, &second, &whole);
	peer_free(&first);
	peer_free(&second);
}

static void the_next_target(void **state)
{
	static const struct peer_step breaks = { .end = PEER_BREAKS, .windows = 3 };
	static const struct peer_step full = { .end = PEER_ABORTS, .windows = 3, .code = KF_ABORT_SYSTEM };
	static const struct peer_step cannot = { .end = PEER_ABORTS, .windows = 1, .code = KF_ABORT_UNSUPPORTED };

	(void)state;
	begin(&sending_small, 31);
	fails_over("it went away", &breaks, 1, 2, "Connection refused");
	fails_over("its disk is full", &full, 1, 600, "(system): as the script says");
	fails_over("it cannot", &cannot, 1, 600, "(unsupported): as the script says");
	end();
}

/* A file takes the dump where no receiver does. */
static void a_file_behind_a_receiver(void **state)
{
	static const struct peer_step breaks = { .end = PEER_BREAKS, .windows = 3 };
	struct kf_target targets[2];
	struct peer saved;

	(void)state;
	begin(&sending_small, 31);
	peer_start(&first, &breaks, 1);
	targets[0] = first.target;
	targets[1] = s.target;
	CHECK_OK("saved", run(31, targets, 2, 0), &err);
	peer_end(&first);
	peer_load(&saved, s.path);
	peer_compare("saved", &saved, &whole);
	peer_free(&saved);
	peer_free(&first);
	end();
}

static void given_up(void **state)
{
	static const struct peer_step steps[] = { { .end = PEER_BREAKS, .windows = 3 }, { .end = PEER_BREAKS, .windows = 2 } };
	static const struct peer_step full = { .end = PEER_ABORTS, .windows = 3, .code = KF_ABORT_SYSTEM };

	(void)state;
	begin(&sending_small, 31);
	peer_start(&first, steps, COUNT(steps));
	CHECK_REFUSED("nobody is there any more", run(31, &first.target, 1, 1), KF_FAILED, &err, "given up after 2 tries: tcp://127.0.0.1:");
	peer_end(&first);
	assert_int_equal(first.connections, 2);
	peer_free(&first);
	CHECK_REFUSED("nor ever was", run(31, &first.target, 1, 0), KF_FAILED, &err, "tcp://127.0.0.1:");
	peer_start(&first, &full, 1);
	CHECK_REFUSED("disk full", run(31, &first.target, 1, 600), KF_REFUSED, &err, "the receiver ended it (system)");
	peer_end(&first);
	peer_free(&first);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_after_each_window),
		cmocka_unit_test(cut_inside_a_huge_page),
		cmocka_unit_test(what_is_lost_comes_again),
		cmocka_unit_test(begun_anew),
		cmocka_unit_test(the_next_target),
		cmocka_unit_test(a_file_behind_a_receiver),
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
