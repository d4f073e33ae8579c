// SPDX-License-Identifier: GPL-2.0-or-later
// A manifest as JSON text, by jansson.
#include "receiver/store/manifest_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/names.h"

/* jansson keeps integers signed; no count of pages or bytes comes near 2^63. */
static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* Empty texts are left out. */
static void set_text(json_t *o, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(o, key, json_string(text));
}

static void set_time(json_t *o, const char *key, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40];
	struct tm tm;

	/* Years that no clock has would overflow struct tm. */
	if (seconds == 0 || seconds > UINT32_MAX * 64ull || !gmtime_r(&t, &tm))
		return;
	if (strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		set_text(o, key, text);
}

static void set_seconds(json_t *o, const char *key, double seconds)
{
	if (seconds > 0)
		json_object_set_new(o, key, json_real(seconds));
}

static void set_digest(json_t *o, const char *key, const struct kf_digest *d)
{
	char hex[2 * KF_DIGEST_BYTES + 1];

	for (size_t i = 0; i < KF_DIGEST_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->bytes[i]);
	set_text(o, key, hex);
}

static json_t *range(uint64_t first, uint64_t end)
{
	json_t *pair = json_array();

	json_array_append_new(pair, number(first));
	json_array_append_new(pair, number(end));
	return pair;
}

static json_t *list_json(const struct kf_manifest_list *list)
{
	json_t *o = json_object(), *ranges = json_array();
	uint64_t shown = list->count < KF_MANIFEST_RANGES ? list->count : KF_MANIFEST_RANGES;

	json_object_set_new(o, "pages", number(list->pages));
	json_object_set_new(o, "ranges_total", number(list->count));
	for (uint64_t i = 0; i < shown; i++)
		json_array_append_new(ranges, range(list->ranges[i].first, list->ranges[i].end));
	json_object_set_new(o, "ranges", ranges);
	return o;
}

static json_t *kernel_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	set_text(o, "release", m->release);
	set_text(o, "version", m->version);
	set_text(o, "machine", m->machine);
	return o;
}

static json_t *dump_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "level", number(m->level));
	set_text(o, "codec", m->codec);
	json_object_set_new(o, "page_size", number(m->page_size));
	json_object_set_new(o, "max_mapnr", number(m->max_mapnr));
	json_object_set_new(o, "ram_pages", number(m->ram_pages));
	return o;
}

static json_t *pages_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "stored", number(m->stored_pages));
	for (unsigned int i = 0; i < KF_CLASSES; i++)
		json_object_set_new(o, kf_class_name(i), number(m->tally.pages[i]));
	json_object_set_new(o, "zero", number(m->tally.zero));
	json_object_set_new(o, "unreadable", number(m->tally.unreadable));
	json_object_set_new(o, "undecided", number(m->tally.undecided));
	json_object_set_new(o, "rescued", number(m->tally.rescued));
	if (m->quick_pages)
		json_object_set_new(o, "quick", number(m->quick_pages));
	return o;
}

static json_t *bytes_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "raw", number(m->raw_bytes));
	json_object_set_new(o, "stored", number(m->stored_bytes));
	json_object_set_new(o, "wire", number(m->wire_bytes));
	json_object_set_new(o, "log", number(m->log_bytes));
	return o;
}

static json_t *seconds_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	set_seconds(o, "intro", m->intro);
	set_seconds(o, "vital", m->vital);
	set_seconds(o, "pages", m->pages);
	set_seconds(o, "close", m->close);
	if (m->has_end) {
		set_seconds(o, "sender_prepare", (double)m->prepare_us / 1e6);
		set_seconds(o, "sender_scan", (double)m->scan_us / 1e6);
		set_seconds(o, "sender_total", (double)m->total_us / 1e6);
	}
	return o;
}

static json_t *lacking_json(const struct kf_manifest *m)
{
	json_t *o = json_object();

	json_object_set_new(o, "unreadable", list_json(&m->unreadable));
	if (m->first_missing < m->max_mapnr)
		json_object_set_new(o, "not_received", range(m->first_missing, m->max_mapnr));
	return o;
}

static void set_head(json_t *o, const struct kf_manifest *m)
{
	static const char *const states[] = {
		[KF_STATE_RECEIVING] = "receiving",
		[KF_STATE_INCOMPLETE] = "incomplete",
		[KF_STATE_COMPLETE] = "complete",
	};

	json_object_set_new(o, "kferry_manifest", number(KF_MANIFEST_VERSION));
	set_text(o, "state", states[m->state]);
	set_text(o, "reason", m->reason);
	set_text(o, "file", m->file);
	set_text(o, "peer", m->peer);
	set_text(o, "claimed_host", m->claimed_host);
	set_text(o, "sender", m->sender);
	set_text(o, "receiver", m->receiver);
	if (m->connections)
		json_object_set_new(o, "connections", number(m->connections));
	set_time(o, "begun", m->begun);
	set_time(o, "updated", m->updated);
	set_time(o, "crash_time", m->crash_time);
}

char *kf_manifest_text_of(const json_t *o)
{
	char *text = json_dumps(o, JSON_INDENT(2) | JSON_REAL_PRECISION(6)), *line = NULL;

	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

char *kf_manifest_json(const struct kf_manifest *m)
{
	json_t *o = json_object(), *digest;
	char *text;

	set_head(o, m);
	json_object_set_new(o, "kernel", kernel_json(m));
	json_object_set_new(o, "dump", dump_json(m));
	json_object_set_new(o, "pages", pages_json(m));
	json_object_set_new(o, "bytes", bytes_json(m));
	json_object_set_new(o, "seconds", seconds_json(m));
	if (m->recompress)
		json_object_set_new(o, "recompress", json_pack("{s:s}", "state", "waiting"));
	json_object_set_new(o, "undecided", list_json(&m->undecided));
	json_object_set_new(o, "lacking", lacking_json(m));
	if (m->has_end) {
		digest = json_object();
		set_digest(digest, "pages", &m->page_digest);
		set_digest(digest, "verdicts", &m->verdict_digest);
		json_object_set_new(o, "digest", digest);
	}
	text = kf_manifest_text_of(o);
	json_decref(o);
	return text;
}
