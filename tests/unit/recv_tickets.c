// SPDX-License-Identifier: GPL-2.0-or-later
// The table of tickets, with a clock that the test sets: one use, 60 seconds, caps.
#include "tests/unit/unit.h"

#include "receiver/net/tickets.h"

#define SECOND 1000u
#define NOON 5000000u	/* ms; any */

struct given {
	uint8_t id[KF_TICKET_ID_BYTES], key[KF_TICKET_KEY_BYTES];
};

static void issue(struct kf_tickets *t, const char *identity, uint64_t now, struct given *g)
{
	struct kf_error err;

	CHECK_OK(identity, kf_tickets_issue(t, identity, now, g->id, g->key, &err), &err);
}

static void refused(struct kf_tickets *t, const char *identity, uint64_t now, const char *text)
{
	struct given g;
	struct kf_error err;

	CHECK_REFUSED(identity, kf_tickets_issue(t, identity, now, g.id, g.key, &err), KF_REFUSED, &err, text);
}

static void found(struct kf_tickets *t, const struct given *g, uint64_t now)
{
	uint8_t key[KF_TICKET_KEY_BYTES];
	struct kf_error err;

	CHECK_OK("find", kf_tickets_find(t, g->id, now, key, &err), &err);
	assert_memory_equal(key, g->key, sizeof(key));
}

static void used(struct kf_tickets *t, const struct given *g, uint64_t now, const char *identity)
{
	char got[KF_IDENTITY_MAX + 1];
	struct kf_error err;

	CHECK_OK(identity, kf_tickets_use(t, g->id, now, got, &err), &err);
	assert_string_equal(got, identity);
}

/* Neither found nor used, and the reason. */
static void gone(struct kf_tickets *t, const struct given *g, uint64_t now, const char *why)
{
	uint8_t key[KF_TICKET_KEY_BYTES];
	char identity[KF_IDENTITY_MAX + 1];
	struct kf_error err;

	CHECK_REFUSED(why, kf_tickets_find(t, g->id, now, key, &err), KF_ABSENT, &err, why);
	CHECK_REFUSED(why, kf_tickets_use(t, g->id, now, identity, &err), KF_ABSENT, &err, why);
}

static void works_once(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given a, b, stranger = { .id = { 1 } };

	(void)state;
	issue(t, "web7", NOON, &a);
	issue(t, "db1", NOON, &b);
	assert_memory_not_equal(a.id, b.id, sizeof(a.id));
	assert_memory_not_equal(a.key, b.key, sizeof(a.key));
	found(t, &a, NOON);
	found(t, &a, NOON + SECOND);	/* a handshake may look twice */
	found(t, &b, NOON + SECOND);
	used(t, &a, NOON + SECOND, "web7");
	gone(t, &a, NOON + SECOND, "ticket was used already; it is one of web7");
	gone(t, &a, NOON + 30 * SECOND, "ticket was used already; it is one of web7");
	used(t, &b, NOON + 31 * SECOND, "db1");
	gone(t, &stranger, NOON + 31 * SECOND, "no such ticket");
	kf_tickets_destroy(t);
	kf_tickets_destroy(NULL);
}

static void works_for_a_minute(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given a, b;

	(void)state;
	issue(t, "web7", NOON, &a);
	issue(t, "web7", NOON + SECOND, &b);
	found(t, &a, NOON + 60 * SECOND - 1);
	gone(t, &a, NOON + 60 * SECOND, "ticket is too old; it is one of web7");
	used(t, &b, NOON + 61 * SECOND - 1, "web7");
	gone(t, &a, NOON, "ticket is too old");		/* it does not come back with the clock */
	kf_tickets_destroy(t);
}

static void dead_ones_are_forgotten(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given a, b;

	(void)state;
	issue(t, "web7", NOON, &a);
	issue(t, "web7", NOON, &b);
	used(t, &a, NOON, "web7");
	gone(t, &a, NOON + KF_TICKETS_REMEMBERED_MS - 1, "used already");
	gone(t, &a, NOON + KF_TICKETS_REMEMBERED_MS, "no such ticket");
	kf_tickets_tick(t, NOON + 3 * KF_TICKETS_REMEMBERED_MS);
	kf_tickets_tick(t, NOON + 6 * KF_TICKETS_REMEMBERED_MS);
	gone(t, &b, NOON + 6 * KF_TICKETS_REMEMBERED_MS, "no such ticket");
	kf_tickets_destroy(t);
}

static void few_of_one_identity(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given g[KF_TICKETS_OF_ONE], other;

	(void)state;
	for (unsigned int i = 0; i < KF_TICKETS_OF_ONE; i++)
		issue(t, "web7", NOON + i, &g[i]);
	refused(t, "web7", NOON + 20, "16 tickets of web7 wait");
	issue(t, "web77", NOON + 20, &other);
	used(t, &g[3], NOON + 20, "web7");
	issue(t, "web7", NOON + 21, &g[3]);
	refused(t, "web7", NOON + 21, "16 tickets");
	issue(t, "web7", NOON + 60 * SECOND, &g[0]);	/* the first one is too old by now */
	refused(t, "web7", NOON + 60 * SECOND, "16 tickets");
	kf_tickets_destroy(t);
}

static void few_in_all(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given g;
	char identity[16];

	(void)state;
	for (unsigned int i = 0; i < KF_TICKETS_WAITING; i++) {
		snprintf(identity, sizeof(identity), "host%u", i);
		issue(t, identity, NOON, &g);
	}
	refused(t, "one-more", NOON + 59 * SECOND, "256 tickets wait");
	issue(t, "one-more", NOON + 60 * SECOND, &g);
	kf_tickets_destroy(t);
}

/* Thousands that are asked for and used: the places of the dead are taken again, the oldest first, and no living one is hurt. */
static void thousands(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given waits, first, g;

	(void)state;
	issue(t, "patient", NOON, &waits);
	issue(t, "busy", NOON, &first);
	used(t, &first, NOON, "busy");
	for (unsigned int i = 0; i < 5000; i++) {
		issue(t, "busy", NOON + i, &g);
		used(t, &g, NOON + i, "busy");
	}
	gone(t, &g, NOON + 5000, "used already");
	gone(t, &first, NOON + 5000, "no such ticket");
	found(t, &waits, NOON + 5000);
	used(t, &waits, NOON + 5000, "patient");
	kf_tickets_destroy(t);
}

/* Two handshakes with one ticket at the same time: both find it, one has it. */
static void two_at_once(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	struct given g;

	(void)state;
	issue(t, "web7", NOON, &g);
	found(t, &g, NOON);
	found(t, &g, NOON);
	used(t, &g, NOON, "web7");
	gone(t, &g, NOON, "used already");
	kf_tickets_destroy(t);
}

/* Where a key lies in memory, it is gone with its use; the table is one piece of memory. */
static void keys_are_wiped(void **state)
{
	struct kf_tickets *t = kf_tickets_create();
	size_t size = KF_TICKETS_REMEMBERED * (KF_TICKET_ID_BYTES + KF_TICKET_KEY_BYTES + KF_IDENTITY_MAX + 1);
	struct given a, b;

	(void)state;
	issue(t, "web7", NOON, &a);
	issue(t, "web7", NOON, &b);
	assert_non_null(memmem(t, size, a.key, sizeof(a.key)));
	assert_non_null(memmem(t, size, b.key, sizeof(b.key)));
	used(t, &a, NOON, "web7");
	assert_null(memmem(t, size, a.key, sizeof(a.key)));
	kf_tickets_tick(t, NOON + 60 * SECOND);
	assert_null(memmem(t, size, b.key, sizeof(b.key)));
	kf_tickets_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(works_once),
		cmocka_unit_test(works_for_a_minute),
		cmocka_unit_test(dead_ones_are_forgotten),
		cmocka_unit_test(few_of_one_identity),
		cmocka_unit_test(few_in_all),
		cmocka_unit_test(thousands),
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(keys_are_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
