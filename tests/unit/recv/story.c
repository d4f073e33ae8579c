// SPDX-License-Identifier: GPL-2.0-or-later
// A receive in memory of which everything is written down; see story.h.
#include "tests/unit/recv/story.h"

#include "common/cursor.h"

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
	if (m->type == KF_MSG_WELCOME)
		s->resumed.id = m->welcome;
	if (m->type == KF_MSG_RESUME) {
		s->resumed.pfn = m->resume.pfn;
		s->resumed.flags = m->resume.flags;
		s->answered = true;
		disklog_resumed(&s->log);
	}
}

static void closed(void *ctx, const struct kf_result *result)
{
	struct story *s = ctx;

	rig_closed(&s->rig, result);
	if (result->dir[0])
		disklog_closed(&s->log, result);
	if (result->finished) {
		s->finished = *result->finished;
		s->is_finished = true;
	}
}

static void opened(void *ctx, const struct kf_welcome *id, const char *dir)
{
	struct story *s = ctx;

	(void)id;
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
}

/* There is one dump only; whether it is the sender's is for the assembler to find out. */
static void resume(void *ctx, const struct kf_welcome *id)
{
	struct story *s = ctx;

	if (s->is_finished && kf_same_id(&s->finished.id, id))
		kf_assembler_resume_finished(s->rig.a, &s->finished);
	else
		kf_assembler_resume(s->rig.a, s->dir[0] ? s->dir : NULL);
}

static void trouble(void *ctx, const struct kf_error *err)
{
	struct story *s = ctx;

	snprintf(s->trouble, sizeof(s->trouble), "%s", err->text);
}

void story_init(struct story *s, const char *name, uint64_t seed)
{
	static const struct kf_host_ops host = {
		.reply = said, .ready = rig_ready, .opened = opened, .resume = resume, .trouble = trouble, .closed = closed,
	};

	memset(s, 0, sizeof(*s));
	s->name = name;
	rig_init(&s->rig);
	s->rig.seed = seed;
	s->rig.setup.host = &host;
	s->rig.setup.host_ctx = s;
	disklog_init(&s->log, s->rig.base);
	s->rig.setup.io = &s->log.io;
	disk_init(&s->base);
	plan_default(&s->plan);
	plan_add(s->plan.vital, 255, 259);
	plan_add(s->plan.vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		s->plan.kept[i] |= s->plan.vital[i];
	s->plan.batch_pages = 40;
}

void story_deinit(struct story *s)
{
	rig_deinit(&s->rig);
	disklog_deinit(&s->log);
	disk_deinit(&s->base);
}

static void anew(struct rig *r)
{
	kf_assembler_destroy(r->a);
	r->a = NULL;
	r->closed = false;
	memset(r->replies, 0, sizeof(r->replies));
}

void story_restart(struct story *s, const struct disk *d, const struct disk_promise *promise)
{
	const struct disk_inode *base = &d->inodes[DISK_BASE];

	anew(&s->rig);
	disklog_restart(&s->log, d);
	disk_copy(&s->base, d);
	s->is_finished = false;
	s->log.promise = s->base_promise = *promise;
	s->rig.durable_pfn = 0;
	s->fills = s->log.full = false;
	s->sickens = s->log.sick = NULL;
	snprintf(s->dir, sizeof(s->dir), "%.*s", (int)sizeof(s->dir) - 1, base->count ? base->names[0].name : "");
}

void story_send(struct story *s, size_t part, size_t parts)
{
	struct plan_stream stream;

	plan_stream_make(&stream, &s->plan, NULL, NULL);
	rig_run(&s->rig, stream.bytes, stream.len / parts * part + (part == parts ? stream.len % parts : 0));
	plan_stream_free(&stream);
}

/* Bytes of the frame at AT. */
static size_t frame_bytes(const struct plan_stream *s, size_t at)
{
	return KF_HEADER_BYTES + kf_le32_at(s->bytes + at + 4);
}

static void spare(const struct story *s, bool on)
{
	if (s->spare)
		s->spare(on);
}

bool story_resume(struct story *s, size_t part, size_t parts)
{
	struct rig *r = &s->rig;
	struct plan_stream ask, rest;
	struct kf_feed feed;
	size_t asked;

	s->answered = false;
	spare(s, true);
	anew(r);
	/* What comes before the answer is the same whatever the answer is. */
	resumed_stream_make(&ask, &s->plan, &s->resumed);
	asked = KF_PREFACE_BYTES + frame_bytes(&ask, KF_PREFACE_BYTES);	/* HELLO */
	asked += frame_bytes(&ask, asked);				/* DUMP */
	rig_begin(r, &feed);
	spare(s, false);
	rig_give(r, &feed, ask.bytes, asked);
	while (!s->answered && !r->closed && rig_pump(r)) {}
	if (s->answered) {
		spare(s, true);
		resumed_stream_make(&rest, &s->plan, &s->resumed);
		spare(s, false);
		assert_memory_equal(rest.bytes, ask.bytes, asked);
		rig_give(r, &feed, rest.bytes + asked, (rest.len - asked) / parts * part + (part == parts ? (rest.len - asked) % parts : 0));
		plan_stream_free(&rest);
	}
	rig_end(r, &feed);
	plan_stream_free(&ask);
	return s->answered;
}

void story_disk(const struct story *s, unsigned int count, struct disk *d, struct disk_promise *promise)
{
	disk_init(d);
	disk_copy(d, &s->base);
	*promise = s->base_promise;
	while (d->count < s->log.live.count)
		disk_new_inode(d);
	for (unsigned int i = 0; i < count; i++) {
		disk_apply(d, &s->log.ops[i]);
		if (s->log.ops[i].kind == DISK_SAID)
			*promise = s->log.ops[i].promise;
	}
}
