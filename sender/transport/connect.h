/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections to a name's addresses; for the files of sender/transport only. */
#ifndef KF_CONNECT_H
#define KF_CONNECT_H

#include <stdint.h>

#include "common/target.h"

struct sockaddr;

/* Milliseconds of the monotonic clock. */
uint64_t kf_connect_now(void);

/* Connects to the first address of TARGET's host that answers; all are tried before DEADLINE, each has an equal part of what is left. *FD does
 * not block, is closed on exec, and the caller's. A numeric address asks no name service, which a capture kernel may not have. */
enum kf_status kf_connect(int *fd, const struct kf_target *target, uint64_t deadline, struct kf_error *err) kf_must_check;

/* Connects to PORT of the address that the socket PEER is connected to. */
enum kf_status kf_connect_beside(int *fd, int peer, uint16_t port, uint64_t deadline, struct kf_error *err) kf_must_check;

#endif
