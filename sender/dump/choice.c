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

/* By level, from LOWEST on. */
static const enum kf_wire_codec row[] = { KF_WIRE_PAGES, KF_WIRE_NONE, KF_WIRE_LZ4, KF_WIRE_ZSTD };

#define LOWEST (-1.0)
#define LZ4 1.0
#define HIGHEST 2.0
#define SHARED 4	/* one part of so many of the time without a core is too much */

static bool can_pack_pages(const struct kf_encoding *how)
{
	struct kf_encoding pages = { .wire = KF_WIRE_PAGES, .rest = how->rest, .page_shift = how->page_shift };

	return kf_encoding_known(&pages);
}

void kf_choice_init(struct kf_choice *c, const struct kf_encoding *how, const struct kf_transport_ops *ops)
{
	*c = (struct kf_choice){
		.automatic = how->automatic && ops->answers, .fixed = how->automatic ? KF_WIRE_LZ4 : how->wire,
		.home = KF_WIRE_NONE, .level = LZ4,
	};
	if (ops->dear)
		c->home = how->rest == KF_REST_LZO ? KF_WIRE_PAGES : KF_WIRE_LZ4;
	/* To check such a page is several times cheaper than to pack it. With lzo it is not, and raw pages need neither. */
	else if (how->rest == KF_REST_ZLIB || how->rest == KF_REST_ZSTD)
		c->pages_help = can_pack_pages(how);
}

static double home_level(const struct kf_choice *c)
{
	return c->home == KF_WIRE_NONE ? 0 : LZ4;
}

static enum kf_wire_codec at_level(const struct kf_choice *c, unsigned int above_lowest)
{
	enum kf_wire_codec wire = row[above_lowest];

	return wire == KF_WIRE_LZ4 && c->home != KF_WIRE_NONE ? c->home : wire;
}

bool kf_choice_may(const struct kf_choice *c, enum kf_wire_codec wire)
{
	if (!c->automatic)
		return wire == c->fixed;
	if (c->home != KF_WIRE_NONE)
		return wire == c->home || wire == KF_WIRE_ZSTD;
	return wire != KF_WIRE_PAGES || c->pages_help;
}

/* A core that has more than one thing to do has nothing to spare for the receiver, which may even share it. */
static double lowest(const struct kf_choice *c)
{
	bool spare = c->packing - c->on_core <= c->packing / SHARED;

	return c->pages_help && spare ? LOWEST : home_level(c);
}

static double towards(double level, double there, double step)
{
	if (level > there)
		return level - there > step ? level - step : there;
	return there - level > step ? level + step : there;
}

static void move(struct kf_choice *c, uint64_t period)
{
	double step = (c->looks < FIRST ? FIRST_STEP : STEP) / (double)period, level = c->level, low = lowest(c);

	level = towards(level, HIGHEST, step * (double)c->waited[KF_WAIT_LINK]);
	if (level > low)
		level = towards(level, low, step * (double)c->waited[KF_WAIT_PEER]);
	level = towards(level, home_level(c), step * (double)c->waited[KF_WAIT_CORE]);
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

	if (!c->automatic)
		return c->fixed;
	look(c, now);
	lower = (unsigned int)(c->level - LOWEST);
	c->owed += c->level - LOWEST - lower;
	if (c->owed < 1)
		return at_level(c, lower);
	c->owed -= 1;
	return at_level(c, lower + 1);
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

uint64_t kf_choice_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
