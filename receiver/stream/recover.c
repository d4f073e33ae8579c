// SPDX-License-Identifier: GPL-2.0-or-later
// Recovery: the close of a dump whose receiver was killed; see recover.h.
#include "receiver/stream/recover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "receiver/store/manifest_read.h"
#include "receiver/stream/reopen.h"

static void set_past(struct kf_assembler *a, const struct kf_manifest_past *past)
{
	a->setup.peer = past->peer;
	memcpy(a->said.host, past->claimed_host, sizeof(a->said.host));
	memcpy(a->said.sender, past->sender, sizeof(a->said.sender));
	a->said.wire_bytes = past->wire_bytes;
	a->said.connections = past->connections ? past->connections : 1;
}

/* END was compared before the incomplete flag was cleared; what it said is what the journal adds up to. */
static void set_end(struct kf_assembler *a)
{
	struct kf_end *e = &a->said.end;

	e->reason = KF_END_COMPLETE;
	e->tally = a->durable.tally;
	e->windows = a->said.windows;
	e->batches = a->said.batches;
	kf_sum_encode(&e->pages, &a->sums.pages);
	kf_sum_encode(&e->verdicts, &a->sums.verdicts);
	a->said.ended = true;
}

static enum kf_status close_it(struct kf_assembler *a, uint64_t pages, const struct kf_manifest_past *past,
			       struct kf_recovered *out, struct kf_error *err)
{
	bool intro = (a->durable.flags & KF_RESUME_INTRO) != 0, whole = intro && a->disk.dump.whole;
	/* A table that knows more than the journal is never given up for it: the journal may be damaged, or was cut for a sender that did
	 * not get on. Every page that it has was on disk before it was. */
	bool known = intro && pages >= a->durable.pages && pages != UINT64_MAX && a->disk.dump.opens;

	out->id = a->id;
	out->resumable = intro && !whole;
	/* It was closed in order, and not killed between a checkpoint of a later connection and its manifest, nor before its table was
	 * behind its pages. */
	if (!whole && known && past->incomplete && past->stored == pages && !kf_aside_is(&a->disk.dump, a->durable.data_end))
		return KF_OK;
	out->touched = true;
	/* What the manifest may say until the new table is there: no more than either table has. */
	if (!known && pages > a->durable.pages)
		pages = a->durable.pages;
	if (!known)
		a->checkpointer.last = (struct kf_mark){ .pages = pages, .raw = pages << a->said.dump.page_shift };
	if (whole)
		set_end(a);
	kf_close_begin(a, whole, KF_INCOMPLETE, whole ? "" :
		       "the receiver was killed, or its machine lost power, before the sender's END");
	kf_close_prepare(a);
	a->closer.anything_new = !known;
	kf_closer_run(&a->closer.job, NULL);
	if (a->closer.status)
		return kf_fail(err, a->closer.status, "%s", a->closer.err.text);
	out->whole = whole;
	if (whole)
		kf_asm_finished(a, &out->finished);
	return KF_OK;
}

enum kf_status kf_recover(const struct kf_setup *setup, const char *name, struct kf_recovered *out, struct kf_error *err)
{
	struct kf_assembler *a = kf_assembler_create(setup);
	struct kf_manifest_past past;
	enum kf_status st;
	uint64_t pages;

	*out = (struct kf_recovered){ 0 };
	if (!a)
		return kf_fail(err, KF_FAILED, "no memory to recover a dump");
	st = kf_reopen(a, name, false, &pages, err);
	if (!st || st == KF_INCOMPLETE) {
		kf_manifest_past_read(&past, &a->disk.dir);
		set_past(a, &past);
		st = close_it(a, pages, &past, out, err);
	}
	kf_assembler_destroy(a);
	return st;
}

/* Its sender may have come back to another kferry-recv on this directory, which then has the lock, or has finished it. */
static enum kf_status lock_journal(const struct kf_dumpdir *dir, struct kf_file *journal, struct kf_error *err)
{
	enum kf_status st = kf_file_open(journal, dir->io, dir->fd, KF_JOURNAL, err);

	if (st && errno == ENOENT)
		return kf_fail(err, KF_ABSENT, "%s: it is gone", KF_JOURNAL);
	return st ? st : kf_file_lock(journal, err);
}

static enum kf_status end_waiting(const struct kf_dumpdir *dir, uint64_t seconds, struct kf_error *err)
{
	struct kf_manifest_past past;
	enum kf_status st = KF_OK;
	char more[100];

	kf_manifest_past_read(&past, dir);
	snprintf(more, sizeof(more), "its sender did not come back within %llu s", (unsigned long long)seconds);
	if (past.incomplete)
		st = kf_manifest_add_reason(dir, more, err);
	if (!st || st == KF_ABSENT)
		st = kf_dumpdir_remove(dir, KF_JOURNAL, err);
	return st ? st : kf_dumpdir_sync(dir, err);
}

enum kf_status kf_give_up(const struct kf_setup *setup, const char *name, uint64_t seconds, struct kf_error *err)
{
	struct kf_dumpdir dir = { .fd = -1 };
	struct kf_file journal = KF_FILE_CLOSED;
	enum kf_status st = kf_dumpdir_open(&dir, setup->io, setup->base, name, err);

	if (!st)
		st = lock_journal(&dir, &journal, err);
	if (!st)
		st = end_waiting(&dir, seconds, err);
	kf_file_close(&journal);
	kf_dumpdir_close(&dir);
	return st;
}

enum kf_status kf_recover_peek(const struct kf_setup *setup, const char *name, struct kf_welcome *id, struct kf_error *err)
{
	struct kf_dumpdir dir = { .fd = -1 };
	struct kf_file f = KF_FILE_CLOSED;
	struct kf_journal_reader r = { 0 };
	struct kf_record record;
	uint64_t size = 0;
	enum kf_status st = kf_dumpdir_open(&dir, setup->io, setup->base, name, err);

	if (!st)
		st = kf_file_open(&f, setup->io, dir.fd, KF_JOURNAL, err);
	if (!st)
		st = kf_file_size(&f, &size, err);
	if (!st)
		st = size < KF_JOURNAL_HEADER_BYTES ? KF_ABSENT : kf_journal_reader_init(&r, &f, 0, size, err);
	if (!st)
		st = kf_journal_next(&r, &record, err);
	if (!st && (record.type != KF_RECORD_SESSION || record.len < sizeof(id->session) + sizeof(id->token)))
		st = kf_fail(err, KF_INVALID, "%s: begins without a SESSION", KF_JOURNAL);
	if (!st) {
		memcpy(id->session, record.body, sizeof(id->session));
		memcpy(id->token, record.body + sizeof(id->session), sizeof(id->token));
	}
	kf_journal_reader_deinit(&r);
	kf_file_close(&f);
	kf_dumpdir_close(&dir);
	return st;
}
