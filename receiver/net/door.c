// SPDX-License-Identifier: GPL-2.0-or-later
// The door: places, and who goes when another comes; see door.h.
#include "receiver/net/door_own.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/stream/clock.h"

#define SPILL 16384	/* bytes */

struct kf_door *kf_door_create(const struct kf_door_setup *setup)
{
	struct kf_door *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->setup = *setup;
	d->murmur.log = setup->log;
	return d;
}

void kf_door_destroy(struct kf_door *d)
{
	if (d)
		kf_door_clear(d);
	free(d);
}

/* Gives up its place. */
static void vacate(struct kf_guest *g)
{
	struct kf_door *d = g->door;
	unsigned int i = 0;

	while (d->guests[i] != g)
		i++;
	d->count--;
	memmove(&d->guests[i], &d->guests[i + 1], (d->count - i) * sizeof(struct kf_guest *));
}

void kf_guest_leaves(struct kf_guest *g)
{
	vacate(g);
	g->ops->destroy(g);
}

void kf_guest_sent_away(struct kf_guest *g, const char *fmt, ...)
{
	char why[KF_ERROR_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	kf_murmur_turned_away(&g->door->murmur, g->address, why);
	kf_guest_leaves(g);
}

void kf_guest_answer(int fd, const void *bytes, size_t n)
{
	uint8_t spill[SPILL];

	(void)!recv(fd, spill, sizeof(spill), MSG_DONTWAIT);
	(void)!send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
}

static void enter(struct kf_guest *g)
{
	struct kf_door *d = g->door;
	char peer[KF_ADDRESS_TEXT + KF_IDENTITY_TEXT + 8], identity[KF_IDENTITY_TEXT];
	struct kf_arrival a = { .channel = g->ops->take(g), .peer = peer, .identity = identity, .exposed = g->exposed };
	struct kf_error err;

	if (!a.channel) {
		kf_guest_sent_away(g, "no memory for it");
		return;
	}
	snprintf(identity, sizeof(identity), "%s", g->identity);
	if (strcmp(g->identity, g->address) == 0)
		snprintf(peer, sizeof(peer), "%s", g->address);
	else
		snprintf(peer, sizeof(peer), "%s at %s", g->identity, g->address);
	kf_guest_leaves(g);
	if (d->setup.enter(d->setup.ctx, &a, &err))
		kf_murmur_turned_away(&d->murmur, peer, err.text);
}

void kf_guest_is_known(struct kf_guest *g)
{
	g->known = true;
	if (g->door->setup.room(g->door->setup.ctx))
		enter(g);
}

void kf_door_open(struct kf_door *d)
{
	unsigned int i = 0;

	while (i < d->count && d->setup.room(d->setup.ctx))
		if (d->guests[i]->known)
			enter(d->guests[i]);
		else
			i++;
}

void kf_door_clear(struct kf_door *d)
{
	while (d->count)
		kf_guest_leaves(d->guests[0]);
}

static void overstayed(struct kf_guest *g)
{
	kf_guest_sent_away(g, "not known after %u s: it says nothing, or too slowly", g->door->setup.ms / 1000);
}

void kf_door_tick(struct kf_door *d)
{
	uint64_t now = kf_now_ms();
	unsigned int i = 0;

	while (i < d->count)
		if (!d->guests[i]->known && now - d->guests[i]->since >= d->setup.ms)
			overstayed(d->guests[i]);
		else
			i++;
	kf_murmur_tick(&d->murmur);
}

/* The first guest, of NETWORK if that is not NULL; one that waits for room only if there is no other. */
static struct kf_guest *first_of(const struct kf_door *d, const char *network)
{
	struct kf_guest *known = NULL;

	for (unsigned int i = 0; i < d->count; i++) {
		struct kf_guest *g = d->guests[i];

		if (network && strcmp(g->network, network) != 0)
			continue;
		if (!g->known)
			return g;
		if (!known)
			known = g;
	}
	return known;
}

/* Whether it had its time, so that it can go for another. */
static bool may_go(const struct kf_guest *g)
{
	return !g->known && kf_now_ms() - g->since >= g->door->setup.grace_ms;
}

bool kf_door_takes(const struct kf_door *d)
{
	return d->count < KF_DOOR_PLACES || may_go(first_of(d, NULL));
}

static unsigned int count_of(const struct kf_door *d, const char *network)
{
	unsigned int same = 0;

	for (unsigned int i = 0; i < d->count; i++)
		same += strcmp(d->guests[i]->network, network) == 0;
	return same;
}

static bool make_place(struct kf_door *d, const char *network)
{
	struct kf_guest *first;

	if (count_of(d, network) >= KF_DOOR_PLACES / 2) {
		first = first_of(d, network);
		if (!may_go(first))
			return false;
		kf_guest_sent_away(first, "%d others of %s wait at the door", KF_DOOR_PLACES / 2, network);
	} else if (d->count == KF_DOOR_PLACES) {
		kf_guest_sent_away(first_of(d, NULL), "%d others wait at the door", KF_DOOR_PLACES);
	}
	return true;
}

bool kf_guest_comes(struct kf_door *d, struct kf_guest *g, const struct kf_guest_ops *ops, const struct sockaddr *peer, socklen_t len)
{
	kf_address_host(g->address, peer, len);
	kf_address_network(g->network, peer, len);
	snprintf(g->identity, sizeof(g->identity), "%s", g->address);
	g->ops = ops;
	g->door = d;
	g->since = kf_now_ms();
	/* The listeners cannot wait for one address alone. */
	if (!make_place(d, g->network)) {
		kf_murmur_turned_away(&d->murmur, g->address, "too many of its address came just before it");
		ops->destroy(g);
		return false;
	}
	d->guests[d->count++] = g;
	return true;
}
