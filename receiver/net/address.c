// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses as text; see address.h.
#include "receiver/net/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static void host_and_port(const struct sockaddr *a, socklen_t len, char *host, socklen_t host_size, char *port,
			  socklen_t port_size)
{
	if (getnameinfo(a, len, host, host_size, port, port_size, NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(host, host_size, "unknown");
		snprintf(port, port_size, "0");
	}
}

void kf_address_host(char out[KF_ADDRESS_TEXT], const struct sockaddr *a, socklen_t len)
{
	static const char mapped[] = "::ffff:";
	char port[8];

	host_and_port(a, len, out, KF_ADDRESS_TEXT, port, sizeof(port));
	if (strncmp(out, mapped, sizeof(mapped) - 1) == 0 && strchr(out, '.'))
		memmove(out, out + sizeof(mapped) - 1, strlen(out) - sizeof(mapped) + 2);
}

void kf_address_network(char out[KF_ADDRESS_TEXT], const struct sockaddr *a, socklen_t len)
{
	struct sockaddr_in6 six;

	kf_address_host(out, a, len);
	if (a->sa_family != AF_INET6 || !strchr(out, ':'))
		return;
	memcpy(&six, a, sizeof(six));
	memset(&six.sin6_addr.s6_addr[8], 0, 8);
	kf_address_host(out, (struct sockaddr *)&six, sizeof(six));
	snprintf(out + strlen(out), KF_ADDRESS_TEXT - strlen(out), "/64");
}

void kf_address_url(char out[KF_ADDRESS_TEXT], const char *scheme, const struct sockaddr *a, socklen_t len)
{
	char host[KF_ADDRESS_TEXT - 20], port[8];

	host_and_port(a, len, host, sizeof(host), port, sizeof(port));
	snprintf(out, KF_ADDRESS_TEXT, strchr(host, ':') ? "%s://[%s]:%s" : "%s://%s:%s", scheme, host, port);
}

bool kf_address_is_loopback(const struct sockaddr *a)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;

	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
	if (a->sa_family != AF_INET6)
		return false;
	return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

bool kf_address_is_elsewhere(const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
	struct addrinfo *ai;
	bool loopback;

	if (getaddrinfo(host, NULL, &hints, &ai))
		return false;
	loopback = kf_address_is_loopback(ai->ai_addr);
	freeaddrinfo(ai);
	return !loopback;
}
