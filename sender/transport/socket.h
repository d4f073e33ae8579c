/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What transports over one socket share; for the files of sender/transport only. */
#ifndef KF_SOCKET_H
#define KF_SOCKET_H

#include "sender/transport/transport.h"

/* t->fd is a socket that does not block. These are wait(), send() and receive() of kf_transport_ops, but that they leave it
 * to the caller to say how the peer went: then they give -1 with *GONE set, and ERR is not written; errno is 0 if
 * the peer closed in order. */
unsigned int kf_socket_wait(struct kf_transport *t, unsigned int want, int timeout_ms);
ssize_t kf_socket_send(struct kf_transport *t, const void *bytes, size_t len, bool *gone, struct kf_error *err);
ssize_t kf_socket_receive(struct kf_transport *t, void *bytes, size_t size, bool *gone, struct kf_error *err);
/* Of the socket alone, by TCP's counters. Of a socket without such counters, a pair on this machine, it never says KF_FLOW_PEER. */
enum kf_flow kf_socket_flow(const struct kf_transport *t);

#endif
