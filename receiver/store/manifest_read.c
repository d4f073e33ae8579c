// SPDX-License-Identifier: GPL-2.0-or-later
// Reading a manifest of an earlier run, by jansson; see manifest_read.h.
#include "receiver/store/manifest_read.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/store/file.h"
#include "receiver/store/manifest_json.h"

#define LARGEST (1u << 20)	/* bytes; ours have some 20 KiB at most */

static json_t *load(const struct kf_dumpdir *dir)
{
	struct kf_file f = { .io = dir->io, .name = KF_MANIFEST };
	struct kf_error ignored;
	json_t *o = NULL;
	uint64_t size;
	char *text;

	/* For --verify a file that may only be read is enough. */
	f.fd = dir->io->ops->openat(dir->io->ctx, dir->fd, KF_MANIFEST, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0);
	if (f.fd < 0)
		return NULL;
	if (!kf_file_size(&f, &size, &ignored) && size > 0 && size < LARGEST) {
		text = malloc((size_t)size);
		if (text && !kf_file_read(&f, text, (size_t)size, 0, &ignored))
			o = json_loadb(text, (size_t)size, 0, NULL);
		free(text);
	}
	kf_file_close(&f);
	return o;
}

static void get_text(char out[KF_MANIFEST_TEXT], const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	kf_manifest_text(out, KF_MANIFEST_TEXT, text ? text : "", text ? strlen(text) : 0);
}

static uint64_t get_number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

void kf_manifest_past_read(struct kf_manifest_past *past, const struct kf_dumpdir *dir)
{
	json_t *o = load(dir);
	const char *state = json_string_value(json_object_get(o, "state"));

	*past = (struct kf_manifest_past){ .incomplete = state && strcmp(state, "incomplete") == 0 };
	get_text(past->peer, o, "peer");
	get_text(past->claimed_host, o, "claimed_host");
	get_text(past->sender, o, "sender");
	past->wire_bytes = get_number(json_object_get(o, "bytes"), "wire");
	past->connections = get_number(o, "connections");
	past->stored = get_number(json_object_get(o, "pages"), "stored");
	json_decref(o);
}

static enum kf_status load_to_change(const struct kf_dumpdir *dir, json_t **o, struct kf_error *err)
{
	*o = load(dir);
	if (json_is_object(*o))
		return KF_OK;
	json_decref(*o);
	return kf_fail(err, KF_ABSENT, "%s: cannot be read", KF_MANIFEST);
}

/* Takes O. */
static enum kf_status save(const struct kf_dumpdir *dir, json_t *o, struct kf_error *err)
{
	char *text = kf_manifest_text_of(o);
	enum kf_status st = text ? kf_manifest_put(text, dir, err) : kf_fail(err, KF_FAILED, "no memory for the manifest");

	json_decref(o);
	free(text);
	return st;
}

enum kf_status kf_manifest_add_reason(const struct kf_dumpdir *dir, const char *more, struct kf_error *err)
{
	char both[2 * KF_ERROR_TEXT];
	const char *reason;
	json_t *o;

	if (load_to_change(dir, &o, err))
		return err->status;
	reason = json_string_value(json_object_get(o, "reason"));
	snprintf(both, sizeof(both), "%s%s%s", reason ? reason : "", reason ? "; " : "", more);
	json_object_set_new(o, "reason", json_string(both));
	return save(dir, o, err);
}

enum kf_status kf_manifest_set_recompressed(const struct kf_dumpdir *dir, const struct kf_manifest_recompressed *r, struct kf_error *err)
{
	json_t *o;

	if (load_to_change(dir, &o, err))
		return err->status;
	if (r->given_up) {
		json_object_set_new(o, "recompress", json_pack("{s:s, s:s}", "state", "given up", "reason", r->given_up));
	} else {
		json_object_set_new(o, "recompress", json_pack("{s:s, s:f, s:I}", "state", "done", "seconds", r->seconds, "bytes", (json_int_t)r->bytes));
		json_object_set_new(json_object_get(o, "bytes"), "stored", json_integer((json_int_t)r->stored));
		json_object_del(json_object_get(o, "pages"), "quick");
	}
	return save(dir, o, err);
}

static bool get_digest(struct kf_digest *d, const json_t *o, const char *key)
{
	const char *hex = json_string_value(json_object_get(o, key));

	if (!hex || strlen(hex) != 2 * sizeof(d->bytes))
		return false;
	for (size_t i = 0; i < sizeof(d->bytes); i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		d->bytes[i] = (uint8_t)byte;
	}
	return true;
}

static void get_list(struct kf_manifest_list *list, const json_t *o)
{
	const json_t *ranges = json_object_get(o, "ranges"), *pair;
	size_t i;

	json_array_foreach(ranges, i, pair) {
		json_int_t first = json_integer_value(json_array_get(pair, 0)), end = json_integer_value(json_array_get(pair, 1));

		if (first >= 0 && end > first && list->count < KF_MANIFEST_RANGES)
			list->ranges[list->count++] = (struct kf_range){ (uint64_t)first, (uint64_t)end };
	}
	list->count = get_number(o, "ranges_total");
	list->pages = get_number(o, "pages");
}

enum kf_status kf_manifest_claims_read(struct kf_manifest_claims *c, const struct kf_dumpdir *dir, struct kf_error *err)
{
	json_t *o = load(dir);
	const json_t *pages = json_object_get(o, "pages"), *dump = json_object_get(o, "dump"), *digest = json_object_get(o, "digest");
	const json_t *state_of = json_object_get(json_object_get(o, "recompress"), "state");
	const char *state = json_string_value(json_object_get(o, "state")), *reason = json_string_value(json_object_get(o, "reason"));

	*c = (struct kf_manifest_claims){ .complete = state && strcmp(state, "complete") == 0 };
	if (!o)
		return kf_fail(err, KF_ABSENT, "there is no %s beside it that could be read, and nothing to verify it against", KF_MANIFEST);
	if (get_number(o, "kferry_manifest") != KF_MANIFEST_VERSION || !state) {
		json_decref(o);
		return kf_fail(err, KF_INVALID, "%s: not a manifest of version %d", KF_MANIFEST, KF_MANIFEST_VERSION);
	}
	kf_manifest_text(c->reason, sizeof(c->reason), reason ? reason : "", reason ? strlen(reason) : 0);
	c->recompress = json_string_value(state_of) && strcmp(json_string_value(state_of), "waiting") == 0;
	c->stored_pages = get_number(pages, "stored");
	c->kept_pages = get_number(pages, "kept");
	get_text(c->codec, dump, "codec");
	get_text(c->release, json_object_get(o, "kernel"), "release");
	get_text(c->version, json_object_get(o, "kernel"), "version");
	get_text(c->machine, json_object_get(o, "kernel"), "machine");
	c->level = get_number(dump, "level");
	c->page_size = get_number(dump, "page_size");
	c->max_mapnr = get_number(dump, "max_mapnr");
	c->ram_pages = get_number(dump, "ram_pages");
	c->has_digests = get_digest(&c->pages, digest, "pages") && get_digest(&c->verdicts, digest, "verdicts");
	get_list(&c->unreadable, json_object_get(json_object_get(o, "lacking"), "unreadable"));
	json_decref(o);
	return KF_OK;
}
