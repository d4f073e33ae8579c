// SPDX-License-Identifier: GPL-2.0-or-later
// What is to happen to which connection, direction and byte: the script, read from text. README.md describes the language.
#ifndef TESTS_RELAY_SCRIPT_H
#define TESTS_RELAY_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum direction { UP, DOWN, DIRECTIONS }; // UP: from who connected to the target

enum verb { CUT_FIN, CUT_RST, SILENT, SWALLOW, TRUNCATE, HOLD, DELAY, RATE, FLIP, AGAIN, DROP, REFUSE, AWAY, VERBS };

enum { RULES_MAX = 256 };

struct rule {
	unsigned int first, last; // connections, counted from 1, both inclusive
	enum direction direction;
	uint64_t from, to; // the place: a byte in this range, both inclusive
	enum verb verb;
	uint64_t arg; // HOLD, DELAY, AWAY: milliseconds. RATE: bytes a second. FLIP: bit. AGAIN, DROP: bytes
};

struct script {
	size_t count;
	struct rule rules[RULES_MAX];
};

// The name of a verb, as events tell it.
const char *verb_name(enum verb v);

// Adds the rules of a text, one a line, or with ';' between them. False, with a line on standard error: it is not one.
bool script_add(struct script *s, const char *text);

// The rule's place for this connection: the same for the same seed, connection and number of the rule.
uint64_t script_place(const struct script *s, size_t rule, unsigned int connection, uint64_t seed);

#endif
