// SPDX-License-Identifier: GPL-2.0-or-later
// What libFuzzer does with a corpus, without it: replay FILE... gives each file to the target, and small changes of it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define CHANGES 20
#define SECONDS 20	/* for one input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void change(uint8_t *bytes, size_t *len, uint64_t *seed)
{
	size_t at = next_random(seed) % *len, n = next_random(seed) % 16;

	switch (next_random(seed) % 4) {
	case 0:
		bytes[at] = (uint8_t)next_random(seed);
		break;
	case 1:
		bytes[at] ^= (uint8_t)(1u << next_random(seed) % 8);
		break;
	case 2:
		*len = at + 1;
		break;
	default:	/* some bytes are gone */
		n = n < *len - at ? n : *len - at - 1;
		memmove(bytes + at, bytes + at + n, *len - at - n);
		*len -= n;
	}
}

static int replay(const char *path)
{
	static uint8_t bytes[1 << 20], changed[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t len = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
	uint64_t seed = len;

	if (!f) {
		perror(path);
		return 1;
	}
	fclose(f);
	alarm(SECONDS);
	LLVMFuzzerTestOneInput(bytes, len);
	for (int i = 0; i < CHANGES && len; i++) {
		size_t n = len;

		memcpy(changed, bytes, len);
		for (uint64_t times = 1 + next_random(&seed) % 4; times; times--)
			change(changed, &n, &seed);
		alarm(SECONDS);
		LLVMFuzzerTestOneInput(changed, n);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= replay(argv[i]);
	printf("%d files and %d changes of each\n", argc - 1, CHANGES);
	return status;
}
