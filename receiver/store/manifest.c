// SPDX-License-Identifier: GPL-2.0-or-later
// What goes into manifest.json, and how it gets to disk; see manifest.h.
#include "receiver/store/manifest.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/store/file.h"
#include "receiver/store/manifest_json.h"

#define FIRST_BLOCK 4096	/* bytes that any file system gives to a file at once */

void kf_manifest_text(char *out, size_t size, const char *text, size_t len)
{
	size_t n = 0;

	for (; n < len && n < size - 1 && text[n]; n++)
		out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
	out[n] = '\0';
}

void kf_manifest_host(char *out, size_t size, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < size - 1 && text[i]; i++)
		if (isascii(text[i]) && (isalnum((unsigned char)text[i]) || strchr("._-", text[i])))
			out[n++] = text[i];
	out[n] = '\0';
}

void kf_manifest_list_add(struct kf_manifest_list *list, struct kf_range range)
{
	if (list->count < KF_MANIFEST_RANGES)
		list->ranges[list->count] = range;
	list->count++;
	list->pages += range.end - range.first;
}

static enum kf_status write_aside(const char *text, const struct kf_dumpdir *dir, struct kf_error *err)
{
	struct kf_file f = KF_FILE_CLOSED;
	enum kf_status st = kf_dumpdir_remove(dir, KF_MANIFEST_NEW, err);

	if (!st)
		st = kf_file_create(&f, dir->io, dir->fd, KF_MANIFEST_NEW, err);
	if (!st)
		st = kf_file_write(&f, text, strlen(text), 0, err);
	if (!st)
		st = kf_file_sync(&f, err);
	kf_file_close(&f);
	return st;
}

/*
 * On a full disk there is no block for a new file, but the old manifest has one. Only then is it written over, and
 * only by a text that fits its first block: what a power failure could damage is then one sector's worth of JSON, and
 * what the manifest would say otherwise is wrong.
 */
static enum kf_status write_over(const char *text, const struct kf_dumpdir *dir, struct kf_error *err)
{
	struct kf_file f = KF_FILE_CLOSED;
	size_t len = strlen(text);
	enum kf_status st;

	if (len > FIRST_BLOCK)
		return kf_fail(err, KF_FAILED, "%s: no room for %zu bytes", KF_MANIFEST, len);
	st = kf_file_open(&f, dir->io, dir->fd, KF_MANIFEST, err);
	if (!st)
		st = kf_file_write(&f, text, len, 0, err);
	if (!st)
		st = kf_file_truncate(&f, len, err);
	if (!st)
		st = kf_file_sync(&f, err);
	kf_file_close(&f);
	return st;
}

enum kf_status kf_manifest_put(const char *text, const struct kf_dumpdir *dir, struct kf_error *err)
{
	enum kf_status st = write_aside(text, dir, err);

	return st ? st : kf_dumpdir_rename(dir, KF_MANIFEST_NEW, KF_MANIFEST, err);
}

enum kf_status kf_manifest_write(const struct kf_manifest *m, const struct kf_dumpdir *dir, struct kf_error *err)
{
	char *text = kf_manifest_json(m);
	struct kf_error ignored;
	enum kf_status st;

	if (!text)
		return kf_fail(err, KF_FAILED, "no memory for the manifest");
	st = kf_manifest_put(text, dir, err);
	if (st) {
		(void)!kf_dumpdir_remove(dir, KF_MANIFEST_NEW, &ignored);
		if (m->state == KF_STATE_INCOMPLETE && !write_over(text, dir, &ignored))
			st = KF_OK;
	}
	free(text);
	return st;
}
