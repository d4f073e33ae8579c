// Finds a key at the start of a line.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmcoreinfo.h"

#include <stdlib.h>
#include <string.h>

bool vmcoreinfo_value(const uint8_t *text, size_t len, const char *key, uint64_t *value)
{
	size_t key_len = strlen(key);
	const uint8_t *end = text + len;

	while (text && (size_t)(end - text) > key_len) {
		const uint8_t *line_end = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((line_end ? line_end : end) - text);
		char number[32] = "";

		if (line_len > key_len && memcmp(text, key, key_len) == 0) {
			size_t digits = line_len - key_len < sizeof number ? line_len - key_len : sizeof number - 1;

			memcpy(number, text + key_len, digits);
			*value = strtoull(number, NULL, strncmp(key, "SYMBOL(", 7) == 0 ? 16 : 0);
			return true;
		}
		text = line_end ? line_end + 1 : NULL;
	}
	return false;
}
