// Reads expected-differences and applies it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "expected.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
	char kernel[32], levels[96], rule[64], section[64], kind[32];
	size_t count;
};

// Rules: whether a pfn is one that the rule speaks of.
static bool rule_fractional_page(const struct elfcore *vmcore, uint64_t pfn, uint32_t page_size)
{
	return elfcore_is_fractional_end(vmcore, pfn, page_size);
}

static const struct rule {
	const char *name;
	bool (*is_of)(const struct elfcore *vmcore, uint64_t pfn, uint32_t page_size);
} rules[] = {
	{ "fractional-page", rule_fractional_page },
};

static const struct rule *find_rule(const char *name)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}

static bool lists_level(const char *levels, int level)
{
	char *end;

	if (strcmp(levels, "all") == 0)
		return true;
	for (;;) {
		if (strtol(levels, &end, 10) == level)
			return true;
		if (*end != ',')
			return false;
		levels = end + 1;
	}
}

static void take(const struct row *row, const struct rule *rule, enum difference_kind kind,
		 const struct elfcore *vmcore, uint32_t page_size, struct differences *d)
{
	size_t found = 0;

	for (size_t i = 0; i < d->of[kind].count;) {
		if (rule->is_of(vmcore, d->of[kind].pfn[i], page_size)) {
			difference_remove(d, kind, i);
			found++;
		} else {
			i++;
		}
	}
	if (found == row->count)
		printf("expected: %s: %zu pages by rule %s (filter-spec %s)\n", row->kind, found, row->rule, row->section);
	else
		difference_text(d, "%s: rule %s (filter-spec %s) expects %zu pages, there are %zu", row->kind, row->rule,
				row->section, row->count, found);
}

bool expected_take(const char *path, const char *kernel, int level, const struct elfcore *vmcore, uint32_t page_size,
		   struct differences *d)
{
	FILE *table = fopen(path, "r");
	char line[512];
	bool good = true;

	if (!table) {
		perror(path);
		return false;
	}
	while (good && fgets(line, sizeof line, table)) {
		struct row row;
		const struct rule *rule;
		enum difference_kind kind;

		if (line[strspn(line, " \t\n")] == '\0' || line[0] == '#')
			continue;
		good = sscanf(line, "%31s %95s %63s %63s %31s %zu", row.kernel, row.levels, row.rule, row.section, row.kind,
			      &row.count) == 6;
		rule = good ? find_rule(row.rule) : NULL;
		kind = good ? difference_kind(row.kind) : DIFF_KINDS;
		good = rule && kind != DIFF_KINDS;
		if (!good)
			fprintf(stderr, "kferry-judge: %s: cannot understand: %s", path, line);
		else if (strcmp(row.kernel, kernel) == 0 && lists_level(row.levels, level))
			take(&row, rule, kind, vmcore, page_size, d);
	}
	fclose(table);
	return good;
}
