/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gates: all listeners, which lead to the one door. */
#ifndef KF_GATES_H
#define KF_GATES_H

#include "common/log.h"
#include "receiver/net/door.h"
#include "receiver/net/listener.h"

#define KF_GATES_MAX 16

struct kf_gates_setup {
	struct event_base *base;
	const struct kf_log *log;	/* borrowed */
	struct kf_door *door;		/* borrowed */
	const struct kf_tls_server *tls;	/* borrowed; NULL: nobody can be let in by TLS */
	bool plaintext;			/* see kf_listener_setup */
};

struct kf_gates {
	struct kf_gates_setup setup;
	struct kf_listener *listeners[KF_GATES_MAX];	/* owned */
	unsigned int count;
	bool wanted;		/* the listeners are; they may be waiting for the door */
	struct event *again;	/* owned: looks whether the door takes somebody */
};

/* KF_FAILED without memory; deinit is allowed then, and on one that is all zeros. */
enum kf_status kf_gates_init(struct kf_gates *g, const struct kf_gates_setup *setup, struct kf_error *err) kf_must_check;

/* The second takes FD, a socket that listens already, in any case. */
enum kf_status kf_gates_listen(struct kf_gates *g, const struct kf_target *target, struct kf_error *err) kf_must_check;
enum kf_status kf_gates_adopt(struct kf_gates *g, enum kf_scheme scheme, int fd, struct kf_error *err) kf_must_check;

/* Prints "listening on URL" to standard output for each, once nothing can fail any more. */
void kf_gates_announce(const struct kf_gates *g);

/* For tickets: the port of the first tls:// one that other machines reach, else of the first on loopback; 0: there is none. */
uint16_t kf_gates_tls_port(const struct kf_gates *g);

/* Whether connections are accepted, as far as the door takes them. */
void kf_gates_enable(struct kf_gates *g, bool on);
void kf_gates_deinit(struct kf_gates *g);

#endif
