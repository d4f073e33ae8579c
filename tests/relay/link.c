// Carries bytes both ways until one side ends or the script says so.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLUSH_US = 5000000, DRAIN_US = 2000000 };

static int record(const char *dir, unsigned int number, const char *direction)
{
	char path[4096];
	int fd;

	if (!dir)
		return -1;
	snprintf(path, sizeof path, "%s/%u.%s", dir, number, direction);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		perror(path);
		exit(2);
	}
	return fd;
}

struct link *link_create(unsigned int number, int came, int target, const char *record_dir)
{
	struct link *l = calloc(1, sizeof *l);

	if (!l)
		abort();
	l->number = number;
	l->sides[0] = came;
	l->sides[1] = target;
	lane_init(&l->lanes[UP], came, target, record(record_dir, number, "up"));
	lane_init(&l->lanes[DOWN], target, came, record(record_dir, number, "down"));
	return l;
}

void link_destroy(struct link *l)
{
	for (int i = 0; i < 2; i++) {
		lane_deinit(&l->lanes[i]);
		close(l->sides[i]);
	}
	free(l);
}

void link_print_end(const struct link *l, const char *how)
{
	const struct lane *up = &l->lanes[UP], *down = &l->lanes[DOWN];

	printf("end %u up %" PRIu64 " %" PRIu64 " down %" PRIu64 " %" PRIu64 " %s\n", l->number, up->in, up->out, down->in,
	       down->out, how);
}

static void did(void *ctx, const struct lane *lane, const struct action *a)
{
	const struct link *l = ctx;

	printf("did %u %s %" PRIu64 " %s\n", l->number, lane == &l->lanes[UP] ? "up" : "down", lane->in, verb_name(a->verb));
}

void link_poll(const struct link *l, uint64_t now, uint64_t *wake, struct pollfd two[2])
{
	two[0] = (struct pollfd){ .fd = -1 };
	two[1] = (struct pollfd){ .fd = -1 };
	if (l->ending == END_SILENT)
		return;
	if (l->ending != GOING && l->deadline < *wake)
		*wake = l->deadline;
	for (int i = 0; i < 2; i++) {
		const struct lane *lane = &l->lanes[i];
		struct pollfd *in = &two[i == UP ? 0 : 1], *out = &two[i == UP ? 1 : 0];

		if (l->draining || (l->ending == GOING && lane_wants_in(lane, now, wake))) {
			in->events |= POLLIN;
			in->fd = lane->from;
		}
		if (!l->draining && lane_wants_out(lane, now, wake)) {
			out->events |= POLLOUT;
			out->fd = lane->to;
		}
	}
	if (l->ending == END_RST && now + 1000 < *wake)
		*wake = now + 1000; // nobody says when the kernel has sent everything
}

static void begin_end(struct link *l, enum ending how, const struct lane *cause, uint64_t now)
{
	l->ending = how;
	l->cause = cause;
	l->deadline = now + FLUSH_US + (cause ? cause->delay : 0);
}

static void reset(int fd)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static bool flushed(const struct link *l)
{
	int queued = 0;

	if (!l->cause)
		return true;
	if (l->cause->first)
		return false;
	return l->ending != END_RST || ioctl(l->cause->to, SIOCOUTQ, &queued) != 0 || queued == 0;
}

// Reads and forgets; true when that side has ended.
static bool drained(int fd)
{
	static char bytes[CHUNK];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		;
	return n == 0 || errno != EAGAIN;
}

// A close with bytes unread would be a reset, so the other sides' ends are waited for.
static bool run_drain(struct link *l, uint64_t now)
{
	bool came = drained(l->sides[0]), target = drained(l->sides[1]);

	if (!(came && target) && now < l->deadline)
		return true;
	link_print_end(l, verb_name(CUT_FIN));
	return false;
}

static bool run_end(struct link *l, uint64_t now)
{
	if (l->draining)
		return run_drain(l, now);
	for (int i = 0; i < 2; i++)
		if (!lane_out(&l->lanes[i], now) && &l->lanes[i] == l->cause)
			l->cause = NULL;
	if (!flushed(l) && now < l->deadline)
		return true;
	if (l->ending == END_FIN) {
		for (int i = 0; i < 2; i++)
			shutdown(l->sides[i], SHUT_WR);
		l->draining = true;
		l->deadline = now + DRAIN_US;
		return true;
	}
	for (int i = 0; i < 2; i++)
		reset(l->sides[i]);
	link_print_end(l, l->cause && l->cause->ended == GOING ? verb_name(CUT_RST) : "broken");
	return false;
}

// LANE's target takes nothing more. What it said before is in the other lane, and goes on its way.
static struct lane *last_words(struct link *l, const struct lane *lane, uint64_t now, const struct lane_listener *hears)
{
	struct lane *other = &l->lanes[lane == &l->lanes[UP] ? DOWN : UP];
	uint64_t before, wake = 0;

	do {
		before = other->in;
		if (!lane_wants_in(other, now, &wake) || lane_in(other, now, hears) != GOING)
			break;
	} while (other->in > before);
	other->ended = END_RST;
	return other;
}

static void run_lane(struct link *l, struct lane *lane, uint64_t now, const struct lane_listener *hears)
{
	uint64_t wake = 0;
	enum ending e = GOING;

	if (lane_wants_in(lane, now, &wake))
		e = lane_in(lane, now, hears);
	if (!lane_out(lane, now)) // who resets may have said why before
		begin_end(l, END_RST, last_words(l, lane, now, hears), now);
	else if (e != GOING)
		begin_end(l, e, lane, now);
	else if (lane->ended == END_RST)
		begin_end(l, END_RST, lane, now);
}

bool link_run(struct link *l, uint64_t now)
{
	const struct lane_listener hears = { .ctx = l, .did = did };

	for (int i = 0; l->ending == GOING && i < 2; i++)
		run_lane(l, &l->lanes[i], now, &hears);
	if (l->ending == END_SILENT)
		return true;
	if (l->ending != GOING)
		return run_end(l, now);
	if (!l->lanes[UP].told || !l->lanes[DOWN].told)
		return true;
	link_print_end(l, "closed");
	return false;
}
