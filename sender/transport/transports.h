/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transports themselves; only transport.c, which lists them, needs this. */
#ifndef KF_TRANSPORTS_H
#define KF_TRANSPORTS_H

#include "sender/transport/transport.h"

extern const struct kf_transport_ops kf_transport_tcp;
extern const struct kf_transport_ops kf_transport_tls;
extern const struct kf_transport_ops kf_transport_ssh;
extern const struct kf_transport_ops kf_transport_sshtls;
extern const struct kf_transport_ops kf_transport_exec;
extern const struct kf_transport_ops kf_transport_file;
extern const struct kf_transport_ops kf_transport_nowhere;

#endif
