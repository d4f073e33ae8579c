// SPDX-License-Identifier: GPL-2.0-or-later
// The one loop; see loop.h.
#include "receiver/net/loop.h"

#include <signal.h>

#include "receiver/stream/assemble.h"

#define DISK_THREADS 4

static void on_reap(evutil_socket_t fd, short what, void *pool)
{
	(void)fd, (void)what;
	kf_pool_reap(pool);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_loop *l = ctx;

	(void)fd, (void)what;
	l->setup.tick(l->setup.ctx);
}

static void on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct kf_loop *l = ctx;

	(void)what;
	l->setup.stop(l->setup.ctx, number);
}

static struct event_base *make_base(void)
{
	/* Standard input and streams to replay may be files, which epoll does not take. */
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_require_features(config, EV_FEATURE_FDS) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static struct event *add(struct event *e, const struct timeval *every)
{
	if (e && event_add(e, every)) {
		event_free(e);
		return NULL;
	}
	return e;
}

static enum kf_status make_events(struct kf_loop *l, struct kf_error *err)
{
	const struct timeval second = { .tv_sec = 1 };
	const short often = EV_READ | EV_PERSIST;

	l->base = make_base();
	if (!l->base)
		return kf_fail(err, KF_FAILED, "no event loop");
	l->reap_workers = add(event_new(l->base, kf_pool_fd(l->workers), often, on_reap, l->workers), NULL);
	l->reap_disk = add(event_new(l->base, kf_pool_fd(l->disk), often, on_reap, l->disk), NULL);
	l->tick = add(event_new(l->base, -1, EV_PERSIST, on_tick, l), &second);
	l->on_term = add(evsignal_new(l->base, SIGTERM, on_signal, l), NULL);
	l->on_int = add(evsignal_new(l->base, SIGINT, on_signal, l), NULL);
	if (!l->reap_workers || !l->reap_disk || !l->tick || !l->on_term || !l->on_int)
		return kf_fail(err, KF_FAILED, "no memory for events");
	return KF_OK;
}

enum kf_status kf_loop_init(struct kf_loop *l, const struct kf_loop_setup *setup, struct kf_error *err)
{
	static const struct kf_pool_local own = { .create = kf_worker_create, .destroy = kf_worker_destroy };
	enum kf_status st;

	*l = (struct kf_loop){ .setup = *setup };
	st = kf_pool_create(&l->workers, setup->threads, &own, err);
	if (!st)
		st = kf_pool_create(&l->disk, DISK_THREADS, NULL, err);
	if (!st)
		st = make_events(l, err);
	if (st)
		kf_loop_deinit(l);
	return st;
}

void kf_loop_deinit(struct kf_loop *l)
{
	struct event *const events[] = { l->reap_workers, l->reap_disk, l->tick, l->on_term, l->on_int };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	kf_pool_destroy(l->workers);
	kf_pool_destroy(l->disk);
	if (l->base)
		event_base_free(l->base);
	*l = (struct kf_loop){ 0 };
}

enum kf_status kf_loop_run(struct kf_loop *l)
{
	return event_base_dispatch(l->base) < 0 ? KF_FAILED : KF_OK;
}

void kf_loop_end(struct kf_loop *l)
{
	event_base_loopbreak(l->base);
}
