// SPDX-License-Identifier: GPL-2.0-or-later
// What a receiver that starts again makes of a disk; see reviver.h.
#include "tests/unit/recv/reviver.h"

#include <xxhash.h>

#include "receiver/stream/recover.h"

void reviver_init(struct reviver *v, const struct plan *plan, unsigned int every)
{
	memset(v, 0, sizeof(*v));
	story_init(&v->story, "revived", 0);
	v->story.plan = *plan;
	diskjudge_init(&v->judge, &v->story.plan);
	v->every = every;
	v->seen = calloc(REVIVER_SEEN, sizeof(*v->seen));
	assert_non_null(v->seen);
}

void reviver_deinit(struct reviver *v)
{
	diskjudge_deinit(&v->judge);
	story_deinit(&v->story);
	free(v->seen);
}

static uint64_t hash_dir(const struct disk *d, unsigned int dir, uint64_t h)
{
	const struct disk_inode *f = &d->inodes[dir];
	uint64_t sum = 0;

	for (unsigned int i = 0; i < f->count; i++) {
		const struct disk_inode *file = &d->inodes[f->names[i].inode];
		uint64_t one = XXH3_64bits_withSeed(f->names[i].name, strlen(f->names[i].name), 1);

		if (file->count)
			one = hash_dir(d, f->names[i].inode, one);
		sum += file->len ? XXH3_64bits_withSeed(file->bytes, file->len, one) : one;	/* in whatever order they stand */
	}
	return XXH3_64bits_withSeed(&sum, sizeof(sum), h);
}

static bool is_new(struct reviver *v, const struct disk *d, const struct disk_promise *promise)
{
	uint64_t h = hash_dir(d, DISK_BASE, XXH3_64bits(promise, sizeof(*promise))) | 1;
	size_t i = h % REVIVER_SEEN;

	while (v->seen[i] && v->seen[i] != h)
		i = (i + 1) % REVIVER_SEEN;
	if (v->seen[i])
		return false;
	v->seen[i] = h;
	assert_true(++v->fresh < REVIVER_SEEN / 2);
	return true;
}

static const char *fault(struct reviver *v, const char *when, const char *what)
{
	snprintf(v->wrong, sizeof(v->wrong), "%s: %s", when, what);
	return v->wrong;
}

/* What lies there now, judged as what a reader finds. */
static const char *look_now(struct reviver *v, const struct disk_promise *promise, const char *when)
{
	const char *wrong;

	v->judge.recovered = true;
	wrong = diskjudge_look(&v->judge, &v->story.log.live, promise);
	v->judge.recovered = false;
	return wrong ? fault(v, when, wrong) : NULL;
}

static bool has_journal(const struct disk *d)
{
	const struct disk_inode *base = &d->inodes[DISK_BASE];

	return base->count && disk_find(d, base->names[0].inode, "journal") >= 0;
}

static const char *recover(struct reviver *v, const struct disk *d, const struct disk_promise *promise, struct kf_recovered *out)
{
	struct kf_error err;

	story_restart(&v->story, d, promise);
	*out = (struct kf_recovered){ 0 };
	v->revived++;
	if (!has_journal(d))
		return NULL;	/* a receiver does not even look at it */
	if (kf_recover(&v->story.rig.setup, v->story.dir, out, &err) && promise->durable)
		return fault(v, "recovery", err.text);
	return look_now(v, promise, "behind recovery");
}

const char *reviver_recover(struct reviver *v, const struct disk *d, const struct disk_promise *promise)
{
	struct kf_recovered out;

	return recover(v, d, promise, &out);
}

/* The sender comes back and sends what RESUME asks for. */
static const char *go_on(struct reviver *v, const struct disk_promise *promise, const struct kf_recovered *out)
{
	struct story *s = &v->story;
	struct disk_promise now;
	bool complete = s->plan.reason == KF_END_COMPLETE;

	s->resumed.id = out->id;
	if (!story_resume(s, 1, 1))
		return fault(v, "resuming was refused", s->trouble[0] ? s->trouble : s->rig.abort_text);
	v->resumed++;
	if (s->resumed.pfn < promise->pfn || (promise->flags & ~s->resumed.flags))
		return fault(v, "resuming", "RESUME asks for what was durable");
	if (s->rig.status != (complete ? KF_OK : KF_INCOMPLETE))
		return fault(v, "the resumed dump failed", s->rig.reason);
	now = s->log.promise;
	return look_now(v, &now, "behind the resumed dump");
}

const char *reviver_look(struct reviver *v, const struct disk *d, const struct disk_promise *promise)
{
	const char *wrong = diskjudge_look(&v->judge, d, promise);
	struct kf_recovered out;

	if (wrong || !is_new(v, d, promise) || v->fresh % v->every)
		return wrong;
	wrong = recover(v, d, promise, &out);
	if (!wrong && promise->durable && has_journal(d) && !out.resumable && !out.whole)
		wrong = fault(v, "recovery", "what was acknowledged cannot be resumed");
	if (!wrong && out.resumable)
		wrong = go_on(v, promise, &out);
	return wrong;
}
