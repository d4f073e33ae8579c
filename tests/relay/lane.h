// SPDX-License-Identifier: GPL-2.0-or-later
// One direction of a connection: bytes come in, suffer what the script says, wait until they are due, and go out.
#ifndef TESTS_RELAY_LANE_H
#define TESTS_RELAY_LANE_H

#include "script.h"

enum { LANE_ACTIONS = 64, CHUNK = 65536 };

struct action {
	uint64_t at; // byte of what comes in
	enum verb verb;
	uint64_t arg;
	bool done;
};

struct chunk {
	struct chunk *next;
	uint64_t due; // microseconds; not before
	size_t at, len;
	uint8_t bytes[];
};

// How a lane, or its whole connection, ends.
enum ending { GOING, END_FIN, END_RST, END_TRUNCATED, END_SILENT };

struct lane {
	int from, to;
	int record; // file that what came in is written to, -1: none
	uint64_t in, out; // bytes that came, bytes that went
	struct action actions[LANE_ACTIONS];
	size_t action_count;
	struct chunk *first, *last;
	size_t waiting; // bytes
	uint64_t open_at; // microseconds: nothing is read before
	uint64_t delay, rate; // microseconds; bytes a second, 0: no limit
	uint64_t dropping; // so many bytes still are thrown away
	uint8_t *kept; // what AGAIN will say once more
	size_t kept_len;
	bool swallowing;
	enum ending ended; // of what comes in: GOING, FIN and RST of the peer
	bool told; // the end went out behind the last byte
};

// Who hears what the lane did.
struct lane_listener {
	void *ctx;
	void (*did)(void *ctx, const struct lane *lane, const struct action *action);
};

void lane_init(struct lane *lane, int from, int to, int record);
void lane_deinit(struct lane *lane); // the sockets are the caller's

// Adds what the script says of this connection and direction.
bool lane_actions(struct lane *lane, const struct script *s, unsigned int connection, enum direction d, uint64_t seed);

// Whether it would read, and write, now; if not for the time alone, *wake becomes the earliest of itself and that time.
bool lane_wants_in(const struct lane *lane, uint64_t now, uint64_t *wake);
bool lane_wants_out(const struct lane *lane, uint64_t now, uint64_t *wake);

// Reads once. What is to end or silence the whole connection is returned; GOING otherwise.
enum ending lane_in(struct lane *lane, uint64_t now, const struct lane_listener *l);

// Writes what is due. False: the other side takes nothing any more.
bool lane_out(struct lane *lane, uint64_t now);

#endif
