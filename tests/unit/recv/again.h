/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A receiver that starts on the disk of one that was killed, and in which something fails; and a later one in which nothing does. */
#ifndef RECV_AGAIN_H
#define RECV_AGAIN_H

#include <errno.h>

#include "receiver/stream/recover.h"
#include "tests/unit/recv/reviver.h"

struct again {
	struct reviver now, later;
	unsigned int failed;	/* runs in which something did */
	/* Lets the AT-th thing fail from now on, counted from 1; AT 0: nothing any more. Returns how many there were since. */
	unsigned int (*arm)(struct again *g, unsigned int at);
	void (*spare)(bool on);	/* see story.h */
};

/* Whatever failed, the later receiver finds all that was acknowledged, recovers it, and the sender goes on. */
static inline void again_check(const char *name, struct again *g)
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

/* Thing AT of a recovery fails, or, with RESUME, of the session that goes on behind a recovery that went well. False when
 * there are not so many. */
static inline bool again_run(struct again *g, const struct disk *d, const struct disk_promise *promise, unsigned int at, bool resume)
{
	struct story *s = &g->now.story;
	struct kf_recovered out;
	struct kf_error err;
	unsigned int count;
	char name[100];

	snprintf(name, sizeof(name), "failure %u of the %s", at, resume ? "resumed session" : "recovery");
	story_restart(s, d, promise);
	if (disk_find(d, d->inodes[DISK_BASE].names[0].inode, "journal") < 0)
		return false;
	if (resume)
		CHECK_OK(name, kf_recover(&s->rig.setup, s->dir, &out, &err), &err);
	if (resume && !out.resumable)
		return false;
	g->arm(g, at);
	if (resume) {
		s->resumed.id = out.id;
		story_resume(s, 1, 1);
	} else {
		(void)!kf_recover(&s->rig.setup, s->dir, &out, &err);
	}
	count = g->arm(g, 0);
	again_check(name, g);
	g->failed += at <= count;
	return at <= count;
}

/* Receivers that were killed at several moments; of what their successors do, every EVERY-th thing fails, each in a run of its own. */
static inline void again_all(struct again *g, unsigned int every)
{
	struct disk_promise promise;
	struct story s;
	struct disk d;

	story_init(&s, "killed", 1);
	story_send(&s, 1, 1);
	reviver_init(&g->now, &s.plan, 1);
	reviver_init(&g->later, &s.plan, 1);
	g->now.story.spare = g->spare;
	for (unsigned int tenth = 4; tenth <= 10; tenth += 2) {
		/* The last one has its final name, and its journal still. */
		story_disk(&s, tenth == 10 ? s.log.count - 6 : s.log.count * tenth / 10, &d, &promise);
		for (int resume = 0; resume < 2 && promise.durable; resume++)
			for (unsigned int at = 1; again_run(g, &d, &promise, at, resume); at += every) {}
		disk_deinit(&d);
	}
	print_message("%u failures, %u dumps were recovered behind them, %u resumed\n", g->failed, g->later.revived, g->later.resumed);
	assert_true(g->failed > 60 && g->later.resumed > 20);
	reviver_deinit(&g->now);
	reviver_deinit(&g->later);
	story_deinit(&s);
}

#endif
