// SPDX-License-Identifier: GPL-2.0-or-later
// Which host keys are believed; see sshhosts.h.
#include "sender/transport/sshhosts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 2
#define USERS_FILE "/.ssh/known_hosts"
#define SYSTEMS_FILE "/etc/ssh/ssh_known_hosts"

/* What the files say about one host. */
struct known {
	const uint8_t *blob;		/* what the server showed; NULL if the types alone are asked for */
	size_t len;
	bool same, revoked;
	char types[256];		/* of all keys, separated by commas */
	char other[KF_FINGERPRINT_MAX], other_type[64], other_where[256];	/* a known key that is not the one; of the same type if there is one */
	char revoked_where[256];
};

struct files {
	char path[FILES_MAX][KF_TARGET_MAX];
	bool given;			/* by the user, so that it must be there */
	unsigned int count;
};

const char *kf_ssh_env(const char *name, const char *roots)
{
	const char *value = getenv(name);

	if (value && *value && strcmp(value, "/") != 0)
		return value;
	return geteuid() == 0 ? roots : value;
}

static void find_files(struct files *f, const struct kf_trust *trust)
{
	const char *home = kf_ssh_env("HOME", "/root");

	*f = (struct files){ .given = trust->known_hosts != NULL };
	if (f->given) {
		snprintf(f->path[f->count++], KF_TARGET_MAX, "%s", trust->known_hosts);
		return;
	}
	if (home)
		snprintf(f->path[f->count++], KF_TARGET_MAX, "%s" USERS_FILE, home);
	snprintf(f->path[f->count++], KF_TARGET_MAX, "%s", SYSTEMS_FILE);
}

/* The type that a public key itself has in front; empty if it is none. */
static void blob_type(char *type, size_t size, const uint8_t *blob, size_t len)
{
	size_t n = len < 4 ? 0 : (size_t)blob[0] << 24 | (size_t)blob[1] << 16 | (size_t)blob[2] << 8 | blob[3];

	if (n >= size || len < 4 || n > len - 4)
		n = 0;
	memcpy(type, blob + 4, n);
	type[n] = '\0';
}

static void note_type(struct known *k, const char *type)
{
	size_t used = strlen(k->types), n = strlen(type);
	char *at = strstr(k->types, type);

	if ((at && (at[n] == ',' || !at[n])) || used + n + 2 > sizeof(k->types))
		return;
	snprintf(k->types + used, sizeof(k->types) - used, "%s%s", used ? "," : "", type);
}

static void note(struct known *k, const struct kf_known_key *key, const char *path, unsigned int line)
{
	bool same = k->blob && key->len == k->len && memcmp(key->blob, k->blob, key->len) == 0;
	char shown[64];

	if (key->kind == KF_KNOWN_AUTHORITY)	/* certificates of host keys are not asked for, so nobody shows one */
		return;
	if (key->kind == KF_KNOWN_REVOKED) {
		if (same) {
			k->revoked = true;
			snprintf(k->revoked_where, sizeof(k->revoked_where), "%.200s:%u", path, line);
		}
		return;
	}
	note_type(k, key->type);
	k->same = k->same || same;
	if (same || !k->blob)
		return;
	blob_type(shown, sizeof(shown), k->blob, k->len);
	if (k->other[0] && (strcmp(k->other_type, shown) == 0 || strcmp(key->type, shown) != 0))
		return;
	kf_fingerprint(k->other, key->blob, key->len);
	snprintf(k->other_type, sizeof(k->other_type), "%s", key->type);
	snprintf(k->other_where, sizeof(k->other_where), "%.200s:%u", path, line);
}

static enum kf_status read_file(struct known *k, const char *path, bool must, const char *name, struct kf_error *err)
{
	struct kf_known_key *key = malloc(sizeof(*key));
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!key || !f) {
		free(key);
		if (f)
			fclose(f);
		if (!f && !must)
			return KF_OK;
		kf_fail_errno(err, "known hosts %s", path);
		return err->status = KF_INVALID;	/* a file that is not there now will not be later */
	}
	for (unsigned int number = 1; (n = getline(&line, &room, f)) >= 0; number++) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (kf_known_line(key, line, name))
			note(k, key, path, number);
	}
	free(line);
	free(key);
	fclose(f);
	return KF_OK;
}

/* ssh calls a host on a port of its own "[host]:port", and takes what is known of the host itself if that name is not there. */
static enum kf_status look_up(struct known *k, const struct kf_target *target, const struct files *files, struct kf_error *err)
{
	char host[KF_HOST_MAX], name[KF_HOST_MAX + 16];
	size_t i;

	for (i = 0; target->host[i]; i++)
		host[i] = (char)tolower((unsigned char)target->host[i]);
	host[i] = '\0';
	for (unsigned int plain = strcmp(target->port, "22") == 0; plain <= 1 && !k->types[0]; plain++) {
		snprintf(name, sizeof(name), plain ? "%s" : "[%s]:%s", host, target->port);
		for (unsigned int f = 0; f < files->count; f++)
			if (read_file(k, files->path[f], files->given, name, err))
				return err->status;
	}
	return KF_OK;
}

enum kf_status kf_known_types(char *list, size_t size, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	struct known k = { 0 };
	struct files files;

	list[0] = '\0';
	if (trust->host_key_count)
		return KF_OK;
	find_files(&files, trust);
	if (look_up(&k, target, &files, err))
		return err->status;
	snprintf(list, size, "%s", k.types);
	return KF_OK;
}

static enum kf_status check_pinned(const struct kf_trust *trust, const char *shown, const char *type, struct kf_error *err)
{
	for (unsigned int i = 0; i < trust->host_key_count; i++)
		if (strncmp(trust->host_keys[i], shown, KF_FINGERPRINT_MAX - 2) == 0)	/* some write the padding behind it */
			return KF_OK;
	return kf_fail(err, KF_REFUSED, "the server's host key is not the one of --host-key: wanted %.60s%s, the server showed %s (%s); "
		       "somebody may be in between, or it is another server", trust->host_keys[0],
		       trust->host_key_count > 1 ? " or another" : "", shown, type);
}

enum kf_status kf_known_check(const struct kf_target *target, const struct kf_trust *trust, const void *blob, size_t len, struct kf_error *err)
{
	struct known k = { .blob = blob, .len = len };
	char shown[KF_FINGERPRINT_MAX], type[64];
	struct files files;

	kf_fingerprint(shown, blob, len);
	blob_type(type, sizeof(type), blob, len);
	if (trust->host_key_count)
		return check_pinned(trust, shown, type, err);
	find_files(&files, trust);
	if (look_up(&k, target, &files, err))
		return err->status;
	if (k.revoked)
		return kf_fail(err, KF_REFUSED, "the server's host key %s (%s) is revoked: %s", shown, type, k.revoked_where);
	if (k.same)
		return KF_OK;
	if (k.other[0])
		return kf_fail(err, KF_REFUSED, "the server's host key is another than the known one: known %s (%s, %s), the server showed %s (%s); "
			       "somebody may be in between; if the server has %s", k.other, k.other_type, k.other_where, shown, type,
			       strcmp(k.other_type, type) ? "both, give the second a line too" : "got a new key, replace that line");
	return kf_fail(err, KF_REFUSED, "the server's host key is unknown: none known in %.120s%s, the server showed %s (%s); if ssh-keygen -l "
		       "on the server tells the same, give --host-key %s", files.path[0], files.count > 1 ? " and " SYSTEMS_FILE : "",
		       shown, type, shown);
}
