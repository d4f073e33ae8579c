// kferry-relay: a bad network between a sender and a receiver, by script; README.md describes it.
// SPDX-License-Identifier: GPL-2.0-or-later
//
//   kferry-relay --to [ADDRESS:]PORT [--listen PORT] [--seed N] [--buffer BYTES] [--record DIR] [RULES...]
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "link.h"

#define LONGEST_US 3600000000ull

struct relay {
	struct script script;
	uint64_t seed;
	uint16_t port;
	struct sockaddr_in target;
	int buffer; // of sockets, bytes; 0: the system's
	const char *record;
	int listener; // -1 while it is away
	uint64_t back_at; // microseconds
	int signals;
	unsigned int connections;
	struct link *links;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void set_buffers(const struct relay *r, int fd)
{
	if (!r->buffer)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &r->buffer, sizeof r->buffer);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &r->buffer, sizeof r->buffer);
}

static void start_listening(struct relay *r)
{
	struct sockaddr_in at = loopback(r->port);
	socklen_t len = sizeof at;
	int on = 1;

	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	set_buffers(r, r->listener);
	if (bind(r->listener, (struct sockaddr *)&at, sizeof at) || listen(r->listener, 128) ||
	    getsockname(r->listener, (struct sockaddr *)&at, &len))
		die("kferry-relay: listen");
	r->port = ntohs(at.sin_port);
}

static int dial(const struct relay *r)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		die("kferry-relay: socket");
	set_buffers(r, fd);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (const struct sockaddr *)&r->target, sizeof r->target) == 0 || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static const struct rule *rule_of(const struct relay *r, unsigned int connection, enum verb v)
{
	for (size_t i = 0; i < r->script.count; i++) {
		const struct rule *rule = &r->script.rules[i];

		if (rule->verb == v && connection >= rule->first && connection <= rule->last)
			return rule;
	}
	return NULL;
}

static void refuse(struct relay *r, int fd, const char *why)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
	printf("end %u up 0 0 down 0 0 %s\n", r->connections, why);
}

static void take_connection(struct relay *r)
{
	int came = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), target, on = 1;
	struct link *l;

	if (came < 0)
		return;
	r->connections++;
	setsockopt(came, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (rule_of(r, r->connections, REFUSE)) {
		refuse(r, came, verb_name(REFUSE));
		return;
	}
	target = dial(r);
	if (target < 0) {
		refuse(r, came, "no-target");
		return;
	}
	printf("begin %u\n", r->connections);
	l = link_create(r->connections, came, target, r->record);
	for (int d = 0; d < DIRECTIONS; d++) {
		if (!lane_actions(&l->lanes[d], &r->script, l->number, (enum direction)d, r->seed)) {
			fputs("kferry-relay: too many rules for one connection\n", stderr);
			exit(2);
		}
	}
	l->next = r->links;
	r->links = l;
}

static void go_away(struct relay *r, const struct rule *away, uint64_t now)
{
	if (r->listener >= 0)
		close(r->listener);
	r->listener = -1;
	r->back_at = now + away->arg * 1000;
}

static void run_links(struct relay *r)
{
	uint64_t now = now_us();
	struct link **at = &r->links;

	while (*at) {
		struct link *l = *at;
		const struct rule *away = rule_of(r, l->number, AWAY);

		if (link_run(l, now)) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		link_destroy(l);
		if (away)
			go_away(r, away, now);
	}
	if (r->listener < 0 && now >= r->back_at)
		start_listening(r);
}

// Waits until something can be done. False: it was asked to end.
static bool wait_for_work(struct relay *r)
{
	uint64_t now = now_us(), wake = UINT64_MAX;
	size_t count = 2;
	struct pollfd *set;
	struct timespec wait;
	bool asked;

	for (const struct link *l = r->links; l; l = l->next)
		count += 2;
	set = calloc(count, sizeof *set);
	if (!set)
		abort();
	set[0] = (struct pollfd){ .fd = r->signals, .events = POLLIN };
	set[1] = (struct pollfd){ .fd = r->listener, .events = POLLIN };
	if (r->listener < 0)
		wake = r->back_at;
	count = 2;
	for (const struct link *l = r->links; l; l = l->next, count += 2)
		link_poll(l, now, &wake, set + count);
	wake = wake <= now ? 0 : wake - now < LONGEST_US ? wake - now : LONGEST_US;
	wait = (struct timespec){ .tv_sec = (time_t)(wake / 1000000), .tv_nsec = (long)(wake % 1000000 * 1000) };
	if (ppoll(set, count, &wait, NULL) < 0 && errno != EINTR)
		die("kferry-relay: poll");
	asked = set[0].revents & POLLIN;
	if (set[1].revents & POLLIN)
		take_connection(r);
	free(set);
	return !asked;
}

static uint64_t numeric(const char *text, uint64_t max)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (!*text || *end || n > max) {
		fprintf(stderr, "kferry-relay: '%s' is not a number of the right size\n", text);
		exit(2);
	}
	return n;
}

// PORT of 127.0.0.1, or ADDRESS:PORT.
static struct sockaddr_in address(char *text)
{
	char *port = strchr(text, ':');
	struct sockaddr_in to = loopback((uint16_t)numeric(port ? port + 1 : text, UINT16_MAX));

	if (port) {
		*port = '\0';
		if (inet_pton(AF_INET, text, &to.sin_addr) != 1) {
			fprintf(stderr, "kferry-relay: '%s' is no IPv4 address\n", text);
			exit(2);
		}
	}
	return to;
}

static void parse_call(struct relay *r, int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },	    { "listen", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },   { "buffer", required_argument, NULL, 'b' },
		{ "record", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 't': r->target = address(optarg); break;
		case 'l': r->port = (uint16_t)numeric(optarg, UINT16_MAX); break;
		case 's': r->seed = numeric(optarg, UINT64_MAX); break;
		case 'b': r->buffer = (int)numeric(optarg, 1 << 30); break;
		case 'r': r->record = optarg; break;
		default: exit(2);
		}
	}
	for (; optind < argc; optind++)
		if (!script_add(&r->script, argv[optind]))
			exit(2);
	if (!r->target.sin_port) {
		fputs("usage: kferry-relay --to [ADDRESS:]PORT [--listen PORT] [--seed N] [--buffer BYTES] [--record DIR] [RULES...]\n", stderr);
		exit(2);
	}
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct relay r = { .seed = 1, .listener = -1 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	parse_call(&r, argc, argv);
	r.signals = open_signals();
	start_listening(&r);
	printf("listening on tcp://127.0.0.1:%u\n", r.port);
	while (wait_for_work(&r))
		run_links(&r);
	while (r.links) {
		struct link *l = r.links;

		r.links = l->next;
		link_print_end(l, l->ending == END_SILENT ? verb_name(SILENT) : "open");
		link_destroy(l);
	}
	return 0;
}
