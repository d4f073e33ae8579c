// Reads the list of the pages that came.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "arrived.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

bool arrived_read(struct arrived *a, const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	size_t room = 0;
	uint64_t first, end, last = 0;
	bool good = f != NULL;
	int got = EOF;

	*a = (struct arrived){ 0 };
	if (!path)
		return true;
	while (good && (got = fscanf(f, "%" SCNu64 " %" SCNu64, &first, &end)) == 2) {
		if (a->count == room) {
			struct arrived_range *grown;

			room = room ? 2 * room : 1024;
			grown = realloc(a->ranges, room * sizeof *grown);
			if (!grown)
				break;
			a->ranges = grown;
		}
		good = first >= last && first < end;
		last = end;
		a->ranges[a->count++] = (struct arrived_range){ first, end };
	}
	if (f)
		fclose(f);
	if (good && got == EOF)
		return true;
	fprintf(stderr, "kferry-judge: %s cannot be read, or its ranges do not ascend\n", path);
	return false;
}

bool arrived_has(struct arrived *a, uint64_t pfn)
{
	while (a->at < a->count && a->ranges[a->at].end <= pfn)
		a->at++;
	return !a->ranges || (a->at < a->count && a->ranges[a->at].first <= pfn);
}

void arrived_deinit(struct arrived *a)
{
	free(a->ranges);
}
