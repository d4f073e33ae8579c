// Collects and prints differences.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "difference.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *meaning;
} kinds[DIFF_KINDS] = {
	[DIFF_BITMAP1_A] = { "bitmap1-A", "RAM only according to A" },
	[DIFF_BITMAP1_B] = { "bitmap1-B", "RAM only according to B" },
	[DIFF_BITMAP2_A] = { "bitmap2-A", "dumped only by A" },
	[DIFF_BITMAP2_B] = { "bitmap2-B", "dumped only by B" },
	[DIFF_BYTES] = { "bytes", "other bytes in A than in B" },
	[DIFF_UNREADABLE_A] = { "unreadable-A", "dumped by A, but cannot be read" },
	[DIFF_UNREADABLE_B] = { "unreadable-B", "dumped by B, but cannot be read" },
	[DIFF_PHANTOM_A] = { "phantom-A", "not dumped by A, but can be read" },
	[DIFF_PHANTOM_B] = { "phantom-B", "not dumped by B, but can be read" },
	[DIFF_DESCRIPTOR_A] = { "descriptor-A", "page descriptor of A breaks the format" },
	[DIFF_DESCRIPTOR_B] = { "descriptor-B", "page descriptor of B breaks the format" },
	[DIFF_NEVER_CAME] = { "never-came", "in A, but not among the pages that came" },
};

void difference_add(struct differences *d, enum difference_kind kind, uint64_t pfn)
{
	if (d->of[kind].count == d->of[kind].room) {
		size_t room = d->of[kind].room ? 2 * d->of[kind].room : 64;
		uint64_t *grown = realloc(d->of[kind].pfn, room * sizeof *grown);

		if (!grown) {
			perror("kferry-judge");
			exit(2);
		}
		d->of[kind].pfn = grown;
		d->of[kind].room = room;
	}
	d->of[kind].pfn[d->of[kind].count++] = pfn;
}

void difference_text(struct differences *d, const char *format, ...)
{
	va_list args;

	d->texts++;
	fputs("differs: ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void difference_remove(struct differences *d, enum difference_kind kind, size_t i)
{
	uint64_t *pfn = d->of[kind].pfn;

	memmove(pfn + i, pfn + i + 1, (--d->of[kind].count - i) * sizeof *pfn);
}

bool differences_report(const struct differences *d)
{
	bool none = d->texts == 0;

	for (int k = 0; k < DIFF_KINDS; k++) {
		if (d->of[k].count == 0)
			continue;
		none = false;
		printf("differs: %s: %zu pages %s: pfn", kinds[k].name, d->of[k].count, kinds[k].meaning);
		for (size_t i = 0; i < d->of[k].count && i < 8; i++)
			printf(" 0x%" PRIx64, d->of[k].pfn[i]);
		puts(d->of[k].count > 8 ? " ..." : "");
	}
	return none;
}

enum difference_kind difference_kind(const char *name)
{
	int k = 0;

	while (k < DIFF_KINDS && strcmp(name, kinds[k].name) != 0)
		k++;
	return (enum difference_kind)k;
}

void differences_deinit(struct differences *d)
{
	for (int k = 0; k < DIFF_KINDS; k++)
		free(d->of[k].pfn);
}
