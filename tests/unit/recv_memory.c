// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that runs out: each allocation of a whole receive fails in turn, alone or with all behind it. Nothing crashes or
// waits for ever, and what was acknowledged is there.
#include "tests/unit/recv/again.h"
#include "tests/unit/recv/checkrig.h"

#define SEEDS 8		/* orders in which jobs run: what is durable when it begins depends on them */

/* Which allocation of the program fails. Linked with --wrap, so that libraries and what is not armed are spared. */
static struct {
	bool armed;
	unsigned int count, fail_at;
	bool on;		/* and all behind it */
} memory;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

static bool runs_out(void)
{
	if (!memory.armed)
		return false;
	memory.count++;
	return memory.fail_at && (memory.on ? memory.count >= memory.fail_at : memory.count == memory.fail_at);
}

void *__wrap_malloc(size_t bytes)
{
	return runs_out() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	return runs_out() ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
	return runs_out() ? NULL : __real_realloc(p, bytes);
}

/* Allocations of the run. */
static unsigned int run(const struct plan *p, const struct plan_stream *s, unsigned int at, bool on, uint64_t seed)
{
	char name[80];
	struct rig r;

	snprintf(name, sizeof(name), "allocation %u fails%s", at, on ? ", and all behind it" : "");
	rig_init(&r);
	r.seed = seed;
	memory.count = 0;
	memory.fail_at = at;
	memory.on = on;
	memory.armed = true;
	rig_run(&r, s->bytes, s->len);
	memory.armed = false;
	if (!at)
		CHECK_EQ(name, r.status, KF_OK);
	else if (memory.count >= at)
		check_after_a_fault(name, &r, p, true);
	rig_deinit(&r);
	return memory.count;
}

/* The allocations before the first message: without them there is no assembler. Tells how many. */
static unsigned int begin(unsigned int at)
{
	struct kf_assembler *a;
	struct kf_feed feed;
	struct kf_error err;
	struct rig r;

	rig_init(&r);
	memory.count = 0;
	memory.fail_at = at;
	memory.on = false;
	memory.armed = true;
	a = kf_assembler_create(&r.setup);
	if (a && kf_feed_init(&feed, KF_ROLE_SENDER, kf_assembler_consumer(a), &err) == KF_OK)
		kf_feed_deinit(&feed);
	else
		assert_int_equal(memory.count, at);
	memory.armed = false;
	kf_assembler_destroy(a);
	rig_deinit(&r);
	return memory.count;
}

static void every_allocation_fails(void **state)
{
	struct plan_stream s;
	struct plan p;
	unsigned int count, first = begin(0);

	(void)state;
	plan_default(&p);
	plan_add(p.vital, 255, 259);
	for (int i = 0; i < PLAN_WORDS; i++)
		p.kept[i] |= p.vital[i];
	p.batch_pages = 40;
	plan_stream_make(&s, &p, NULL, NULL);
	count = run(&p, &s, 0, false, 0);
	print_message("%u allocations, %u of them before the first message\n", count, first);
	assert_true(first < 10 && count > 50);
	for (unsigned int at = 1; at <= first; at++)
		begin(at);
	for (unsigned int at = first + 1; at <= count + 5; at++) {
		run(&p, &s, at, false, at);
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			run(&p, &s, at, true, seed);
	}
	plan_stream_free(&s);
}

static unsigned int arm_allocation(struct again *g, unsigned int at)
{
	(void)g;
	memory.armed = at > 0;
	memory.fail_at = at;
	memory.on = false;
	if (at)
		memory.count = 0;
	return memory.count;
}

static void spare(bool on)
{
	memory.armed = !on && memory.fail_at;
}

static void recovering_and_resuming_fails(void **state)
{
	static struct again again = { .arm = arm_allocation, .spare = spare };

	(void)state;
	again_all(&again, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(recovering_and_resuming_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
