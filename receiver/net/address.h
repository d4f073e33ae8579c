/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as text, and whether they stay on this machine. */
#ifndef KF_ADDRESS_H
#define KF_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#define KF_ADDRESS_TEXT 80

/* The numeric address without its port; an IPv4 address that came through IPv6 is shown as IPv4. */
void kf_address_host(char out[KF_ADDRESS_TEXT], const struct sockaddr *a, socklen_t len);

/* Whom one host may be: its IPv4 address, or the /64 of an IPv6 one, any address of which one machine can take. */
void kf_address_network(char out[KF_ADDRESS_TEXT], const struct sockaddr *a, socklen_t len);

/* SCHEME ("tcp", "tls")://ADDR:PORT, with brackets around an IPv6 address. */
void kf_address_url(char out[KF_ADDRESS_TEXT], const char *scheme, const struct sockaddr *a, socklen_t len);

bool kf_address_is_loopback(const struct sockaddr *a);
/* Whether HOST is a numeric address that others may reach. Names are not looked up. */
bool kf_address_is_elsewhere(const char *host);

#endif
