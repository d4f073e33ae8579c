// SPDX-License-Identifier: GPL-2.0-or-later
// Power loss: at every moment of a receive, whatever part of the changes not yet synced is on disk, all that was promised is.
// And each sync is needed: without it some such state breaks a promise.
#include "receiver/stream/recompress.h"
#include "receiver/stream/recover.h"
#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/powercut.h"
#include "tests/unit/recv/reviver.h"

#define SEEDS 3	/* orders in which jobs run */

static void whole(struct story *s)
{
	story_send(s, 1, 1);
	assert_int_equal(s->rig.status, KF_OK);
}

/* The sender's connection breaks in the third window. */
static void cut(struct story *s)
{
	story_send(s, 3, 5);
	assert_int_equal(s->rig.status, KF_INCOMPLETE);
}

/* The sender had no time for more than three windows. */
static void early(struct story *s)
{
	s->plan.reason = KF_END_DEADLINE;
	s->plan.ends[3] = 0;
	for (int i = 768 / 64; i < PLAN_WORDS; i++)
		s->plan.kept[i] = s->plan.undecided[i] = 0;
	story_send(s, 1, 1);
	assert_int_equal(s->rig.status, KF_INCOMPLETE);
	assert_int_equal(s->rig.replies[KF_MSG_STORED], 1);
}

/* The connection breaks before there is anything to open. */
static void nothing(struct story *s)
{
	story_send(s, 1, 1000);
	assert_int_equal(s->rig.status, KF_FAILED);
}

/* No file can be made from the first windows on. */
static void full(struct story *s)
{
	s->fills = true;
	s->rig.setup.pace.checkpoint_bytes = 1 << 30;
	story_send(s, 1, 1);
	assert_int_equal(s->rig.status, KF_FAILED);
}

static void failing_sync(struct story *s, const char *of)
{
	s->sickens = of;
	story_send(s, 1, 1);
	assert_int_equal(s->rig.status, KF_FAILED);
	assert_true(s->rig.file[0] && !s->log.sick);
}

/* Its records may be on disk, and the sender was told nothing of them. */
static void failing_journal(struct story *s)
{
	failing_sync(s, "journal");
}

static void failing_dump(struct story *s)
{
	failing_sync(s, "vmcore-incomplete");
}

static void resumed(struct story *s)
{
	story_send(s, 2, 5);
	assert_true(story_resume(s, 1, 2));
	assert_int_equal(s->rig.status, KF_INCOMPLETE);
	assert_true(story_resume(s, 1, 1));
	assert_int_equal(s->rig.status, KF_OK);
}

/* When the window is made again its first batch lacks a page, and has one more at its end instead: the same length, but the
 * records that lay behind the old one do not fit the new one. */
static void resumed_otherwise(struct story *s)
{
	uint64_t pfn;

	s->rig.setup.pace.sync_bytes = 100000;
	story_send(s, 19, 20);
	for (pfn = s->log.promise.pfn + 1; !plan_has(s->plan.kept, pfn) || plan_has(s->plan.vital, pfn) || plan_has(s->plan.zero, pfn);)
		pfn++;
	plan_add(s->plan.unreadable, pfn, pfn + 1);
	s->flaky = pfn;
	assert_true(story_resume(s, 1, 1));
	assert_int_equal(s->rig.status, KF_OK);
}

/* It came faster than it could be packed, and is packed anew when STORED was said. */
static void packed_anew(struct story *s)
{
	struct kf_recompress w;
	struct kf_sum128 sum = { 0 };
	struct kf_error err;

	s->rig.setup.recompress = KF_RECOMPRESS_ALWAYS;
	story_send(s, 1, 1);
	CHECK_OK(s->name, kf_recompress_init(&w, s->rig.setup.io, s->rig.setup.base, s->dir, &err), &err);
	for (uint64_t i = 0; i < w.repack.pieces; i++)
		CHECK_OK(s->name, kf_repack_piece(&w.repack, s->rig.packer, i, &sum, &err), &err);
	CHECK_OK(s->name, kf_recompress_finish(&w, &sum, &err), &err);
	kf_recompress_deinit(&w);
}

/* Nobody comes back for it. */
static void given_up(struct story *s)
{
	struct kf_error err;

	story_send(s, 1, 2);
	CHECK_OK(s->name, kf_give_up(&s->rig.setup, s->dir, 900, &err), &err);
	disklog_given_up(&s->log);
}

static const char *look(void *ctx, const struct disk *d, const struct disk_promise *promise)
{
	return diskjudge_look(ctx, d, promise);
}

/* How often something is done: a number of the environment, in long runs. */
static unsigned int often(const char *variable, unsigned int otherwise)
{
	const char *value = getenv(variable);

	return value ? (unsigned int)atoi(value) : otherwise;
}

static struct powercut cuts(const struct story *s, struct diskjudge *j)
{
	return (struct powercut){
		.ops = s->log.ops, .count = s->log.count, .without = POWERCUT_NONE, .seed = 1, .look = look, .ctx = j,
		.samples = often("POWER_SAMPLES", 30),
	};
}

static const struct {
	const char *name;
	void (*tell)(struct story *s);
} stories[] = {
	{ "a whole dump", whole },
	{ "a broken connection", cut },
	{ "an early end", early },
	{ "nothing to open", nothing },
	{ "a full disk", full },
	{ "a journal that fails", failing_journal },
	{ "a dump file that fails", failing_dump },
	{ "resumed twice", resumed },
	{ "resumed with another batch", resumed_otherwise },
	{ "given up", given_up },
	{ "packed anew", packed_anew },
};

static void every_state_keeps_the_promises(void **state)
{
	struct diskjudge judge;
	struct powercut c;
	const char *wrong;
	struct story s;

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			story_init(&s, stories[i].name, seed);
			stories[i].tell(&s);
			diskjudge_init(&judge, &s.plan);
			judge.overwritten = s.fills;
			judge.flaky = s.flaky;
			c = cuts(&s, &judge);
			wrong = powercut_run(&c);
			if (wrong)
				fail_msg("%s, seed %" PRIu64 ", cut before change %u of %u: %s", s.name, seed, c.at, c.count, wrong);
			print_message("%s: %u changes, %u moments (%u in all ways), %u states; %u open, %u finished\n", s.name,
				      c.count, c.moments, c.exhausted, c.states, judge.opened, judge.finished);
			diskjudge_deinit(&judge);
			story_deinit(&s);
		}
}

/* The sites of all stories: the same place may be needed in one and not in another. */
struct places {
	struct disklog_site sites[DISKLOG_SITES];
	char wrong[DISKLOG_SITES][120];		/* what is without it */
	unsigned int count;
};

static unsigned int place_of(struct places *all, const struct disklog_site *site)
{
	unsigned int i;

	for (i = 0; i < all->count; i++)
		if (all->sites[i].caller == site->caller && all->sites[i].full == site->full && !strcmp(all->sites[i].file, site->file))
			return i;
	assert_true(i < DISKLOG_SITES);
	all->sites[i] = *site;
	return all->count++;
}

static void try_without(struct story *s, struct places *all)
{
	struct diskjudge judge;
	struct powercut c;
	const char *wrong;

	for (unsigned int n = 0; n < s->log.site_count; n++) {
		unsigned int place = place_of(all, &s->log.sites[n]);

		if (all->wrong[place][0])
			continue;
		diskjudge_init(&judge, &s->plan);
		judge.overwritten = s->fills;
		judge.flaky = s->flaky;
		c = cuts(s, &judge);
		c.without = n;
		wrong = powercut_run(&c);
		if (wrong)
			snprintf(all->wrong[place], sizeof(all->wrong[place]), "%s: %s", s->name, wrong);
		diskjudge_deinit(&judge);
	}
}

static void every_sync_is_needed(void **state)
{
	static struct places all;
	unsigned int spare = 0;
	struct story s;

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			story_init(&s, stories[i].name, seed);
			stories[i].tell(&s);
			try_without(&s, &all);
			story_deinit(&s);
		}
	for (unsigned int i = 0; i < all.count; i++) {
		const struct disklog_site *site = &all.sites[i];

		spare += !all.wrong[i][0];
		print_message("without %-9s of %-27s %-16s %s\n", site->full ? "fsync" : "fdatasync", site->file, site->where,
			      all.wrong[i][0] ? all.wrong[i] : "nothing is lost");
	}
	assert_int_equal(spare, 0);
	assert_true(all.count > 8);
}

static const char *look_and_revive(void *ctx, const struct disk *d, const struct disk_promise *promise)
{
	return reviver_look(ctx, d, promise);
}

/* Whatever the power loss left, a receiver that starts then makes a dump of it that opens, and its sender goes on. */
static void every_state_is_recovered(void **state)
{
	static struct reviver reviver;
	struct powercut c;
	const char *wrong;
	struct story s;

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		story_init(&s, stories[i].name, i);
		stories[i].tell(&s);
		reviver_init(&reviver, &s.plan, often("POWER_EVERY", 20));
		reviver.judge.overwritten = s.fills;
		reviver.judge.flaky = s.flaky;
		c = cuts(&s, NULL);
		c.look = look_and_revive;
		c.ctx = &reviver;
		wrong = powercut_run(&c);
		if (wrong)
			fail_msg("%s, cut before change %u of %u: %s", s.name, c.at, c.count, wrong);
		print_message("%s: %u states, %u of them different, %u recovered, %u resumed\n", s.name, c.states, reviver.fresh,
			      reviver.revived, reviver.resumed);
		reviver_deinit(&reviver);
		story_deinit(&s);
	}
}

/* The power goes once more, while a receiver recovers what the first power loss left. */
struct twice {
	struct reviver first, second;
	unsigned int states, every, inner;
};

static const char *look_twice(void *ctx, const struct disk *d, const struct disk_promise *promise)
{
	struct twice *t = ctx;
	struct powercut c = { .before = d, .promise = *promise, .without = POWERCUT_NONE, .samples = 3, .seed = 7,
			      .look = look_and_revive, .ctx = &t->second };
	const char *wrong;

	if (++t->states % t->every)
		return NULL;
	wrong = reviver_recover(&t->first, d, promise);
	if (wrong)
		return wrong;
	c.ops = t->first.story.log.ops;
	c.count = t->first.story.log.count;
	wrong = powercut_run(&c);
	t->inner += c.states;
	return wrong;
}

static void recovery_is_cut_too(void **state)
{
	static struct twice twice;
	struct powercut c;
	const char *wrong;
	struct story s;

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		story_init(&s, stories[i].name, i);
		stories[i].tell(&s);
		twice = (struct twice){ .every = often("POWER_TWICE_EVERY", 300) };
		reviver_init(&twice.first, &s.plan, 1);
		reviver_init(&twice.second, &s.plan, 40);
		twice.first.judge.overwritten = twice.second.judge.overwritten = s.fills;
		twice.first.judge.flaky = twice.second.judge.flaky = s.flaky;
		c = cuts(&s, NULL);
		c.look = look_twice;
		c.ctx = &twice;
		wrong = powercut_run(&c);
		if (wrong)
			fail_msg("%s, cut before change %u of %u: %s", s.name, c.at, c.count, wrong);
		print_message("%s: %u recoveries cut, %u states, %u of them different, %u recovered, %u resumed\n", s.name,
			      twice.first.revived, twice.inner, twice.second.fresh, twice.second.revived, twice.second.resumed);
		reviver_deinit(&twice.first);
		reviver_deinit(&twice.second);
		story_deinit(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_keeps_the_promises),
		cmocka_unit_test(every_sync_is_needed),
		cmocka_unit_test(every_state_is_recovered),
		cmocka_unit_test(recovery_is_cut_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
