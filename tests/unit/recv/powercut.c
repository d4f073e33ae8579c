// SPDX-License-Identifier: GPL-2.0-or-later
// All that a power loss may leave of a log of changes; see powercut.h.
#include "tests/unit/recv/powercut.h"

#include "tests/unit/unit.h"

#define FATES 3			/* not there, there, there in part */
#define ALL_OF 6		/* so many changes are tried in all FATES ^ ALL_OF ways */

struct pending {
	const struct disk_op **ops;
	unsigned int count;
};

struct run {
	struct powercut *c;
	struct disk synced, state;
	struct pending pending;
	struct disk_promise promise;
};

static const char *try_fates(struct run *r, const uint8_t *fates)
{
	disk_copy(&r->state, &r->synced);
	for (unsigned int i = 0; i < r->pending.count; i++) {
		if (fates[i] == 1)
			disk_apply(&r->state, r->pending.ops[i]);
		else if (fates[i] == 2)
			disk_apply_torn(&r->state, r->pending.ops[i], &r->c->seed);
	}
	r->c->states++;
	return r->c->look(r->c->ctx, &r->state, &r->promise);
}

static const char *try_all(struct run *r)
{
	uint8_t fates[ALL_OF] = { 0 };
	const char *wrong = NULL;
	unsigned int i = 0;

	r->c->exhausted++;
	while (!wrong && i < r->pending.count) {
		wrong = try_fates(r, fates);
		for (i = 0; i < r->pending.count && ++fates[i] == FATES; i++)
			fates[i] = 0;
	}
	return r->pending.count ? wrong : try_fates(r, fates);
}

/* The dangerous ones are near the edges: nothing but one, all but one, nothing before some point and all behind it. */
static void choose(struct run *r, uint8_t *fates, unsigned int way)
{
	unsigned int n = r->pending.count, edge = (unsigned int)(next_random(&r->c->seed) % n);

	for (unsigned int i = 0; i < n; i++)
		switch (way % 6) {
		case 0:
			fates[i] = i == edge;
			break;
		case 1:
			fates[i] = i != edge;
			break;
		case 2:
			fates[i] = i >= edge;
			break;
		case 3:
			fates[i] = i == edge ? 2 : i < edge;
			break;
		default:
			fates[i] = (uint8_t)(next_random(&r->c->seed) % (way % 6 == 4 ? 2 : FATES));
			break;
		}
}

static const char *try_some(struct run *r, unsigned int samples)
{
	uint8_t *fates = calloc(r->pending.count, 1);
	const char *wrong = fates ? try_fates(r, fates) : "no memory";

	for (unsigned int way = 0; !wrong && way < samples; way++) {
		choose(r, fates, way);
		wrong = try_fates(r, fates);
	}
	free(fates);
	return wrong;
}

/* Between two syncs the later moments have all states of the earlier ones: few samples are enough there. */
static const char *power_goes(struct run *r, bool edge)
{
	r->c->moments++;
	if (r->pending.count <= (edge ? ALL_OF : 2))
		return try_all(r);
	return try_some(r, edge ? r->c->samples : 3);
}

static void sync_inode(struct run *r, unsigned int inode)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < r->pending.count; i++)
		if (r->pending.ops[i]->inode == inode)
			disk_apply(&r->synced, r->pending.ops[i]);
		else
			r->pending.ops[kept++] = r->pending.ops[i];
	r->pending.count = kept;
}

static void take(struct run *r, const struct disk_op *op)
{
	while (r->synced.count <= op->inode || (op->kind == DISK_NAMED && op->to[0] && r->synced.count <= op->target))
		disk_new_inode(&r->synced);
	if (op->kind == DISK_SAID)
		r->promise = op->promise;
	else if (op->kind != DISK_SYNC)
		r->pending.ops[r->pending.count++] = op;
	else if (op->site != r->c->without)
		sync_inode(r, op->inode);
}

const char *powercut_run(struct powercut *c)
{
	struct run r = { .c = c, .promise = c->promise, .pending.ops = calloc(c->count + 1, sizeof(*r.pending.ops)) };
	const char *wrong = r.pending.ops ? NULL : "no memory";

	disk_init(&r.synced);
	if (c->before)
		disk_copy(&r.synced, c->before);
	for (c->at = 0; !wrong && c->at < c->count; c->at++) {
		bool edge = c->ops[c->at].kind == DISK_SYNC || c->ops[c->at].kind == DISK_SAID;

		wrong = power_goes(&r, edge);
		take(&r, &c->ops[c->at]);
	}
	if (!wrong)
		wrong = power_goes(&r, true);
	disk_deinit(&r.synced);
	disk_deinit(&r.state);
	free(r.pending.ops);
	return wrong;
}
