// Reads up to the next byte at which something happens, so that it happens exactly there.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "lane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// A lane that delays holds what is on its way.
enum { WAITING_MAX = 256 << 10, WAITING_MAX_DELAYED = 16 << 20 };

void lane_init(struct lane *lane, int from, int to, int record)
{
	*lane = (struct lane){ .from = from, .to = to, .record = record };
}

void lane_deinit(struct lane *lane)
{
	while (lane->first) {
		struct chunk *c = lane->first;

		lane->first = c->next;
		free(c);
	}
	free(lane->kept);
	if (lane->record >= 0)
		close(lane->record);
}

bool lane_actions(struct lane *lane, const struct script *s, unsigned int connection, enum direction d, uint64_t seed)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct rule *r = &s->rules[i];

		if (connection < r->first || connection > r->last || r->direction != d || r->verb >= REFUSE)
			continue;
		if (lane->action_count == LANE_ACTIONS)
			return false;
		lane->actions[lane->action_count++] =
			(struct action){ .at = script_place(s, i, connection, seed), .verb = r->verb, .arg = r->arg };
	}
	return true;
}

// ---- what comes in ----

static void append(struct lane *lane, const uint8_t *bytes, size_t len, uint64_t now)
{
	struct chunk *c = malloc(sizeof *c + len);

	if (!c)
		abort();
	*c = (struct chunk){ .due = now + lane->delay, .len = len };
	memcpy(c->bytes, bytes, len);
	if (lane->last)
		lane->last->next = c;
	else
		lane->first = c;
	lane->last = c;
	lane->waiting += len;
}

// What is to happen at the byte that comes next; NULL: nothing (any more).
static struct action *due_here(struct lane *lane)
{
	for (size_t i = 0; i < lane->action_count; i++)
		if (!lane->actions[i].done && lane->actions[i].at <= lane->in)
			return &lane->actions[i];
	return NULL;
}

static uint64_t begin_of(const struct action *a)
{
	return a->verb != AGAIN ? a->at : a->at > a->arg ? a->at - a->arg : 0;
}

// How many bytes may be read before something happens. A byte to be flipped is read alone.
static size_t free_run(const struct lane *lane)
{
	uint64_t run = CHUNK;

	if (lane->rate && run > lane->rate / 50 + 1)
		run = lane->rate / 50 + 1;
	if (lane->dropping && run > lane->dropping)
		run = lane->dropping;
	for (size_t i = 0; i < lane->action_count; i++) {
		const struct action *a = &lane->actions[i];

		if (!a->done && a->at > lane->in && a->at - lane->in < run)
			run = a->at - lane->in;
		if (!a->done && begin_of(a) > lane->in && begin_of(a) - lane->in < run)
			run = begin_of(a) - lane->in;
		if (a->verb == FLIP && a->at == lane->in)
			run = 1;
	}
	return run;
}

static void keep_for_again(struct lane *lane, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < lane->action_count; i++) {
		const struct action *a = &lane->actions[i];

		if (a->verb != AGAIN || a->done || lane->in < begin_of(a) || lane->in >= a->at)
			continue;
		lane->kept = realloc(lane->kept, lane->kept_len + len);
		if (!lane->kept)
			abort();
		memcpy(lane->kept + lane->kept_len, bytes, len);
		lane->kept_len += len;
	}
}

static void flip(const struct lane *lane, uint8_t *byte)
{
	for (size_t i = 0; i < lane->action_count; i++)
		if (lane->actions[i].verb == FLIP && lane->actions[i].at == lane->in)
			*byte ^= (uint8_t)(1 << lane->actions[i].arg);
}

static enum ending act(struct lane *lane, struct action *a, uint64_t now)
{
	switch (a->verb) {
	case CUT_FIN: return END_FIN;
	case CUT_RST: return END_RST;
	case SILENT: return END_SILENT;
	case TRUNCATE: return END_TRUNCATED;
	case SWALLOW: lane->swallowing = true; break;
	case HOLD: lane->open_at = now + a->arg * 1000; break;
	case DELAY: lane->delay = a->arg * 1000; break;
	case RATE: lane->rate = a->arg; break;
	case DROP: lane->dropping = a->arg; break;
	case AGAIN:
		append(lane, lane->kept, lane->kept_len, now);
		lane->kept_len = 0;
		break;
	default: break; // FLIP: when the byte has come
	}
	return GOING;
}

static enum ending act_here(struct lane *lane, uint64_t now, const struct lane_listener *l)
{
	struct action *a;

	while ((a = due_here(lane))) {
		enum ending e = act(lane, a, now);

		a->done = true;
		l->did(l->ctx, lane, a);
		if (e == END_TRUNCATED) {
			lane->ended = END_FIN;
			lane->swallowing = true;
			return GOING;
		}
		if (e != GOING)
			return e;
	}
	return GOING;
}

static void take(struct lane *lane, uint8_t *bytes, size_t len, uint64_t now)
{
	if (lane->record >= 0 && write(lane->record, bytes, len) != (ssize_t)len) {
		perror("kferry-relay: record");
		exit(2);
	}
	if (lane->rate)
		lane->open_at = (lane->open_at > now - 100000 ? lane->open_at : now) + len * 1000000 / lane->rate;
	flip(lane, bytes);
	keep_for_again(lane, bytes, len);
	lane->in += len;
	if (lane->dropping)
		lane->dropping -= len;
	else if (!lane->swallowing)
		append(lane, bytes, len, now);
}

static bool acting_is_due(const struct lane *lane)
{
	for (size_t i = 0; i < lane->action_count; i++)
		if (!lane->actions[i].done && lane->actions[i].at <= lane->in)
			return true;
	return false;
}

bool lane_wants_in(const struct lane *lane, uint64_t now, uint64_t *wake)
{
	if (lane->ended != GOING && !lane->swallowing)
		return false;
	if (lane->waiting >= (lane->delay ? WAITING_MAX_DELAYED : WAITING_MAX) || (lane->told && !lane->swallowing))
		return false;
	if (now < lane->open_at) {
		*wake = *wake < lane->open_at ? *wake : lane->open_at;
		return false;
	}
	if (acting_is_due(lane))
		*wake = now;
	return true;
}

enum ending lane_in(struct lane *lane, uint64_t now, const struct lane_listener *l)
{
	static uint8_t bytes[CHUNK];
	enum ending e = act_here(lane, now, l);
	ssize_t n;

	if (e != GOING || now < lane->open_at)
		return e;
	n = recv(lane->from, bytes, free_run(lane), MSG_DONTWAIT);
	if (n > 0)
		take(lane, bytes, (size_t)n, now);
	else if (n == 0 && lane->ended == GOING)
		lane->ended = END_FIN;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		lane->ended = END_RST;
	if (n == 0)
		lane->swallowing = false; // nothing more to wait for
	return n > 0 ? act_here(lane, now, l) : GOING;
}

// ---- what goes out ----

bool lane_wants_out(const struct lane *lane, uint64_t now, uint64_t *wake)
{
	if (!lane->first)
		return lane->ended != GOING && !lane->told;
	if (now >= lane->first->due)
		return true;
	*wake = *wake < lane->first->due ? *wake : lane->first->due;
	return false;
}

bool lane_out(struct lane *lane, uint64_t now)
{
	while (lane->first && now >= lane->first->due) {
		struct chunk *c = lane->first;
		ssize_t n = send(lane->to, c->bytes + c->at, c->len - c->at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->at += (size_t)n;
		lane->out += (uint64_t)n;
		lane->waiting -= (size_t)n;
		if (c->at < c->len)
			return true;
		lane->first = c->next;
		if (!lane->first)
			lane->last = NULL;
		free(c);
	}
	if (!lane->first && lane->ended == END_FIN && !lane->told) {
		lane->told = true;
		shutdown(lane->to, SHUT_WR);
	}
	return true;
}
