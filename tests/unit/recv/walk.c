// SPDX-License-Identifier: GPL-2.0-or-later
// A receiver that is driven message by message; see walk.h.
#include "tests/unit/recv/walk.h"

#include "common/cursor.h"
#include "receiver/stream/recover.h"

/* Two windows, four kept pages, one of them zero and one of them vital. */
static void tiny_plan(struct plan *p)
{
	*p = (struct plan){ .max_mapnr = 128, .ends = { 64, 128 }, .batch_pages = 8, .wire = KF_WIRE_NONE, .rest = KF_REST_ZSTD };
	plan_add(p->ram, 1, 100);
	plan_add(p->kept, 1, 3);
	plan_add(p->kept, 5, 6);
	plan_add(p->kept, 70, 71);
	plan_add(p->zero, 2, 3);
}

static void add(struct walk *w, const char *name, enum kf_type type, const uint8_t *payload, uint32_t len)
{
	struct walk_message *m = &w->messages[w->count++];

	assert_true(w->count <= WALK_MESSAGES);
	snprintf(m->name, sizeof(m->name), "%u: %s", w->count, name);
	m->type = type;
	m->len = len;
	m->payload = malloc(len + 1);
	assert_non_null(m->payload);
	memcpy(m->payload, payload, len);
}

static bool known(const struct walk *w, enum kf_type type, const uint8_t *payload, uint32_t len)
{
	for (unsigned int i = 0; i < w->count; i++)
		if (w->messages[i].type == type && w->messages[i].len == len && !memcmp(w->messages[i].payload, payload, len))
			return true;
	return false;
}

/* All messages of P's stream that are not there yet. */
static void add_stream(struct walk *w, const struct plan *p, const char *of)
{
	struct plan_stream s;
	char name[40];

	plan_stream_make(&s, p, NULL, NULL);
	for (size_t at = KF_PREFACE_BYTES; at < s.len;) {
		enum kf_type type = (enum kf_type)s.bytes[at + 2];
		uint32_t len = kf_le32_at(s.bytes + at + 4);
		uint8_t *payload = s.bytes + at + KF_HEADER_BYTES;

		if (type == KF_MSG_DUMP)	/* no notes, so that the intro is short */
			memset(payload + 32, 0, 20);
		snprintf(name, sizeof(name), "%d of %s", (int)type, of);
		if (!known(w, type, payload, len))
			add(w, name, type, payload, len);
		at += KF_HEADER_BYTES + len;
	}
	plan_stream_free(&s);
}

/* Messages that are right by themselves, and belong to another dump or another peer. */
static void add_strangers(struct walk *w)
{
	uint8_t more[4 + 4 + 16] = { 1, 0, 0, 0, 1 }, hello[4 + 4 + 48 + 4] = { KF_HELLO_RESUME }, abort[4 + 2] = { 1 };
	uint8_t dump[KF_DUMP_BYTES];

	more[8] = 1;	/* RAM [1, 50), and more will follow */
	more[16] = 50;
	add(w, "RAM with more", KF_MSG_RAM, more, sizeof(more));
	add(w, "HELLO to resume, right token", KF_MSG_HELLO, hello, sizeof(hello));
	add(w, "HELLO to resume, wrong token", KF_MSG_HELLO, hello, sizeof(hello));
	for (unsigned int i = 0; i < w->count; i++)
		if (w->messages[i].type == KF_MSG_DUMP)
			memcpy(dump, w->messages[i].payload, sizeof(dump));
	dump[24]++;	/* its crash was at another time */
	add(w, "DUMP, another", KF_MSG_DUMP, dump, sizeof(dump));
	add(w, "ABORT", KF_MSG_ABORT, abort, sizeof(abort));
	add(w, "KEEPALIVE", KF_MSG_KEEPALIVE, abort, 0);
}

void walk_init(struct walk *w)
{
	struct plan p;

	memset(w, 0, sizeof(*w));
	story_init(&w->story, "walk", 0);
	tiny_plan(&p);
	add_stream(w, &p, "the plain dump");
	p.reason = KF_END_DEADLINE;
	p.ends[1] = 0;
	p.kept[1] = 0;
	add_stream(w, &p, "the early end");
	tiny_plan(&p);
	plan_add(p.vital, 5, 6);
	add_stream(w, &p, "the dump with vital pages");
	add_strangers(w);
	w->story.plan = p;
	/* Everything at once: what is due by size or time is always due. */
	w->story.rig.setup.pace = (struct kf_pace){ .sync_bytes = 1, .checkpoint_bytes = 1 };
}

void walk_deinit(struct walk *w)
{
	for (unsigned int i = 0; i < w->count; i++)
		free(w->messages[i].payload);
	story_deinit(&w->story);
}

static void end(struct walk *w)
{
	struct rig *r = &w->story.rig;

	while (!r->closed)
		assert_true(rig_pump(r));
	assert_int_equal(r->jobs, 0);
	w->live = false;
}

static void stop(struct walk *w, enum kf_abort_code code, enum kf_status status, const char *why)
{
	struct kf_error err;

	(void)kf_fail(&err, status, "%s", why);
	kf_assembler_stop(w->story.rig.a, code, &err);
	end(w);
}

void walk_from(struct walk *w, const struct walk_rest *rest)
{
	struct disk nothing;

	if (w->live)
		stop(w, 0, KF_INCOMPLETE, "the next one");
	w->ended = rest && rest->ended;
	if (rest) {
		story_restart(&w->story, &rest->disk, &rest->promise);
		w->story.is_finished = rest->is_finished;
		w->story.finished = rest->finished;
		return;
	}
	disk_init(&nothing);
	story_restart(&w->story, &nothing, &(struct disk_promise){ 0 });
	disk_deinit(&nothing);
}

void walk_take_rest(const struct walk *w, struct walk_rest *rest)
{
	disk_init(&rest->disk);
	disk_copy(&rest->disk, &w->story.log.live);
	rest->promise = w->story.log.promise;
	rest->is_finished = w->story.is_finished;
	rest->finished = w->story.finished;
	rest->ended = w->ended;
}

/* The id of the dump that there is, as its sender knows it from WELCOME; it must not have changed. */
static void set_id(struct walk *w, struct walk_message *m)
{
	const struct disk *d = &w->story.log.live;
	const struct disk_inode *base = &d->inodes[DISK_BASE], *journal;

	if (m->type != KF_MSG_HELLO || m->len < 56 || !(m->payload[0] & KF_HELLO_RESUME))
		return;
	memset(m->payload + 8, 0x55, 48);
	journal = base->count ? disk_file(d, base->names[0].inode, "journal") : NULL;
	if (w->story.is_finished)
		memcpy(m->payload + 8, &w->story.finished.id, 48);
	else if (journal && journal->len >= 32 + 48)
		memcpy(m->payload + 8, journal->bytes + 32, 48);
	if (strstr(m->name, "wrong"))
		m->payload[8 + 47] ^= 1;
}

static enum kf_status decode(const struct walk *w, unsigned int message, struct kf_message *m, struct kf_error *err)
{
	const struct walk_message *said = &w->messages[message];

	return kf_decode(m, said->type, said->payload, said->len, err);
}

bool walk_may_say(const struct walk *w, unsigned int message)
{
	struct kf_order order = w->live ? w->order : kf_order_of(KF_ROLE_SENDER);
	struct kf_message m;
	struct kf_error err;
	enum kf_status st = decode(w, message, &m, &err);

	if (st)
		fail_msg("%s: %s", w->messages[message].name, err.text);
	return kf_order_take(&order, &m, &err) == KF_OK;
}

static void connect_anew(struct walk *w)
{
	struct rig *r = &w->story.rig;

	kf_assembler_destroy(r->a);
	r->a = kf_assembler_create(&r->setup);
	r->closed = false;
	memset(r->replies, 0, sizeof(r->replies));
	r->durable_pfn = 0;
	w->story.answered = false;
	w->order = kf_order_of(KF_ROLE_SENDER);
	w->live = true;
}

static void say(struct walk *w, unsigned int message, unsigned int jobs)
{
	const struct walk_message *said = &w->messages[message];
	struct rig *r = &w->story.rig;
	struct kf_consumer consumer;
	struct kf_frame frame = { .type = said->type, .len = said->len };
	struct kf_message m;
	struct kf_error err;
	enum kf_status st;

	if (!w->live)
		connect_anew(w);
	while (!kf_assembler_ready(r->a) && !kf_assembler_ending(r->a))
		assert_true(rig_pump(r));
	set_id(w, &w->messages[message]);
	frame.payload = malloc(said->len + 1);
	assert_non_null(frame.payload);
	memcpy(frame.payload, said->payload, said->len);
	consumer = kf_assembler_consumer(r->a);
	st = kf_decode(&m, said->type, frame.payload, said->len, &err);
	if (!st)
		st = kf_order_take(&w->order, &m, &err);
	if (!st && !kf_assembler_ending(r->a)) {
		w->ended |= m.type == KF_MSG_END && m.end.reason == KF_END_COMPLETE;
		st = consumer.ops->take(consumer.ctx, &m, &frame, &err);
	}
	free(frame.payload);
	if (st)
		kf_assembler_stop(r->a, kf_abort_code_for(st), &err);
	while (jobs-- && !r->closed && rig_pump(r)) {}
	if (r->closed)
		end(w);
}

/* What a receiver that starts does. */
static void recover(struct walk *w)
{
	struct story *s = &w->story;
	struct kf_recovered out;
	struct kf_error err;
	const struct disk_inode *base = &s->log.live.inodes[DISK_BASE];
	enum kf_status st;

	if (!base->count || disk_find(&s->log.live, base->names[0].inode, "journal") < 0)
		return;
	st = kf_recover(&s->rig.setup, s->dir, &out, &err);
	if (st && s->log.promise.durable)
		snprintf(w->wrong, sizeof(w->wrong), "recovery: %s", err.text);
	if (!st && out.whole) {
		s->finished = out.finished;
		s->is_finished = true;
	}
}

static void kill_it(struct walk *w, unsigned int jobs)
{
	struct walk_rest left;

	while (jobs-- && w->live && !w->story.rig.closed && rig_pump(&w->story.rig)) {}
	walk_take_rest(w, &left);
	left.is_finished = false;	/* a new process remembers nothing */
	left.promise.closed = left.promise.nothing = false;
	walk_from(w, &left);
	disk_deinit(&left.disk);
	recover(w);
}

void walk_do(struct walk *w, const struct walk_event *event)
{
	switch (event->kind) {
	case WALK_SAY:
		say(w, event->message, event->jobs);
		break;
	case WALK_BREAK:
		stop(w, 0, KF_INCOMPLETE, "the connection broke");
		break;
	case WALK_SECOND:	/* what the server does: the earlier connection is ended first */
		stop(w, 0, KF_INCOMPLETE, "the sender came back by another connection");
		for (unsigned int i = 0; i < w->count; i++)
			if (w->messages[i].type == KF_MSG_HELLO && strstr(w->messages[i].name, "right token"))
				say(w, i, 0);
		for (unsigned int i = 0; i < w->count && w->live; i++)
			if (w->messages[i].type == KF_MSG_DUMP && !strstr(w->messages[i].name, "another"))
				say(w, i, WALK_ALL_JOBS);
		break;
	case WALK_KILL:
		kill_it(w, event->jobs);
		break;
	}
}
