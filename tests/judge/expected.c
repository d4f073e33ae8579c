// Reads expected-differences and applies it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "expected.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decision.h"

// What rules look at. The last three are there only for rules by struct pages.
struct evidence {
	const struct elfcore *vmcore;
	uint32_t page_size;
	struct structpages pages;
	uint8_t *seeing, *blind; // the judge's own decisions, with and without an eye for tails
};

struct row {
	char kernel[32], levels[96], rule[64], section[64], kind[32], count[32];
};

// Rules: whether a pfn is one that the rule speaks of.
static bool rule_fractional_page(const struct evidence *e, uint64_t pfn)
{
	return elfcore_is_fractional_end(e->vmcore, pfn, e->page_size);
}

// A tail of a compound page that is kept, whose own struct page, looked at as if it were an ordinary page, would go.
static bool rule_compound_tail(const struct evidence *e, uint64_t pfn)
{
	uint64_t head = pfn;

	if (pfn >= e->pages.count || !e->pages.present[pfn] || !structpage_is_tail(&e->pages, pfn))
		return false;
	while (head > 0 && e->pages.present[head] && structpage_is_tail(&e->pages, head))
		head--;
	return structpage_is_head(&e->pages, head) && pfn - head < 1ull << structpage_order(&e->pages, head) &&
	       e->seeing[head] == D_KEPT && e->seeing[pfn] == D_KEPT && e->blind[pfn] != D_KEPT;
}

static const struct rule {
	const char *name;
	bool (*is_of)(const struct evidence *e, uint64_t pfn);
	bool by_struct_pages;
} rules[] = {
	{ "fractional-page", rule_fractional_page, false },
	{ "compound-tail", rule_compound_tail, true },
};

// Reads what rules by struct pages look at, once.
static bool evidence_complete(struct evidence *e, int level)
{
	if (e->seeing)
		return true;
	if (!structpages_open(&e->pages, e->vmcore))
		return false;
	e->seeing = decide(&e->pages, e->vmcore, level, true);
	e->blind = decide(&e->pages, e->vmcore, level, false);
	return e->seeing && e->blind;
}

static void evidence_close(struct evidence *e)
{
	structpages_close(&e->pages);
	free(e->seeing);
	free(e->blind);
}

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

// How many pages must differ: what the row says, or all that the rule finds in the vmcore.
static bool wanted(const struct row *row, const struct rule *rule, const struct evidence *e, size_t *count)
{
	uint64_t end = elfcore_end_pfn(e->vmcore, e->page_size);
	char *rest;

	if (strcmp(row->count, "computed") != 0) {
		*count = strtoul(row->count, &rest, 10);
		return *row->count != '-' && rest != row->count && *rest == '\0';
	}
	*count = 0;
	for (uint64_t pfn = 0; pfn < end; pfn++)
		*count += rule->is_of(e, pfn) && elfcore_is_ram(e->vmcore, pfn, e->page_size);
	return true;
}

static bool take(const struct row *row, const struct rule *rule, enum difference_kind kind, const struct evidence *e,
		 struct differences *d)
{
	size_t found = 0, count;

	if (!wanted(row, rule, e, &count))
		return false;
	for (size_t i = 0; i < d->of[kind].count;) {
		if (rule->is_of(e, d->of[kind].pfn[i])) {
			difference_remove(d, kind, i);
			found++;
		} else {
			i++;
		}
	}
	if (found == count)
		printf("expected: %s: %zu pages by rule %s (filter-spec %s)\n", row->kind, found, row->rule, row->section);
	else
		difference_text(d, "%s: rule %s (filter-spec %s) expects %zu pages, there are %zu", row->kind, row->rule,
				row->section, count, found);
	return true;
}

bool expected_take(const char *path, const char *kernel, int level, const struct elfcore *vmcore, uint32_t page_size,
		   struct differences *d)
{
	struct evidence e = { .vmcore = vmcore, .page_size = page_size };
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
		good = sscanf(line, "%31s %95s %63s %63s %31s %31s", row.kernel, row.levels, row.rule, row.section, row.kind,
			      row.count) == 6;
		rule = good ? find_rule(row.rule) : NULL;
		kind = good ? difference_kind(row.kind) : DIFF_KINDS;
		good = rule && kind != DIFF_KINDS;
		if (good && strcmp(row.kernel, kernel) == 0 && lists_level(row.levels, level))
			good = (!rule->by_struct_pages || evidence_complete(&e, level)) && take(&row, rule, kind, &e, d);
		if (!good)
			fprintf(stderr, "kferry-judge: %s: cannot understand or apply: %s", path, line);
	}
	evidence_close(&e);
	fclose(table);
	return good;
}
