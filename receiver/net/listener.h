/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A listening address, from what a user wrote to accepted connections. */
#ifndef KF_LISTENER_H
#define KF_LISTENER_H

#include <event2/event.h>
#include <stdbool.h>

#include "common/target.h"
#include "receiver/net/address.h"

struct kf_listener;

struct kf_listener_setup {
	struct event_base *base;
	const struct kf_target *target;	/* tcp:// only; port 0 takes a free one */
	bool plaintext;			/* an address that others reach is allowed */
	/* A connection came: FD is owned by the callee, and does not block. */
	void (*accepted)(void *ctx, int fd, const struct sockaddr *peer, socklen_t len);
	void *ctx;
};

/* KF_REFUSED if memory images would travel unencrypted between machines and nobody allowed that. */
enum kf_status kf_listener_create(struct kf_listener **listener, const struct kf_listener_setup *setup,
				  struct kf_error *err) kf_must_check;
void kf_listener_destroy(struct kf_listener *l);	/* NULL is allowed */

/* Its real address as a URL; lives as long as the listener. */
const char *kf_listener_url(const struct kf_listener *l);
bool kf_listener_is_loopback(const struct kf_listener *l);

/* Whether it accepts; connections that come meanwhile wait in the kernel's queue. */
void kf_listener_enable(struct kf_listener *l, bool on);

#endif
