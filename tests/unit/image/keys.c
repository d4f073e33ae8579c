// SPDX-License-Identifier: GPL-2.0-or-later
// VMCOREINFO's text, changed line by line; see keys.h.
#include "tests/unit/image/keys.h"

#include "tests/unit/unit.h"

void keys_change(char out[KEYS_MAX], const char *text, const char *key, const char *line)
{
	size_t len = strlen(key), n = 0;

	assert_true(strlen(text) + (line ? strlen(line) : 0) + 2 < KEYS_MAX);
	while (*text) {
		size_t bytes = strcspn(text, "\n");

		bytes += text[bytes] == '\n';
		if (strncmp(text, key, len) != 0 || text[len] != '=') {
			memcpy(out + n, text, bytes);
			n += bytes;
		}
		text += bytes;
	}
	if (line) {
		memcpy(out + n, line, strlen(line));
		n += strlen(line);
		out[n++] = '\n';
	}
	out[n] = '\0';
}
