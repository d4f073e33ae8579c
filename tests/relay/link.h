// SPDX-License-Identifier: GPL-2.0-or-later
// One connection that came, and the one that was made for it: two lanes, and how both end.
#ifndef TESTS_RELAY_LINK_H
#define TESTS_RELAY_LINK_H

#include <poll.h>

#include "lane.h"

struct link {
	struct link *next;
	unsigned int number; // from 1, in order of their coming
	int sides[2]; // who came, the target
	struct lane lanes[DIRECTIONS];
	enum ending ending; // GOING until something ends it
	const struct lane *cause; // what it has is brought out before the end
	bool draining; // FINs went out; waits for theirs
	uint64_t deadline; // microseconds; of the end
};

struct link *link_create(unsigned int number, int came, int target, const char *record_dir);
void link_destroy(struct link *l); // closes both sides

// The two entries of a poll set; *wake as in lane.h.
void link_poll(const struct link *l, uint64_t now, uint64_t *wake, struct pollfd two[2]);

// Moves what can be moved. False: it is over, and its last line was printed.
bool link_run(struct link *l, uint64_t now);

// Prints the last line: how many bytes came and went in each direction, and how it ended.
void link_print_end(const struct link *l, const char *how);

#endif
