// SPDX-License-Identifier: GPL-2.0-or-later
// All listeners; see gates.h.
#include "receiver/net/gates.h"

#include <unistd.h>

#define LOOK_AGAIN_US 10000

/* The door is full of those who came just now: a flood waits in the kernel's queue. */
static void follow_door(struct kf_gates *g)
{
	static const struct timeval soon = { .tv_usec = LOOK_AGAIN_US };
	bool takes = kf_door_takes(g->setup.door);

	for (unsigned int i = 0; i < g->count; i++)
		kf_listener_enable(g->listeners[i], g->wanted && takes);
	if (g->wanted && !takes)
		event_add(g->again, &soon);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	follow_door(ctx);
}

enum kf_status kf_gates_init(struct kf_gates *g, const struct kf_gates_setup *setup, struct kf_error *err)
{
	*g = (struct kf_gates){ .setup = *setup, .wanted = true };
	g->again = evtimer_new(setup->base, on_again, g);
	return g->again ? KF_OK : kf_fail(err, KF_FAILED, "no memory for listeners");
}

static void accepted(void *ctx, const struct kf_listener *l, int fd, const struct sockaddr *peer, socklen_t len)
{
	struct kf_gates *g = ctx;

	if (kf_listener_is_tls(l))
		kf_door_tls(g->setup.door, g->setup.tls, fd, peer, len);
	else
		kf_door_plain(g->setup.door, fd, peer, len, kf_listener_is_exposed(l));
	if (!kf_door_takes(g->setup.door))
		follow_door(g);
}

static struct kf_listener_setup setup_for(struct kf_gates *g, const struct kf_target *target)
{
	return (struct kf_listener_setup){
		.base = g->setup.base, .target = target, .plaintext = g->setup.plaintext, .accepted = accepted, .ctx = g,
	};
}

static enum kf_status check(const struct kf_gates *g, enum kf_scheme scheme, struct kf_error *err)
{
	if (g->count == KF_GATES_MAX)
		return kf_fail(err, KF_INVALID, "more than %d listening addresses", KF_GATES_MAX);
	if (scheme == KF_SCHEME_TLS && !g->setup.tls)
		return kf_fail(err, KF_INVALID, "nobody could come in by tls://: give --psk-dir, or --tls-ca, --tls-cert and --tls-key");
	return KF_OK;
}

void kf_gates_announce(const struct kf_gates *g)
{
	for (unsigned int i = 0; i < g->count; i++) {
		const struct kf_listener *l = g->listeners[i];

		if (kf_listener_is_exposed(l))
			kf_log(g->setup.log, KF_LOG_ERROR,
			       "WARNING: whole memory images, with every secret in them, travel UNENCRYPTED to %s", kf_listener_url(l));
		printf("listening on %s\n", kf_listener_url(l));
	}
	fflush(stdout);
}

enum kf_status kf_gates_listen(struct kf_gates *g, const struct kf_target *target, struct kf_error *err)
{
	const struct kf_listener_setup setup = setup_for(g, target);
	enum kf_status st = check(g, target->scheme, err);
	struct kf_listener *l;

	if (!st)
		st = kf_listener_create(&l, &setup, err);
	if (!st)
		g->listeners[g->count++] = l;
	return st;
}

enum kf_status kf_gates_adopt(struct kf_gates *g, enum kf_scheme scheme, int fd, struct kf_error *err)
{
	const struct kf_listener_setup setup = setup_for(g, NULL);
	enum kf_status st = check(g, scheme, err);
	struct kf_listener *l;

	if (st) {
		close(fd);
		return st;
	}
	st = kf_listener_adopt(&l, &setup, scheme, fd, err);
	if (!st)
		g->listeners[g->count++] = l;
	return st;
}

uint16_t kf_gates_tls_port(const struct kf_gates *g)
{
	uint16_t here = 0;

	for (unsigned int i = 0; i < g->count; i++) {
		const struct kf_listener *l = g->listeners[i];

		if (kf_listener_is_tls(l) && !kf_listener_is_loopback(l))
			return kf_listener_port(l);
		if (kf_listener_is_tls(l) && !here)
			here = kf_listener_port(l);
	}
	return here;
}

void kf_gates_enable(struct kf_gates *g, bool on)
{
	g->wanted = on;
	follow_door(g);
}

void kf_gates_deinit(struct kf_gates *g)
{
	for (unsigned int i = 0; i < g->count; i++)
		kf_listener_destroy(g->listeners[i]);
	if (g->again)
		event_free(g->again);
	*g = (struct kf_gates){ 0 };
}
