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
	const struct kf_target *target;	/* tcp:// or tls://; port 0 takes a free one */
	bool plaintext;			/* tcp:// on an address that others reach is allowed */
	/* A connection came: FD is owned by the callee, and does not block. A few at most in each turn of the loop, so that a flood
	 * of them does not stop the sessions. */
	void (*accepted)(void *ctx, const struct kf_listener *l, int fd, const struct sockaddr *peer, socklen_t len);
	void *ctx;
};

/* KF_REFUSED if memory images would travel unencrypted between machines and nobody allowed that. */
enum kf_status kf_listener_create(struct kf_listener **listener, const struct kf_listener_setup *setup,
				  struct kf_error *err) kf_must_check;
/* The same for a socket that listens already, at an internet address; takes FD in any case. The setup's target is not looked at.
 * KF_INVALID for a scheme that cannot be listened on. */
enum kf_status kf_listener_adopt(struct kf_listener **listener, const struct kf_listener_setup *setup, enum kf_scheme scheme, int fd,
				 struct kf_error *err) kf_must_check;
void kf_listener_destroy(struct kf_listener *l);	/* NULL is allowed */

/* Its real address as a URL; lives as long as the listener. */
const char *kf_listener_url(const struct kf_listener *l);
uint16_t kf_listener_port(const struct kf_listener *l);
/* Whether it is a tls:// one. */
bool kf_listener_is_tls(const struct kf_listener *l);
/* Whether what comes through it is readable for others on its way. */
bool kf_listener_is_exposed(const struct kf_listener *l);
/* Whether only this machine reaches it. */
bool kf_listener_is_loopback(const struct kf_listener *l);

/* Whether it accepts; connections that come meanwhile wait in the kernel's queue. */
void kf_listener_enable(struct kf_listener *l, bool on);

#endif
