// SPDX-License-Identifier: GPL-2.0-or-later
// Identities; see identity.h.
#include "common/identity.h"

/* Not isalnum(): what that takes for a letter is the locale's affair. */
static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_inner(char c)
{
	return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

bool kf_identity_is_good(const char *text, size_t len)
{
	if (!len || len > KF_IDENTITY_MAX || !is_alnum(text[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_inner(text[i]))
			return false;
	return true;
}

void kf_identity_clean(char out[KF_IDENTITY_MAX + 1], const char *text)
{
	size_t n = 0;

	for (; *text && n < KF_IDENTITY_MAX; text++) {
		char c = *text == ':' ? '-' : *text;

		if (!is_inner(c))
			continue;
		if (n == 0 && !is_alnum(c))
			out[n++] = '0';
		out[n++] = c;
	}
	if (n == 0)
		out[n++] = '0';
	out[n] = '\0';
}
