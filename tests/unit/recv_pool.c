// SPDX-License-Identifier: GPL-2.0-or-later
// The worker pool: every job runs once, comes back once, and to the thread that reaps.
#include "tests/unit/unit.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "receiver/net/pool.h"

#define JOBS 5000

struct shared {
	pthread_t loop;
	_Atomic unsigned int runs;
	unsigned int done;
	unsigned int locals;
};

struct job {
	struct kf_job job;
	struct shared *shared;
	unsigned int runs;
};

static void *create(void)
{
	return calloc(1, sizeof(unsigned int));
}

static void destroy(void *local)
{
	free(local);
}

static void run(struct kf_job *job, void *local)
{
	struct job *j = (struct job *)job;
	unsigned int *mine = local;

	j->runs++;
	atomic_fetch_add(&j->shared->runs, 1);
	if (mine)
		(*mine)++;	/* a race, should two workers have the same */
}

static void done(struct kf_job *job)
{
	struct job *j = (struct job *)job;

	assert_true(pthread_equal(pthread_self(), j->shared->loop));
	assert_int_equal(j->runs, 1);
	j->shared->done++;
}

static void all_come_back(void **state)
{
	static const struct kf_pool_local local = { .create = create, .destroy = destroy };
	const struct kf_pool_local *const locals[] = { &local, NULL };

	(void)state;
	for (unsigned int threads = 1; threads <= 5; threads += 2) {
		struct shared shared = { .loop = pthread_self() };
		struct job *jobs = calloc(JOBS, sizeof(*jobs));
		struct kf_pool *pool;
		struct kf_executor executor;
		struct kf_error err;
		struct pollfd p;

		CHECK_OK("create", kf_pool_create(&pool, threads, locals[threads % 4 == 1], &err), &err);
		executor = kf_pool_executor(pool);
		p = (struct pollfd){ .fd = kf_pool_fd(pool), .events = POLLIN };
		for (unsigned int i = 0; i < JOBS; i++) {
			jobs[i] = (struct job){ .job = { .run = run, .done = done }, .shared = &shared };
			executor.submit(executor.ctx, &jobs[i].job);
			if (i % 7 == 0)
				kf_pool_reap(pool);
		}
		while (shared.done < JOBS) {
			assert_int_equal(poll(&p, 1, 10000), 1);
			kf_pool_reap(pool);
		}
		assert_int_equal(shared.runs, JOBS);
		kf_pool_reap(pool);	/* with nothing to reap it does not wait */
		assert_int_equal(poll(&p, 1, 0), 0);
		kf_pool_destroy(pool);
		free(jobs);
	}
	kf_pool_destroy(NULL);
}

struct gate {
	struct kf_job job;
	pthread_mutex_t shut;
	char *order;		/* what ran, one letter each */
	char letter;
};

static void pass(struct kf_job *job, void *local)
{
	struct gate *g = (struct gate *)job;

	(void)local;
	pthread_mutex_lock(&g->shut);
	pthread_mutex_unlock(&g->shut);
	strncat(g->order, &g->letter, 1);
}

static void passed(struct kf_job *job)
{
	(void)job;
}

/* One worker, kept busy: of what waits then, idle work comes last, whenever it was submitted. */
static void idle_work_waits(void **state)
{
	char order[8] = "";
	struct gate gates[6];
	struct kf_executor executor, idle;
	struct kf_pool *pool;
	struct kf_error err;

	(void)state;
	CHECK_OK("create", kf_pool_create(&pool, 1, NULL, &err), &err);
	executor = kf_pool_executor(pool);
	idle = kf_pool_idle_executor(pool);
	for (unsigned int i = 0; i < COUNT(gates); i++) {
		gates[i] = (struct gate){ .job = { .run = pass, .done = passed }, .order = order, .letter = "axbycd"[i] };
		pthread_mutex_init(&gates[i].shut, NULL);
		if (i == 0)
			pthread_mutex_lock(&gates[i].shut);
		if (gates[i].letter >= 'x')
			idle.submit(idle.ctx, &gates[i].job);
		else
			executor.submit(executor.ctx, &gates[i].job);
		if (i == 0)
			usleep(20000);	/* the worker has it, or will take it first */
	}
	pthread_mutex_unlock(&gates[0].shut);
	for (unsigned int i = 0; i < 1000 && strnlen(order, sizeof(order)) < COUNT(gates); i++)
		usleep(10000);
	kf_pool_reap(pool);
	kf_pool_destroy(pool);
	assert_string_equal(order, "abcdxy");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_come_back), cmocka_unit_test(idle_work_waits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
