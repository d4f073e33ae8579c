// SPDX-License-Identifier: GPL-2.0-or-later
// One line of a known_hosts file, and fingerprints; see sshhosts.h.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>
#include <strings.h>

#include "sender/transport/sshhosts.h"

void kf_fingerprint(char text[KF_FINGERPRINT_MAX], const void *blob, size_t len)
{
	unsigned char digest[SHA256_DIGEST_LENGTH], coded[KF_FINGERPRINT_MAX];
	int n;

	SHA256(blob, len, digest);
	n = EVP_EncodeBlock(coded, digest, sizeof(digest));
	while (n > 0 && coded[n - 1] == '=')	/* as ssh writes it */
		n--;
	memcpy(text, "SHA256:", 7);
	memcpy(text + 7, coded, (size_t)n);
	text[7 + n] = '\0';
}

/* Bytes of LEN letters of base64 at TEXT; 0 if that is none, or more than SIZE. */
static size_t decode(uint8_t *bytes, size_t size, const char *text, size_t len)
{
	size_t padding = 0;
	int n;

	if (len == 0 || len % 4 || len / 4 * 3 > size || memchr(text, '\n', len))
		return 0;
	while (padding < 2 && text[len - 1 - padding] == '=')
		padding++;
	n = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
	return n > (int)padding ? (size_t)n - padding : 0;
}

/* "|1|SALT|HASH": the name's HMAC-SHA1, so that a stolen file does not tell where its owner goes. */
static bool hashed_is(const char *text, size_t len, const char *name)
{
	uint8_t salt[64], hash[64], digest[EVP_MAX_MD_SIZE];
	const char *bar = memchr(text + 3, '|', len - 3);
	size_t salt_len, hash_len;
	unsigned int n = 0;

	if (!bar)
		return false;
	salt_len = decode(salt, sizeof(salt), text + 3, (size_t)(bar - text) - 3);
	hash_len = decode(hash, sizeof(hash), bar + 1, len - (size_t)(bar - text) - 1);
	return salt_len && HMAC(EVP_sha1(), salt, (int)salt_len, (const uint8_t *)name, strlen(name), digest, &n) && hash_len == n &&
	       memcmp(hash, digest, n) == 0;
}

/* Whether NAME is what the LEN letters at P describe. Goes back to the last star only, so it takes no more than the product of both lengths. */
static bool fits(const char *p, size_t len, const char *name)
{
	const char *end = p + len, *star = NULL, *at_star = NULL;

	while (*name) {
		if (p < end && *p == '*') {
			star = ++p;
			at_star = name;
		} else if (p < end && (*p == '?' || strncasecmp(p, name, 1) == 0)) {
			p++;
			name++;
		} else if (star) {
			p = star;
			name = ++at_star;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

static bool names_have(const char *names, size_t len, const char *name)
{
	const char *end = names + len;
	bool found = false;

	if (len > 3 && strncmp(names, "|1|", 3) == 0)
		return hashed_is(names, len, name);
	while (names < end) {
		const char *comma = memchr(names, ',', (size_t)(end - names));
		const char *stop = comma ? comma : end;
		bool except = *names == '!';

		if (fits(names + except, (size_t)(stop - names) - except, name)) {
			if (except)
				return false;
			found = true;
		}
		names = comma ? comma + 1 : end;
	}
	return found;
}

/* The next word of the line; *LEN is 0 at its end. */
static const char *word(const char **line, size_t *len)
{
	const char *p = *line + strspn(*line, " \t");

	*len = strcspn(p, " \t");
	*line = p + *len;
	return p;
}

bool kf_known_line(struct kf_known_key *key, const char *line, const char *name)
{
	size_t len, type_len, key_len;
	const char *names = word(&line, &len), *type, *coded;

	if (len == 0 || *names == '#')
		return false;
	key->kind = KF_KNOWN_PLAIN;
	if (*names == '@') {
		if (len == 8 && strncmp(names, "@revoked", 8) == 0)
			key->kind = KF_KNOWN_REVOKED;
		else if (len == 15 && strncmp(names, "@cert-authority", 15) == 0)
			key->kind = KF_KNOWN_AUTHORITY;
		else
			return false;
		names = word(&line, &len);
	}
	type = word(&line, &type_len);
	coded = word(&line, &key_len);
	if (!type_len || type_len >= sizeof(key->type) || !names_have(names, len, name))
		return false;
	memcpy(key->type, type, type_len);
	key->type[type_len] = '\0';
	key->len = decode(key->blob, sizeof(key->blob), coded, key_len);
	return key->len != 0;
}
