// Reads scripts, and draws their random places.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum shape { ALONE, WITH_NUMBER, WHOLE_CONNECTION, WHOLE_WITH_NUMBER };

static const struct {
	const char *name;
	enum shape shape;
} verbs[VERBS] = {
	[CUT_FIN] = { "fin", ALONE },		  [CUT_RST] = { "rst", ALONE },
	[SILENT] = { "silent", ALONE },		  [SWALLOW] = { "swallow", ALONE },
	[TRUNCATE] = { "truncate", ALONE },	  [HOLD] = { "hold", WITH_NUMBER },
	[DELAY] = { "delay", WITH_NUMBER },	  [RATE] = { "rate", WITH_NUMBER },
	[FLIP] = { "flip", WITH_NUMBER },	  [AGAIN] = { "again", WITH_NUMBER },
	[DROP] = { "drop", WITH_NUMBER },	  [REFUSE] = { "refuse", WHOLE_CONNECTION },
	[AWAY] = { "away", WHOLE_WITH_NUMBER },
};

const char *verb_name(enum verb v)
{
	return verbs[v].name;
}

// Decimal, with K, M or G (1024 and so on) behind it.
static bool number(const char **at, uint64_t *n)
{
	char *end;
	int shift = 0;

	if (**at < '0' || **at > '9')
		return false;
	*n = strtoull(*at, &end, 10);
	switch (*end) {
	case 'K': shift = 10; break;
	case 'M': shift = 20; break;
	case 'G': shift = 30; break;
	default: break;
	}
	*n <<= shift;
	*at = end + (shift != 0);
	return true;
}

// A number, or two with `between` in their middle.
static bool range(const char *word, char between, uint64_t *first, uint64_t *last)
{
	if (!number(&word, first))
		return false;
	*last = *first;
	if (*word == between) {
		word++;
		if (!number(&word, last))
			return false;
	}
	return !*word && *first <= *last;
}

static bool connections(const char *word, struct rule *r)
{
	uint64_t first = 1, last = UINT32_MAX;

	if (strcmp(word, "*") != 0 && !range(word, '-', &first, &last))
		return false;
	r->first = (unsigned int)first;
	r->last = (unsigned int)last;
	return first >= 1 && last <= UINT32_MAX;
}

static bool find_verb(const char *word, struct rule *r)
{
	for (int v = 0; v < VERBS; v++) {
		if (strcmp(word, verbs[v].name) == 0) {
			r->verb = (enum verb)v;
			return true;
		}
	}
	return false;
}

static bool argument(char **word, int words, int at, struct rule *r)
{
	bool wanted = verbs[r->verb].shape == WITH_NUMBER || verbs[r->verb].shape == WHOLE_WITH_NUMBER;
	const char *text;

	if (words != at + wanted)
		return false;
	if (!wanted)
		return true;
	text = word[at];
	return number(&text, &r->arg) && !*text && (r->verb != RATE || r->arg) && (r->verb != FLIP || r->arg < 8);
}

static bool parse(char **word, int words, struct rule *r)
{
	*r = (struct rule){ 0 };
	if (words < 2 || !connections(word[0], r))
		return false;
	if (find_verb(word[1], r))
		return verbs[r->verb].shape >= WHOLE_CONNECTION && argument(word, words, 2, r);
	if (words < 4 || (strcmp(word[1], "up") != 0 && strcmp(word[1], "down") != 0))
		return false;
	r->direction = word[1][0] == 'u' ? UP : DOWN;
	if (!range(word[2], '~', &r->from, &r->to) || !find_verb(word[3], r))
		return false;
	return verbs[r->verb].shape < WHOLE_CONNECTION && argument(word, words, 4, r);
}

static bool add_line(struct script *s, char *line)
{
	char *word[8], *save, copy[256];
	int words = 0;

	snprintf(copy, sizeof copy, "%s", line);
	line[strcspn(line, "#")] = 0;
	for (char *w = strtok_r(line, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (words == 8)
			break;
		word[words++] = w;
	}
	if (!words)
		return true;
	if (s->count == RULES_MAX || !parse(word, words, &s->rules[s->count])) {
		fprintf(stderr, "kferry-relay: '%s' is not a rule, or one too many\n", copy);
		return false;
	}
	s->count++;
	return true;
}

bool script_add(struct script *s, const char *text)
{
	char *copy = strdup(text), *save;
	bool good = copy != NULL;

	for (char *line = copy ? strtok_r(copy, "\n;", &save) : NULL; good && line; line = strtok_r(NULL, "\n;", &save))
		good = add_line(s, line);
	free(copy);
	return good;
}

static uint64_t mixed(uint64_t x) // splitmix64
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

uint64_t script_place(const struct script *s, size_t rule, unsigned int connection, uint64_t seed)
{
	const struct rule *r = &s->rules[rule];
	uint64_t drawn = mixed(mixed(mixed(seed) + connection) + rule);

	if (r->from == r->to)
		return r->from;
	return r->from + (uint64_t)(((__uint128_t)drawn * (r->to - r->from + 1)) >> 64);
}
