/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tickets as a keyring: who comes by TLS with one is let in once. */
#ifndef KF_TICKETS_KEYRING_H
#define KF_TICKETS_KEYRING_H

#include "receiver/net/keyring.h"
#include "receiver/net/tickets.h"

/* For ids "ticket:" and 32 hex digits. T is borrowed. */
struct kf_keyring kf_tickets_keyring(struct kf_tickets *t);

#endif
