// SPDX-License-Identifier: GPL-2.0-or-later
// All orders of messages, breaks, kills and resumes up to a depth: no dump is finished without its END, no acknowledged window
// is lost. States that are equal are walked on from once only.
#include "receiver/stream/recover.h"
#include "tests/unit/recv/diskjudge.h"
#include "tests/unit/recv/walk.h"

#define STATES 200000
#define KILLS 6		/* moments at which it is killed: behind so many of the jobs that wait */
#define CHILDREN 128

/* A state, by the way on which it was reached first. */
struct state {
	const struct walk_rest *rest;	/* where the way begins; NULL: nowhere */
	struct walk_event events[WALK_EVENTS];
	unsigned int count, depth;
};

struct edge {
	unsigned int from, to, times;	/* times: events that all lead there */
};

struct search {
	struct walk walk;
	struct diskjudge judge;
	struct state *states;
	uint64_t *hashes;		/* of the states, in a table of twice as many */
	unsigned int *numbers;
	unsigned int count, depth;
	struct edge *edges;
	size_t edge_count, edge_room;
	struct walk_rest **rests;	/* owned */
	unsigned int rest_count;
	unsigned int finished, refused;
};

static void go_to(struct search *s, const struct state *at)
{
	walk_from(&s->walk, at->rest);
	for (unsigned int i = 0; i < at->count; i++)
		walk_do(&s->walk, &at->events[i]);
}

static void show(const struct search *s, const struct state *at)
{
	static const char *const kinds[] = { "", "the connection breaks", "a second connection", "the receiver is killed" };

	for (unsigned int i = 0; i < at->count; i++)
		print_message("    %s %s, %u jobs run\n", kinds[at->events[i].kind],
			      at->events[i].kind ? "" : s->walk.messages[at->events[i].message].name, at->events[i].jobs);
}

/* What must hold of every state. */
static void check(struct search *s, const struct state *at)
{
	struct story *story = &s->walk.story;
	const struct disk_promise promise = story->log.promise;
	const struct disk *d = &story->log.live;
	const struct disk_inode *base = &d->inodes[DISK_BASE];
	const char *wrong;

	wrong = s->walk.wrong[0] ? s->walk.wrong : diskjudge_look(&s->judge, d, &promise);
	if (!wrong && base->count && disk_find(d, base->names[0].inode, "vmcore") >= 0) {
		s->finished++;
		if (!s->walk.ended)
			wrong = "a dump is finished, and no END came";
	}
	if (!wrong && promise.stored && promise.whole && !s->walk.ended)
		wrong = "STORED was said, and no END came";
	if (!wrong)
		return;
	show(s, at);
	fail_msg("%s", wrong);
}

/* Another kferry-recv must not touch a dump that this one is receiving. */
static void intrude(struct search *s, const struct state *at)
{
	struct story *story = &s->walk.story;
	unsigned int changes = story->log.count;
	struct kf_recovered out;
	struct kf_error err;
	enum kf_status st;

	if (!s->walk.live || !story->dir[0] || !kf_assembler_ready(story->rig.a) || s->walk.order.state < KF_AT_DUMP)
		return;
	st = kf_recover(&story->rig.setup, story->dir, &out, &err);
	/* One that is stored has no journal left, and cannot be opened as if it had. */
	if ((st != KF_ABSENT && !(st && story->log.promise.stored)) || story->log.count != changes) {
		show(s, at);
		fail_msg("a second kferry-recv may take the dump while the first has it: %s", err.text);
	}
}

static unsigned int *place_of(struct search *s, uint64_t hash)
{
	size_t i = hash % (2 * STATES);

	while (s->hashes[i] && s->hashes[i] != hash)
		i = (i + 1) % (2 * STATES);
	s->hashes[i] = hash;
	return &s->numbers[i];
}

/* The number of the state in which the walk is, from 1; AT tells how it came there. */
static unsigned int number_of(struct search *s, struct state *at)
{
	unsigned int *number = place_of(s, walk_hash(&s->walk) | 1);
	struct walk_rest *rest;

	if (*number)
		return *number;
	check(s, at);
	intrude(s, at);
	assert_true(s->count + 1 < STATES);
	*number = ++s->count;
	if (!s->walk.live) {	/* from here the way is shorter */
		rest = malloc(sizeof(*rest));
		assert_non_null(rest);
		walk_take_rest(&s->walk, rest);
		s->rests[s->rest_count++] = rest;
		at->rest = rest;
		at->count = 0;
	}
	s->states[*number] = *at;
	return *number;
}

static void add_edge(struct search *s, unsigned int from, unsigned int to, unsigned int times)
{
	if (s->edge_count == s->edge_room) {
		s->edge_room = 2 * s->edge_room + 1000;
		s->edges = realloc(s->edges, s->edge_room * sizeof(*s->edges));
		assert_non_null(s->edges);
	}
	s->edges[s->edge_count++] = (struct edge){ from, to, times };
}

static void follow(struct search *s, unsigned int from, struct walk_event event, unsigned int times)
{
	struct state at = s->states[from];

	go_to(s, &at);
	walk_do(&s->walk, &event);
	assert_true(at.count < WALK_EVENTS);
	at.events[at.count++] = event;
	at.depth++;
	add_edge(s, from, number_of(s, &at), times);
}

/* Every event that can be in this state. Messages that the order table refuses all do the same. */
static unsigned int children_of(struct search *s, unsigned int from, struct walk_event *events, unsigned int *times)
{
	unsigned int count = 0, refused = 0, some = 0;
	bool live, jobs;

	go_to(s, &s->states[from]);
	live = s->walk.live;
	jobs = live && s->walk.story.rig.jobs;
	for (unsigned int i = 0; i < s->walk.count; i++) {
		if (!walk_may_say(&s->walk, i)) {
			refused++;
			some = i;
			continue;
		}
		/* A dump that is there is gone on with: a new one beside it has nothing to do with it. */
		if (s->walk.story.dir[0] && s->walk.messages[i].payload[0] != KF_HELLO_RESUME && s->walk.messages[i].type == KF_MSG_HELLO)
			continue;
		events[count++] = (struct walk_event){ WALK_SAY, i, 0 };
		events[count++] = (struct walk_event){ WALK_SAY, i, WALK_ALL_JOBS };
	}
	for (unsigned int i = 0; i < count; i++)
		times[i] = 1;
	if (live) {
		times[count] = refused;
		s->refused += refused;
		events[count++] = (struct walk_event){ WALK_SAY, some, WALK_ALL_JOBS };
		times[count] = 1;
		events[count++] = (struct walk_event){ .kind = WALK_BREAK };
		if (s->walk.order.state > KF_AT_HELLO_RESUME) {
			times[count] = 1;
			events[count++] = (struct walk_event){ .kind = WALK_SECOND };
		}
	}
	for (unsigned int k = 0; k < (jobs ? KILLS : 1); k++) {
		times[count] = 1;
		events[count++] = (struct walk_event){ .kind = WALK_KILL, .jobs = k };
	}
	assert_true(count <= CHILDREN);
	return count;
}

static void expand(struct search *s, unsigned int from)
{
	struct walk_event events[CHILDREN];
	unsigned int times[CHILDREN], count = children_of(s, from, events, times);

	for (unsigned int i = 0; i < count; i++)
		follow(s, from, events[i], times[i]);
}

/* How many ways of DEPTH events there are from state 1. */
static double orders(const struct search *s)
{
	double *ways = calloc(s->count + 1, sizeof(*ways)), *next = calloc(s->count + 1, sizeof(*next)), all = 0, *spare;

	assert_true(ways && next);
	ways[1] = 1;
	for (unsigned int d = 0; d < s->depth; d++) {
		memset(next, 0, (s->count + 1) * sizeof(*next));
		for (size_t i = 0; i < s->edge_count; i++)
			next[s->edges[i].to] += ways[s->edges[i].from] * s->edges[i].times;
		spare = ways;
		ways = next;
		next = spare;
	}
	for (unsigned int i = 1; i <= s->count; i++)
		all += ways[i];
	free(ways);
	free(next);
	return all;
}

static unsigned int message_of(const struct search *s, enum kf_type type)
{
	for (unsigned int i = 0; i < s->walk.count; i++)
		if (s->walk.messages[i].type == type)
			return i;
	fail_msg("no message of type %d", (int)type);
	return 0;
}

/* All ways of DEPTH events that begin with the messages of FIRST, up to KF_TYPES. */
static void search(const char *name, unsigned int depth, const enum kf_type *first)
{
	static struct search s;
	struct state at = { .rest = NULL };

	s = (struct search){ .depth = depth };
	s.states = calloc(STATES, sizeof(*s.states));
	s.hashes = calloc(2 * STATES, sizeof(*s.hashes));
	s.numbers = calloc(2 * STATES, sizeof(*s.numbers));
	s.rests = calloc(STATES, sizeof(struct walk_rest *));
	assert_true(s.states && s.hashes && s.numbers && s.rests);
	walk_init(&s.walk);
	diskjudge_init(&s.judge, &s.walk.story.plan);
	s.judge.bare = true;
	walk_from(&s.walk, NULL);
	for (; *first != KF_TYPES; first++) {
		at.events[at.count] = (struct walk_event){ WALK_SAY, message_of(&s, *first), WALK_ALL_JOBS };
		walk_do(&s.walk, &at.events[at.count++]);
	}
	number_of(&s, &at);
	for (unsigned int n = 1; n <= s.count; n++)
		if (s.states[n].depth < depth)
			expand(&s, n);
	print_message("%s, %u events: %.3g orders, %u states, %zu events done, %u messages refused by the table; a finished dump in %u states\n",
		      name, depth, orders(&s), s.count, s.edge_count, s.refused, s.finished);
	assert_true(depth < 6 || s.finished > 0);
	walk_from(&s.walk, NULL);
	for (unsigned int i = 0; i < s.rest_count; i++) {
		disk_deinit(&s.rests[i]->disk);
		free(s.rests[i]);
	}
	walk_deinit(&s.walk);
	diskjudge_deinit(&s.judge);
	free(s.states);
	free(s.hashes);
	free(s.numbers);
	free(s.rests);
	free(s.edges);
}

static unsigned int depth(const char *variable, unsigned int otherwise)
{
	const char *value = getenv(variable);

	return value ? (unsigned int)atoi(value) : otherwise;
}

static void from_the_preface(void **state)
{
	static const enum kf_type none[] = { KF_TYPES };

	(void)state;
	search("from the preface", depth("WALK_DEPTH", 5), none);
}

static void from_the_intro(void **state)
{
	static const enum kf_type intro[] = { KF_MSG_HELLO, KF_MSG_DUMP, KF_MSG_RAM, KF_TYPES };

	(void)state;
	search("behind the intro", depth("WALK_INTRO_DEPTH", 4), intro);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_preface),
		cmocka_unit_test(from_the_intro),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
