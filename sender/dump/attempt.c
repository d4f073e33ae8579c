// SPDX-License-Identifier: GPL-2.0-or-later
// One connection's part of a dump; see attempt.h.
#include "sender/dump/attempt.h"

#include <stdio.h>
#include <string.h>

#include "proto/names.h"
#include "sender/dump/handshake.h"

/* What a sender cannot pack is packed where it comes to rest. */
static struct kf_encoding choose_encoding(const struct kf_job *j)
{
	struct kf_encoding how = {
		.wire = j->setup->wire, .rest = j->setup->rest, .page_shift = j->kernel.page_shift, .automatic = j->setup->wire_auto,
	};

	if (!kf_encoding_known(&how)) {
		if (j->connections == 0)
			kf_log(j->log, KF_LOG_COMMON, "%s pages are packed by the receiver: batches go as lz4", kf_rest_codec_name(how.rest));
		how.wire = KF_WIRE_LZ4;
	}
	return how;
}

static enum kf_status open_transport(struct kf_job *j, const struct kf_target *target, struct kf_error *err)
{
	if (!j->setup->dry_run)
		return kf_transport_open(&j->transport, target, j->setup->trust, err);
	kf_transport_open_nowhere(&j->transport);
	return KF_OK;
}

/* Where to go on: what the receiver says is compared with what was sent, for it may be mistaken, or another. */
static const struct kf_history_point *choose_point(struct kf_job *j, const struct kf_resume *r)
{
	bool vital = j->vital.pages.count && (r->flags & KF_RESUME_VITAL);
	const struct kf_history_point *p;

	if (!(r->flags & KF_RESUME_INTRO) && r->pfn)
		return NULL;
	j->vital_there = 0;
	if (j->vital.pages.count && !vital) {		/* inside the vital part, or before it */
		j->vital_there = r->pfn;
		return r->carry.end ? NULL : kf_history_find(&j->history, 0, &r->carry, false);
	}
	p = kf_history_find(&j->history, r->pfn, &r->carry, vital);
	if (!p && r->pfn == j->ram.max_mapnr && j->history.count)	/* a finished dump has no carry left to tell */
		p = kf_history_find(&j->history, r->pfn, &(struct kf_carry){ 0 }, vital);
	return p;
}

static enum kf_status start(struct kf_job *j, struct kf_opening *o, const struct kf_history_point *p, struct kf_error *err)
{
	struct kf_pipeline_setup setup = {
		.transport = &j->transport, .encoding = choose_encoding(j), .threads = j->setup->threads,
		.history = j->transport.ops->answers ? &j->history : NULL,
		.frames = o->frames, .replies = o->replies,
		.totals = { .batches = p->batches, .pages = p->pages, .raw_bytes = p->raw_bytes, .wire_bytes = j->wire_bytes + o->bytes },
		.tick = kf_progress_tick, .tick_context = &j->progress,
	};
	enum kf_status st;

	j->encoding = setup.encoding;
	j->threads = kf_pipeline_threads(&setup);
	o->replies.parser = NULL;	/* the pipeline's from here on, also if it fails */
	st = kf_pipeline_create(&j->pipeline, &setup, err);
	if (st)
		return st;
	kf_pages_init(&j->pages, &j->vc, j->pipeline, j->kernel.page_shift, j->setup->level & KF_LEVEL_ZERO);
	if (kf_window_init(&j->window, err) ||
	    kf_scan_init(&j->scan, &j->kernel, &j->ram, j->setup->level, j->setup->cyclic_buffer, err))
		return err->status;
	kf_window_go_on(&j->window, p);
	kf_scan_go_on(&j->scan, p->pfn, &p->carry);
	j->scan.vital = &j->vital.pages;
	atomic_store(&j->progress.done, p->pfn);
	atomic_store(&j->progress.raw_bytes, p->raw_bytes);
	return KF_OK;
}

/* The part of the stream behind DUMP, from P on. */
static enum kf_status send_rest(struct kf_job *j, const struct kf_history_point *p, bool intro, struct kf_error *err)
{
	if (!intro && kf_job_send_intro(j, err))
		return err->status;
	if (p->pfn == 0 && !p->vital && kf_job_send_vital(j, err))
		return err->status;
	if (kf_job_send_body(j, err))
		return err->status;
	return kf_pipeline_finish(j->pipeline, &j->replies, err);
}

/* Where this connection begins: nowhere yet, or where the receiver wants it to. */
static enum kf_status begin_at(struct kf_job *j, struct kf_opening *o, struct kf_history_point *from, struct kf_error *err)
{
	const struct kf_history_point *p = NULL;

	*from = (struct kf_history_point){ 0 };
	if (!j->has_session) {
		kf_history_reset(&j->history);
		return KF_OK;
	}
	p = choose_point(j, &o->replies.resume);
	if (!p) {
		kf_fail(err, KF_MISMATCH, "%s: it wants to go on where this dump never was", j->transport.name);
		kf_opening_abort(o, &j->transport, err);
		return err->status;
	}
	*from = *p;
	kf_history_rewind(&j->history, p);
	j->again_bytes += j->wire_bytes - p->wire_bytes;
	return KF_OK;
}

/* Who is to blame for the failure of an attempt that came so far as to talk. */
static enum kf_broke blame(const struct kf_job *j, const struct kf_replies *r, bool resumes)
{
	if (j->pipeline && !kf_pipeline_broke(j->pipeline))
		return KF_BROKE_HERE;
	if (!j->transport.ops->answers)
		return KF_BROKE_TARGET;
	/* What SSH or TLS brings is as it was sent: that is no receiver. */
	if (r->damaged && j->transport.way[0] && !r->welcomed && !j->has_session)
		return KF_BROKE_TARGET;
	if (r->damaged)
		return KF_BROKE_PROTOCOL;
	if (!r->aborted)
		return KF_BROKE_CONNECTION;
	if (resumes && !r->resume_told && (r->abort_code == KF_ABORT_REFUSED || r->abort_code == KF_ABORT_UNSUPPORTED))
		return KF_BROKE_NO_RESUME;
	switch (r->abort_code) {
	case KF_ABORT_PROTOCOL:
		return KF_BROKE_PROTOCOL;
	case KF_ABORT_STOPPED:
		return KF_BROKE_CONNECTION;
	case KF_ABORT_REFUSED:	/* once it has taken the dump, that is silence: a bad network's fault */
		return r->welcomed ? KF_BROKE_CONNECTION : KF_BROKE_TARGET;
	default:
		return KF_BROKE_TARGET;
	}
}

/* Whether NOW is more than BEFORE. Flags grow with what is there. */
static bool farther(const struct kf_resume *now, const struct kf_resume *before)
{
	return now->flags > before->flags || (now->flags == before->flags && now->pfn > before->pfn);
}

/* More is durable than ever before; for a new dump its welcome is something too. */
static bool got_on(struct kf_job *j, const struct kf_replies *r)
{
	const struct kf_resume durable = { .pfn = r->durable_pfn, .flags = r->durable_flags };
	bool on = !j->has_session && r->welcomed;

	if (r->resume_told && farther(&r->resume, &j->reached)) {
		j->reached = r->resume;
		on = true;
	}
	if (farther(&durable, &j->reached)) {
		j->reached = durable;
		on = true;
	}
	return on;
}

/* Whom we may not trust, who does not let us in, and our own files, will not do better the next time; but one that did before may be starting up. */
static bool is_final(const struct kf_job *j, enum kf_status st)
{
	return (st == KF_REFUSED || st == KF_INVALID) && !j->has_session;
}

static enum kf_status talk(struct kf_job *j, struct kf_outcome *how, struct kf_error *err)
{
	struct kf_history_point from = { 0 };
	struct kf_message hello, dump;
	struct kf_opening o;
	bool intro;
	enum kf_status st;

	kf_job_hello(j, &hello);
	kf_job_dump_message(j, &dump);
	st = kf_opening_make(&o, &j->transport, &hello, &dump, err);
	if (!st)
		st = begin_at(j, &o, &from, err);
	if (st) {
		how->broke = st == KF_MISMATCH ? KF_BROKE_NO_RESUME : !o.replies.parser ? KF_BROKE_HERE :
			     !o.replies.aborted && is_final(j, st) ? KF_BROKE_TARGET : blame(j, &o.replies, j->has_session);
		j->wire_bytes += o.bytes;
		kf_opening_deinit(&o);
		return st;
	}
	intro = j->has_session && (o.replies.resume.flags & KF_RESUME_INTRO);
	how->broke = KF_BROKE_HERE;
	if (start(j, &o, &from, err))
		return err->status;
	st = send_rest(j, &from, intro, err);
	kf_pipeline_stop(j->pipeline, st ? err : NULL);
	how->broke = blame(j, kf_pipeline_replies(j->pipeline), j->has_session);
	how->progress = got_on(j, kf_pipeline_replies(j->pipeline));
	return st;
}

/* Keeps what the next connection needs, and lets go of what was this one's. */
static void put_away(struct kf_job *j)
{
	if (j->pipeline) {
		const struct kf_replies *r = kf_pipeline_replies(j->pipeline);

		if (r->welcomed && !j->has_session) {
			j->has_session = true;
			j->session = r->id;
		}
		(void)!kf_pipeline_drain(j->pipeline, &j->totals, &(struct kf_error){ 0 });
		j->wire_bytes = j->totals.wire_bytes;
	}
	kf_pipeline_destroy(j->pipeline, NULL);
	j->pipeline = NULL;
	kf_scan_deinit(&j->scan);
	kf_window_deinit(&j->window);
	kf_pages_deinit(&j->pages);
	kf_transport_close(&j->transport);
}

enum kf_status kf_attempt(struct kf_job *j, const struct kf_target *target, struct kf_outcome *how, struct kf_error *err)
{
	enum kf_status st = open_transport(j, target, err);

	*how = (struct kf_outcome){ .broke = j->transport.ops && j->transport.ops->answers && !is_final(j, st) ? KF_BROKE_CONNECTION : KF_BROKE_TARGET };
	if (!st) {
		st = talk(j, how, err);
		j->connections++;
	}
	put_away(j);
	return st;
}

void kf_attempt_anew(struct kf_job *j, const char *name, const char *reason)
{
	j->has_session = false;
	j->again_bytes = j->wire_bytes;
	j->vital_there = 0;
	j->reached = (struct kf_resume){ 0 };
	snprintf(j->program, sizeof(j->program), KF_SENDER_NAME ", anew after %s: %.180s", name, reason);
}
