// SPDX-License-Identifier: GPL-2.0-or-later
// The choice of a wire codec; see choice.h.
#include "sender/dump/choice.h"

#include <time.h>

/* The waits of so long are looked at together. A batch takes half a millisecond, a socket's buffer tens of them to fill or to drain. */
#define PERIOD_NS 10000000u
/* Steps that a period of nothing but waiting makes; and the first few periods, as nothing is known before. */
#define STEP 0.25
#define FIRST_STEP 1.0
#define FIRST 8u
#define SHARED 4	/* one part of so many of the time without a core is too much */

static void add(struct kf_choice *c, enum kf_wire_codec wire)
{
	c->row[c->count++] = wire;
}

/* To check such a page is several times cheaper than to pack it. With lzo it is not, and raw pages need neither. */
static bool pages_spare_receiver(const struct kf_encoding *how)
{
	struct kf_encoding pages = { .wire = KF_WIRE_PAGES, .rest = how->rest, .page_shift = how->page_shift };

	return (how->rest == KF_REST_ZLIB || how->rest == KF_REST_ZSTD) && kf_encoding_known(&pages);
}

void kf_choice_init(struct kf_choice *c, const struct kf_encoding *how, bool answers, bool dear)
{
	*c = (struct kf_choice){ 0 };
	if (!how->automatic || !answers) {
		add(c, how->automatic ? KF_WIRE_LZ4 : how->wire);
		return;
	}
	if (dear) {
		add(c, how->rest == KF_REST_LZO ? KF_WIRE_PAGES : KF_WIRE_LZ4);
	} else {
		if (pages_spare_receiver(how))
			add(c, KF_WIRE_PAGES);
		c->home = c->count;
		add(c, KF_WIRE_NONE);
		c->level = c->count;
		add(c, KF_WIRE_LZ4);
	}
	add(c, KF_WIRE_ZSTD);
}

bool kf_choice_may(const struct kf_choice *c, enum kf_wire_codec wire)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->row[i] == wire)
			return true;
	return false;
}

static double towards(double level, double there, double step)
{
	if (level > there)
		return level - there > step ? level - step : there;
	return there - level > step ? level + step : there;
}

/* What a wait of which only the end is in this period moves the level by. */
static double steps(const struct kf_choice *c, enum kf_wait what, uint64_t period)
{
	double step = c->looks < FIRST ? FIRST_STEP : STEP;

	return c->waited[what] < period ? step * (double)c->waited[what] / (double)period : step;
}

static void move(struct kf_choice *c, uint64_t period)
{
	/* A core that has more than one thing to do has nothing to spare for the receiver, which may even share it. */
	bool spare = c->packing - c->on_core <= c->packing / SHARED;
	double level = c->level, low = spare ? 0 : c->home;

	level = towards(level, c->count - 1, steps(c, KF_WAIT_LINK, period));
	if (level > low)
		level = towards(level, low, steps(c, KF_WAIT_PEER, period));
	level = towards(level, c->home, steps(c, KF_WAIT_CORE, period));
	c->level = level < low ? towards(level, low, STEP) : level;
}

static void look(struct kf_choice *c, uint64_t now)
{
	if (c->since && now - c->since < PERIOD_NS)
		return;
	if (c->since) {
		move(c, now - c->since);
		c->looks++;
	}
	c->since = now;
	for (unsigned int i = 0; i < KF_WAITS; i++)
		c->waited[i] = 0;
	c->packing = c->on_core = 0;
}

enum kf_wire_codec kf_choice_next(struct kf_choice *c, uint64_t now)
{
	unsigned int lower;

	if (!kf_choice_is_open(c))
		return c->row[0];
	look(c, now);
	lower = (unsigned int)c->level;
	c->owed += c->level - lower;
	if (c->owed < 1)
		return c->row[lower];
	c->owed -= 1;
	return c->row[lower + 1];
}

void kf_choice_waited(struct kf_choice *c, enum kf_wait what, uint64_t ns)
{
	c->waited[what] += ns;
}

void kf_choice_packed(struct kf_choice *c, uint64_t took, uint64_t on_core)
{
	c->packing += took;
	c->on_core += on_core < took ? on_core : took;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t kf_choice_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t kf_choice_core(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
