// SPDX-License-Identifier: GPL-2.0-or-later
// The tickets that are out; see tickets.h.
#include "receiver/net/tickets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum state { FREE, WAITING, USED, TOO_OLD };

struct ticket {
	enum state state;
	uint64_t deadline;	/* ms: of a waiting one until it is too old, of others until they are forgotten */
	uint8_t id[KF_TICKET_ID_BYTES], key[KF_TICKET_KEY_BYTES];
	char identity[KF_IDENTITY_MAX + 1];
};

struct kf_tickets {
	struct ticket all[KF_TICKETS_REMEMBERED];
};

struct kf_tickets *kf_tickets_create(void)
{
	return calloc(1, sizeof(struct kf_tickets));
}

void kf_tickets_destroy(struct kf_tickets *t)
{
	if (t)
		explicit_bzero(t, sizeof(*t));
	free(t);
}

/* Of no use from now on, but remembered. */
static void end(struct ticket *k, enum state how, uint64_t now)
{
	explicit_bzero(k->key, sizeof(k->key));
	k->state = how;
	k->deadline = now + KF_TICKETS_REMEMBERED_MS;
}

void kf_tickets_tick(struct kf_tickets *t, uint64_t now)
{
	for (size_t i = 0; i < KF_TICKETS_REMEMBERED; i++) {
		struct ticket *k = &t->all[i];

		if (k->state == FREE || now < k->deadline)
			continue;
		if (k->state == WAITING)
			end(k, TOO_OLD, now);
		else
			explicit_bzero(k, sizeof(*k));	/* and so free */
	}
}

static enum kf_status check_caps(const struct kf_tickets *t, const char *identity, struct kf_error *err)
{
	unsigned int all = 0, own = 0;

	for (size_t i = 0; i < KF_TICKETS_REMEMBERED; i++) {
		if (t->all[i].state != WAITING)
			continue;
		all++;
		own += strcmp(t->all[i].identity, identity) == 0;
	}
	if (own >= KF_TICKETS_OF_ONE)
		return kf_fail(err, KF_REFUSED, "%u tickets of %s wait to be used, no more are given", own, identity);
	if (all >= KF_TICKETS_WAITING)
		return kf_fail(err, KF_REFUSED, "%u tickets wait to be used, no more are given", all);
	return KF_OK;
}

/* A free place, else that of the one that would be forgotten next: there are more places than may wait. */
static struct ticket *find_place(struct kf_tickets *t)
{
	struct ticket *best = NULL;

	for (size_t i = 0; i < KF_TICKETS_REMEMBERED; i++) {
		struct ticket *k = &t->all[i];

		if (k->state == FREE)
			return k;
		if (k->state != WAITING && (!best || k->deadline < best->deadline))
			best = k;
	}
	return best;
}

enum kf_status kf_tickets_issue(struct kf_tickets *t, const char *identity, uint64_t now, uint8_t id[KF_TICKET_ID_BYTES],
				uint8_t key[KF_TICKET_KEY_BYTES], struct kf_error *err)
{
	struct ticket *k;
	enum kf_status st;

	kf_tickets_tick(t, now);
	st = check_caps(t, identity, err);
	if (st)
		return st;
	if (getrandom(id, KF_TICKET_ID_BYTES, 0) != KF_TICKET_ID_BYTES || getrandom(key, KF_TICKET_KEY_BYTES, 0) != KF_TICKET_KEY_BYTES)
		return kf_fail_errno(err, "no random bytes for a ticket");
	k = find_place(t);
	*k = (struct ticket){ .state = WAITING, .deadline = now + KF_TICKET_SECONDS * 1000ull };
	memcpy(k->id, id, sizeof(k->id));
	memcpy(k->key, key, sizeof(k->key));
	memcpy(k->identity, identity, strnlen(identity, KF_IDENTITY_MAX));
	return KF_OK;
}

static struct ticket *waiting(struct kf_tickets *t, const uint8_t *id, uint64_t now, struct kf_error *err)
{
	kf_tickets_tick(t, now);
	for (size_t i = 0; i < KF_TICKETS_REMEMBERED; i++) {
		struct ticket *k = &t->all[i];

		if (k->state == FREE || memcmp(k->id, id, sizeof(k->id)) != 0)
			continue;
		if (k->state == WAITING)
			return k;
		kf_set_error(err, KF_ABSENT, k->state == USED ? "ticket was used already; it is one of %s" : "ticket is too old; it is one of %s", k->identity);
		return NULL;
	}
	kf_set_error(err, KF_ABSENT, "no such ticket");
	return NULL;
}

enum kf_status kf_tickets_find(struct kf_tickets *t, const uint8_t id[KF_TICKET_ID_BYTES], uint64_t now,
			       uint8_t key[KF_TICKET_KEY_BYTES], struct kf_error *err)
{
	const struct ticket *k = waiting(t, id, now, err);

	if (!k)
		return KF_ABSENT;
	memcpy(key, k->key, sizeof(k->key));
	return KF_OK;
}

enum kf_status kf_tickets_use(struct kf_tickets *t, const uint8_t id[KF_TICKET_ID_BYTES], uint64_t now,
			      char identity[KF_IDENTITY_MAX + 1], struct kf_error *err)
{
	struct ticket *k = waiting(t, id, now, err);

	if (!k)
		return KF_ABSENT;
	memcpy(identity, k->identity, sizeof(k->identity));
	end(k, USED, now);
	return KF_OK;
}
