// SPDX-License-Identifier: GPL-2.0-or-later
// Power loss: at every moment of a receive, whatever part of the changes not yet synced is on disk, all that was promised is.
// And each sync is needed: without it some such state breaks a promise.
#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/disklog.h"
#include "tests/unit/recv/powercut.h"
#include "tests/unit/recv/rig.h"

#define SEEDS 3	/* orders in which jobs run */

/* A receive, written down. */
struct story {
	const char *name;
	struct rig rig;
	struct disklog log;
	struct plan plan;
	bool fills;		/* the disk does, after the first DURABLE with pages */
	const char *sickens;	/* from then on a file cannot be synced once; NULL: none */
};

static void said(void *ctx, const struct kf_message *m)
{
	struct story *s = ctx;

	rig_reply(&s->rig, m);
	disklog_reply(&s->log, m);
	s->log.full = s->fills && s->log.promise.pfn;
	if (s->log.promise.pfn && s->sickens) {
		s->log.sick = s->sickens;
		s->sickens = NULL;
	}
}

static void closed(void *ctx, const struct kf_result *result)
{
	struct story *s = ctx;

	rig_closed(&s->rig, result);
	disklog_closed(&s->log, result);
}

static void make_plan(struct plan *p)
{
	plan_default(p);
	plan_add(p->vital, 255, 259);
	plan_add(p->vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		p->kept[i] |= p->vital[i];
	p->batch_pages = 40;
}

static void story_init(struct story *s, const char *name)
{
	static const struct kf_host_ops host = { .reply = said, .ready = rig_ready, .opened = rig_opened, .closed = closed };

	memset(s, 0, sizeof(*s));
	s->name = name;
	rig_init(&s->rig);
	s->rig.setup.host = &host;
	s->rig.setup.host_ctx = s;
	disklog_init(&s->log, s->rig.base);
	s->rig.setup.io = &s->log.io;
	make_plan(&s->plan);
}

static void story_deinit(struct story *s)
{
	rig_deinit(&s->rig);
	disklog_deinit(&s->log);
}

static void whole(struct story *s)
{
	struct plan_stream stream;

	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len);
	assert_int_equal(s->rig.status, KF_OK);
	plan_stream_free(&stream);
}

/* The sender's connection breaks in the third window. */
static void cut(struct story *s)
{
	struct plan_stream stream;

	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len * 3 / 5);
	assert_int_equal(s->rig.status, KF_INCOMPLETE);
	plan_stream_free(&stream);
}

/* The sender had no time for more than three windows. */
static void early(struct story *s)
{
	struct plan_stream stream;

	s->plan.reason = KF_END_DEADLINE;
	s->plan.ends[3] = 0;
	for (int i = 768 / 64; i < PLAN_WORDS; i++)
		s->plan.kept[i] = s->plan.undecided[i] = 0;
	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len);
	assert_int_equal(s->rig.status, KF_INCOMPLETE);
	assert_int_equal(s->rig.replies[KF_MSG_STORED], 1);
	plan_stream_free(&stream);
}

/* The connection breaks before there is anything to open. */
static void nothing(struct story *s)
{
	struct plan_stream stream;

	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, 1000);
	assert_int_equal(s->rig.status, KF_FAILED);
	plan_stream_free(&stream);
}

/* No file can be made from the first pages on. */
static void full(struct story *s)
{
	struct plan_stream stream;

	s->fills = true;
	s->rig.setup.pace.checkpoint_bytes = 1 << 30;
	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len);
	assert_int_equal(s->rig.status, KF_FAILED);
	plan_stream_free(&stream);
}

static void failing_sync(struct story *s, const char *of)
{
	struct plan_stream stream;

	s->sickens = of;
	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len);
	assert_int_equal(s->rig.status, KF_FAILED);
	assert_true(s->rig.file[0] && !s->log.sick);
	plan_stream_free(&stream);
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

static const char *look(void *ctx, const struct disk *d, const struct disk_promise *promise)
{
	return diskjudge_look(ctx, d, promise);
}

static struct powercut cuts(const struct story *s, struct diskjudge *j)
{
	const char *samples = getenv("POWER_SAMPLES");

	return (struct powercut){
		.ops = s->log.ops, .count = s->log.count, .without = POWERCUT_NONE, .seed = 1, .look = look, .ctx = j,
		.samples = samples ? (unsigned int)atoi(samples) : 30,
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
			story_init(&s, stories[i].name);
			s.rig.seed = seed;
			stories[i].tell(&s);
			diskjudge_init(&judge, &s.plan);
			judge.overwritten = s.fills;
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
			story_init(&s, stories[i].name);
			s.rig.seed = seed;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_keeps_the_promises),
		cmocka_unit_test(every_sync_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
