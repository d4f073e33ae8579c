// SPDX-License-Identifier: GPL-2.0-or-later
// VMCOREINFO's text; see vmcoreinfo.h.
#include "sender/kernel/vmcoreinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const texts[KF_KEYS] = {
#define X(id, text) [KF_KEY_##id] = (text),
	KF_VMCOREINFO_KEYS(X)
#undef X
};

const char *kf_key_text(enum kf_key key)
{
	return texts[key];
}

static bool parse_base(const char *s, int base, bool sign, uint64_t *v)
{
	char *end;

	if (!*s || (!sign && *s == '-') || *s == ' ' || *s == '+')
		return false;
	errno = 0;
	*v = sign && *s == '-' ? (uint64_t)strtoll(s, &end, base) : strtoull(s, &end, base);
	return !errno && !*end;
}

/* SYMBOL and KERNELOFFSET: bare hexadecimal. NUMBER: decimal with a sign, else hexadecimal. Others: decimal. */
static bool parse_value(const char *key, const char *s, uint64_t *v)
{
	if (strncmp(key, "SYMBOL(", 7) == 0)
		return parse_base(s, 16, false, v) && *v != 0 && *v != UINT64_MAX;
	if (strcmp(key, "KERNELOFFSET") == 0)
		return parse_base(s, 16, false, v);
	if (strncmp(key, "NUMBER(", 7) == 0)
		return parse_base(s, 10, true, v) || parse_base(s, 16, false, v);
	return parse_base(s, 10, true, v);
}

static void take_text(char *out, size_t size, const char *value)
{
	size_t n = strlen(value);

	if (*out)
		return;
	n = n < size - 1 ? n : size - 1;
	memcpy(out, value, n);
	out[n] = '\0';
}

static void take_line(struct kf_vmcoreinfo *vi, bool seen[KF_KEYS], const char *key, const char *value)
{
	if (strcmp(key, "OSRELEASE") == 0)
		take_text(vi->osrelease, sizeof(vi->osrelease), value);
	if (strcmp(key, "BUILD-ID") == 0)
		take_text(vi->build_id, sizeof(vi->build_id), value);
	for (int k = 0; k < KF_KEYS; k++) {
		if (seen[k] || strcmp(key, texts[k]) != 0)
			continue;
		seen[k] = true;
		vi->has[k] = parse_value(key, value, &vi->value[k]);
		return;
	}
}

void kf_vmcoreinfo_parse(struct kf_vmcoreinfo *vi, const char *text, size_t len)
{
	bool seen[KF_KEYS] = { false };
	const char *end = text + len;

	*vi = (struct kf_vmcoreinfo){ 0 };
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		char line[256];		/* the longest real line has fewer than 90 bytes */
		char *value;
		size_t n;

		stop = stop ? stop : end;
		n = (size_t)(stop - text);
		if (n < sizeof(line)) {
			memcpy(line, text, n);
			line[n] = '\0';
			value = strchr(line, '=');
			if (value) {
				*value++ = '\0';
				take_line(vi, seen, line, value);
			}
		}
		text = stop + 1;
	}
}
