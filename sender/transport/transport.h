/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transports: how the stream's bytes leave this machine. One table of operations each, one file each. */
#ifndef KF_TRANSPORT_H
#define KF_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/status.h"
#include "common/target.h"
#include "sender/transport/trust.h"

struct kf_transport;

enum kf_ready {
	KF_CAN_SEND = 1,
	KF_CAN_RECEIVE = 2,
};

/* How what was given to send() stands. */
enum kf_flow {
	KF_FLOW_DONE,		/* all was handed to the network, or the receiver: the link may have nothing to do */
	KF_FLOW_LINK,		/* some waits for the link */
	KF_FLOW_PEER,		/* some waits because the peer does not read */
};

/*
 * An open transport belongs to one thread. send() and receive() never block: they give the bytes moved, 0 if it
 * would block, -1 on failure with ERR set; receive() fails with KF_ABSENT when the peer has closed in order.
 */
struct kf_transport_ops {
	/* Has a peer that answers; without one, finish() alone says that all is stored. */
	bool answers;
	/* KF_REFUSED or KF_INVALID if to try again would be of no use: the peer is not the one that is meant, or lets nobody like us in. Until this
	 * gives KF_OK the peer has got nothing of the stream. close() follows in any case. */
	enum kf_status (*open)(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err);
	ssize_t (*send)(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err);
	ssize_t (*receive)(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err);
	/* Waits at most TIMEOUT_MS for what WANT (of enum kf_ready) names; gives what is ready, 0 at the timeout. */
	unsigned int (*wait)(struct kf_transport *t, unsigned int want, int timeout_ms);
	/* NULL: it cannot tell. It looks and does not wait. */
	enum kf_flow (*flow)(const struct kf_transport *t);
	/* All is sent: makes it lasting where that is the transport's own to do. */
	enum kf_status (*finish)(struct kf_transport *t, struct kf_error *err);
	void (*close)(struct kf_transport *t);
};

struct kf_transport {
	const struct kf_transport_ops *ops;
	int fd;			/* -1: none */
	bool heard;		/* a byte came from the peer */
	bool dear;		/* a byte costs both ends more of a core than lz4 does; known once it is open */
	void *own;		/* the scheme's, freed by close(); NULL: none */
	char name[KF_HOST_MAX + 32];	/* for messages: "tcp://10.0.2.2:7612" */
	char way[256];		/* for the report: how the bytes are protected, "TLS_AES_128_GCM_SHA256"; empty: there is nothing to say */
};

/* Opens T to TARGET by its scheme's operations; kf_transport_close() follows in any case. */
enum kf_status kf_transport_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
				 struct kf_error *err) kf_must_check;
/* Names T for messages: "SCHEME://HOST:PORT". */
void kf_transport_name(struct kf_transport *t, const char *scheme, const struct kf_target *target);

/* Opens a transport that takes all bytes and keeps none, for --dry-run. */
void kf_transport_open_nowhere(struct kf_transport *t);
void kf_transport_close(struct kf_transport *t);

#endif
