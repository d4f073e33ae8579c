// SPDX-License-Identifier: GPL-2.0-or-later
// Reads of the vmcore and allocations that fail, each in turn, alone or with all behind it: no hang, no crash, and what is
// called whole is right.
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/stream/peer.h"
#include "tests/unit/stream/sending.h"

enum fault {
	NONE,
	ERROR,		/* EIO, ENOMEM */
	SHORT,		/* half of what was asked for */
	END_OF_FILE,	/* nothing */
	INTERRUPTED,
};

/* Calls of the program are counted while it is armed, and those from FROM on, COUNT of them, go wrong. Linked with --wrap, so that
 * libraries are spared. */
struct calls {
	atomic_bool armed;
	enum fault fault;
	unsigned int from, count;
	atomic_uint made;
};

static struct calls reads, allocations, mappings;
static struct peer p;	/* what it allocates is there */

static enum fault next(struct calls *c)
{
	unsigned int n;

	if (!c->armed || (p.steps && pthread_equal(pthread_self(), p.thread)))
		return NONE;
	n = ++c->made;
	return n >= c->from && n - c->from < c->count ? c->fault : NONE;
}

static void arm(struct calls *c, enum fault fault, unsigned int from, unsigned int count)
{
	c->fault = fault;
	c->from = from;
	c->count = count;
	c->made = 0;
	c->armed = true;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t n, size_t bytes);
void *__real_realloc(void *at, size_t bytes);
ssize_t __real_pread(int fd, void *bytes, size_t len, off_t at);
void *__real_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__wrap_realloc(void *at, size_t bytes);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);

void *__wrap_malloc(size_t bytes)
{
	return next(&allocations) ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t n, size_t bytes)
{
	return next(&allocations) ? NULL : __real_calloc(n, bytes);
}

void *__wrap_realloc(void *at, size_t bytes)
{
	return next(&allocations) ? NULL : __real_realloc(at, bytes);
}

ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t at)
{
	switch (next(&reads)) {
	case ERROR:
		errno = EIO;
		return -1;
	case INTERRUPTED:
		errno = EINTR;
		return -1;
	case SHORT:
		return __real_pread(fd, bytes, (len + 1) / 2, at);
	case END_OF_FILE:
		return 0;
	default:
		return __real_pread(fd, bytes, len, at);
	}
}

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	if (!next(&mappings))
		return __real_mmap(at, len, prot, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

static struct sending s;
static struct kf_error err;

static enum kf_status run(bool no_mmap)
{
	struct kf_dump_setup setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	enum kf_status st;
	char unfinished[160];

	snprintf(unfinished, sizeof(unfinished), "%s-incomplete", s.path);
	unlink(unfinished);
	setup.no_mmap = no_mmap;
	setup.threads = 2;
	err = (struct kf_error){ 0 };
	st = sending_run(&s, &setup, &err);
	reads.armed = allocations.armed = mappings.armed = false;
	unlink(unfinished);
	return st;
}

/* How it may end: failed, with a reason and without a file that looks whole; or with a file that is right. */
static void check(const char *name, enum kf_status st, uint64_t *kept, uint64_t *unreadable)
{
	struct reading r;

	*kept = *unreadable = 0;
	if (st && st != KF_INCOMPLETE) {
		CHECK(name, err.status == st && err.text[0]);
		CHECK_EQ(name, access(s.path, F_OK), -1);
		return;
	}
	sending_check_honest(&s, &r, name, 31);
	*kept = r.tally.pages[KF_KEPT];
	*unreadable = r.tally.unreadable;
	reading_free(&r);
}

static void reads_that_fail(void **state)
{
	static const struct {
		const char *name;
		enum fault fault;
	} rows[] = { { "EIO", ERROR }, { "end of file", END_OF_FILE } };
	unsigned int all, failed = 0, lost_some = 0;
	uint64_t kept, unreadable, whole;

	(void)state;
	sending_create(&s, &sending_small);
	arm(&reads, NONE, 0, 0);
	CHECK_OK("undisturbed", run(true), &err);
	all = reads.made;
	check("undisturbed", KF_OK, &whole, &unreadable);
	assert_int_equal(unreadable, 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned int at = 1; at <= all; at += at < 40 ? 1 + at / 3 : all / 6) {
			for (unsigned int count = 1; count; count = count == 1 ? (at < 40 ? ~0u : 100) : 0) {
				enum kf_status st;
				char name[96];

				snprintf(name, sizeof(name), "%s at read %u of %u, %u times", rows[i].name, at, all, count);
				arm(&reads, rows[i].fault, at, count);
				st = run(true);
				check(name, st, &kept, &unreadable);
				failed += st && st != KF_INCOMPLETE;
				lost_some += unreadable > 0;
				/* A page that can be decided no more is kept, and what is kept and cannot be read is counted. */
				if (!st)
					CHECK(name, kept >= whole && (count != ~0u || kept > whole || unreadable || at == all));
			}
		}
	print_message("%u reads; %u runs failed, %u lost pages\n", all, failed, lost_some);
	assert_true(failed > 0 && lost_some > 5);
	sending_destroy(&s);
}

/* They are no faults: what they leave out is asked for again. */
static void reads_in_pieces(void **state)
{
	static const enum fault faults[] = { SHORT, INTERRUPTED };
	uint64_t kept, unreadable, whole;

	(void)state;
	sending_create(&s, &sending_small);
	CHECK_OK("undisturbed", run(true), &err);
	check("undisturbed", KF_OK, &whole, &unreadable);
	for (size_t i = 0; i < COUNT(faults); i++)
		for (unsigned int at = 1; at <= 1000; at += 333) {
			arm(&reads, faults[i], at, faults[i] == SHORT ? ~0u : 3);
			CHECK_OK("in pieces", run(true), &err);
			check("in pieces", KF_OK, &kept, &unreadable);
			assert_int_equal(kept, whole);
			assert_int_equal(unreadable, 0);
		}
	sending_destroy(&s);
}

/* What cannot be mapped is read. */
static void mappings_that_fail(void **state)
{
	uint64_t kept, unreadable, whole;
	unsigned int all;

	(void)state;
	sending_create(&s, &sending_small);
	arm(&mappings, NONE, 0, 0);
	CHECK_OK("undisturbed", run(false), &err);
	all = mappings.made;
	check("undisturbed", KF_OK, &whole, &unreadable);
	assert_true(all > 0);
	for (unsigned int at = 1; at <= all; at++)
		for (unsigned int count = 1; count; count = count == 1 ? ~0u : 0) {
			arm(&mappings, ERROR, at, count);
			CHECK_OK("not mapped", run(false), &err);
			check("not mapped", KF_OK, &kept, &unreadable);
			assert_int_equal(kept, whole);
			assert_int_equal(unreadable, 0);
		}
	sending_destroy(&s);
}

static void allocations_that_fail(void **state)
{
	uint64_t kept, unreadable;
	unsigned int all, failed = 0;

	(void)state;
	sending_create(&s, &sending_small);
	arm(&allocations, NONE, 0, 0);
	CHECK_OK("undisturbed", run(false), &err);
	all = allocations.made;
	assert_true(all > 30);
	for (unsigned int at = 1; at <= all; at++)
		for (unsigned int count = 1; count; count = count == 1 ? ~0u : 0) {
			enum kf_status st;
			char name[64];

			snprintf(name, sizeof(name), "allocation %u of %u, %u times", at, all, count);
			arm(&allocations, ERROR, at, count);
			st = run(false);
			check(name, st, &kept, &unreadable);
			failed += st != KF_OK;
		}
	print_message("%u allocations; %u runs failed\n", all, failed);
	assert_true(failed > 10);
	sending_destroy(&s);
}

/* With a receiver, and a connection that breaks: it ends, one way or the other. */
static void allocations_that_fail_between_connections(void **state)
{
	static const struct peer_step steps[] = { { .end = PEER_BREAKS, .windows = 3 }, { .end = PEER_STORES } };
	struct kf_log silent = { .out = stderr, .program = "test" };
	unsigned int all = 0, stored = 0;
	struct peer whole;

	(void)state;
	sending_create(&s, &sending_small);
	CHECK_OK("in one piece", run(false), &err);
	peer_load(&whole, s.path);
	for (unsigned int at = 0; at <= all + 3; at += 4) {
		struct kf_dump_setup setup = sending_setup(&s, 31, KF_WIRE_LZ4);
		enum kf_status st;
		char name[64];

		snprintf(name, sizeof(name), "allocation %u of %u", at, all);
		peer_start(&p, steps, COUNT(steps));
		setup.targets = &p.target;
		setup.give_up = 1;
		allocations.armed = false;
		arm(&allocations, ERROR, at, at ? 1 : 0);
		st = kf_dump_run(&setup, &silent, &err);
		allocations.armed = false;
		if (!at)
			all = allocations.made;
		peer_end(&p);
		stored += !st;
		CHECK(name, at || !st);
		CHECK(name, !st || err.text[0]);
		if (!st && p.len == whole.len)	/* else it has fewer vital pages, or keeps more of the others */
			peer_compare(name, &p, &whole);
		peer_free(&p);
	}
	p.steps = NULL;
	print_message("%u allocations; %u runs were stored\n", all, stored);
	assert_true(all > 50 && stored >= 1);
	peer_free(&whole);
	sending_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_that_fail),
		cmocka_unit_test(reads_in_pieces),
		cmocka_unit_test(mappings_that_fail),
		cmocka_unit_test(allocations_that_fail),
		cmocka_unit_test(allocations_that_fail_between_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
