// SPDX-License-Identifier: GPL-2.0-or-later
// A door in a test; see hall.h.
#include "tests/unit/recv/hall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static bool has_room(void *ctx)
{
	return ((struct hall *)ctx)->room;
}

static enum kf_status enter(void *ctx, const struct kf_arrival *a, struct kf_error *err)
{
	struct hall *h = ctx;

	kf_channel_destroy(h->channel);
	h->channel = a->channel;
	h->entered++;
	h->exposed = a->exposed;
	snprintf(h->peer, sizeof(h->peer), "%s", a->peer);
	snprintf(h->identity, sizeof(h->identity), "%s", a->identity);
	return h->refuses ? kf_fail(err, KF_REFUSED, "the hall is closed") : KF_OK;
}

void hall_init(struct hall *h, unsigned int ms, const struct kf_tls_trust *trust)
{
	struct kf_error err;

	*h = (struct hall){ .room = true, .base = event_base_new() };
	h->log = (struct kf_log){ .out = open_memstream(&h->said, &h->said_len), .level = KF_LOG_DEFAULT, .program = "test" };
	h->door = kf_door_create(&(struct kf_door_setup){ .base = h->base, .log = &h->log, .ms = ms, .grace_ms = ms / 2, .room = has_room, .enter = enter, .ctx = h });
	assert_non_null(h->door);
	if (trust)
		CHECK_OK("tls", kf_tls_open(&h->tls, trust, &err), &err);
}

void hall_deinit(struct hall *h)
{
	kf_channel_destroy(h->channel);
	kf_door_destroy(h->door);
	event_base_free(h->base);
	kf_tls_server_destroy(h->tls);
	fclose(h->log.out);
	free(h->said);
}

void hall_turn(struct hall *h)
{
	for (int i = 0; i < 8; i++)
		event_base_loop(h->base, EVLOOP_NONBLOCK);
	kf_door_tick(h->door);
}

const char *hall_said(struct hall *h)
{
	fflush(h->log.out);
	return h->said;
}

void hall_forget(struct hall *h)
{
	rewind(h->log.out);
	fflush(h->log.out);
	h->said[0] = '\0';
	kf_channel_destroy(h->channel);
	h->channel = NULL;
	h->entered = 0;
}

/* Both ends of a TCP connection: a pair would do, but for SO_RCVLOWAT. */
static void connect_pair(int ends[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(a);
	const int on = 1;

	assert_int_equal(bind(listening, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&a, &len), 0);
	ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(ends[1], (struct sockaddr *)&a, sizeof(a)), 0);
	ends[0] = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(ends[0] >= 0);
	for (int i = 0; i < 2; i++)	/* no byte waits for the acknowledgement of others */
		assert_int_equal(setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	close(listening);
}

int hall_knock(struct hall *h, bool tls, unsigned int high, unsigned int low)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000000u | high << 8 | low) };
	int ends[2];

	connect_pair(ends);
	if (tls)
		kf_door_tls(h->door, h->tls, ends[0], (struct sockaddr *)&a, sizeof(a));
	else
		kf_door_plain(h->door, ends[0], (struct sockaddr *)&a, sizeof(a), false);
	return ends[1];
}

int hall_knock_six(struct hall *h, uint16_t network, uint16_t host)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr.s6_addr = { 0x20, 1, 0x0d, 0xb8 } };
	int ends[2];

	a.sin6_addr.s6_addr[6] = (uint8_t)(network >> 8);
	a.sin6_addr.s6_addr[7] = (uint8_t)network;
	a.sin6_addr.s6_addr[14] = (uint8_t)(host >> 8);
	a.sin6_addr.s6_addr[15] = (uint8_t)host;
	connect_pair(ends);
	kf_door_plain(h->door, ends[0], (struct sockaddr *)&a, sizeof(a), false);
	return ends[1];
}

bool hall_closed(int fd)
{
	uint8_t spill[65536];
	ssize_t n;

	do
		n = read(fd, spill, sizeof(spill));
	while (n > 0);
	return n == 0 || errno != EAGAIN;
}
