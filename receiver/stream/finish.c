// SPDX-License-Identifier: GPL-2.0-or-later
// The last job of a dump: where it becomes finished, or stays incomplete but can be opened.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "receiver/stream/assembler.h"

/* What is not there is only a dump that stays larger than it need be. An earlier run may have made it. */
static bool mark_for_recompression(const struct kf_closer *c)
{
	struct kf_file mark = KF_FILE_CLOSED;
	struct kf_error ignored;
	bool there = !kf_file_create(&mark, c->a->setup.io, c->a->disk.dir.fd, KF_RECOMPRESS, &ignored) || errno == EEXIST;

	kf_file_close(&mark);
	return there;
}

/*
 * Here a dump becomes finished. Each step is on disk before the next, and each may be done again: killed
 * anywhere, what lies there is an incomplete dump with its journal or a whole one. The journal goes last, for
 * it is what the other files can be made from.
 */
static enum kf_status finish(struct kf_closer *c, struct kf_error *err)
{
	const struct kf_dumpdir *dir = &c->a->disk.dir;
	/* A recovered one may have its last checkpoint already. */
	enum kf_status st = KF_OK;

	if (c->a->disk.dump.whole)
		kf_aside_trim(&c->a->disk.dump);
	else
		st = kf_checkpoint_make(&c->work, err);
	if (!st && c->recompress)
		c->manifest.recompress = c->recompress = mark_for_recompression(c);
	if (!st && !c->renamed)
		st = kf_dumpdir_rename(dir, KF_DUMP_UNFINISHED, KF_DUMP_FINISHED, err);
	if (!st)
		st = kf_manifest_write(&c->manifest, dir, err);
	if (!st)
		st = kf_dumpdir_remove(dir, KF_JOURNAL, err);
	return st ? st : kf_dumpdir_sync(dir, err);
}

/* What could not be finished must not look so. Nothing can be done if this fails too. */
static void unfinish(struct kf_closer *c, const struct kf_extent *before)
{
	struct kf_dumpfile *d = &c->a->disk.dump;
	struct kf_error ignored;

	c->whole = c->manifest.recompress = false;
	c->manifest.state = KF_STATE_INCOMPLETE;
	c->manifest.file = KF_DUMP_UNFINISHED;
	snprintf(c->manifest.reason, sizeof(c->manifest.reason), "%s", c->err.text);
	c->readable = d->opens;
	if (d->table.at == before->at)	/* the last checkpoint could not be made: the one before knows less */
		kf_asm_manifest_mark(&c->manifest, &c->a->checkpointer.last);
	(void)!kf_dumpdir_remove(&c->a->disk.dir, KF_RECOMPRESS, &ignored);
	(void)!kf_dumpdir_rename(&c->a->disk.dir, KF_DUMP_FINISHED, KF_DUMP_UNFINISHED, &ignored);
	if (c->readable)
		(void)!kf_dumpfile_flip(d, d->table.at, false, &ignored);
	(void)!kf_manifest_write(&c->manifest, &c->a->disk.dir, &ignored);
}

/*
 * A sync that failed may have left records that nobody was told of. They must be gone, on disk, before the pages are
 * that they name.
 */
static bool cut_journal(struct kf_closer *c)
{
	const struct kf_file *journal = &c->a->disk.journal;
	struct kf_error ignored;

	if (!c->a->sync.broken)
		return true;
	return !kf_file_truncate(journal, c->a->durable.journal, &ignored) && !kf_file_datasync(journal, &ignored);
}

/* Bytes that no table and no record names only take the space that a table or the manifest needs. */
static void cut(struct kf_closer *c)
{
	struct kf_dumpfile *d = &c->a->disk.dump;
	struct kf_error ignored;

	if (!cut_journal(c))
		return;
	if (kf_aside_is(d, c->pages_end) && kf_aside_clear(d, c->pages_end))
		return;
	if (!kf_file_truncate(&d->file, c->keep, &ignored))
		atomic_store(&d->end, c->keep);
}

/* The last checkpoint may take the last space there is. So the manifest that says why goes first, with what the
 * checkpoint before knows; if the final one then finds no room, this one stands. */
static void say_why_early(struct kf_closer *c)
{
	struct kf_error ignored;

	c->manifest.file = c->a->disk.dump.opens ? KF_DUMP_UNFINISHED : "";
	kf_asm_manifest_mark(&c->manifest, &c->a->checkpointer.last);
	(void)!kf_manifest_write(&c->manifest, &c->a->disk.dir, &ignored);
	kf_asm_manifest_mark(&c->manifest, &c->a->durable);
	c->manifest.file = KF_DUMP_UNFINISHED;
}

/* A last checkpoint for what has come; if it fails, the one before stays valid. */
static enum kf_status leave_readable(struct kf_closer *c, struct kf_error *err)
{
	struct kf_dumpfile *d = &c->a->disk.dump;
	struct kf_extent before = d->table;
	enum kf_status st = KF_OK;
	struct kf_error ignored;

	if (c->renamed)		/* to a name that says more than is true */
		st = kf_dumpdir_rename(&c->a->disk.dir, KF_DUMP_FINISHED, KF_DUMP_UNFINISHED, err);
	if (st)
		return st;
	cut(c);
	say_why_early(c);
	if (c->anything_new)
		st = kf_checkpoint_make(&c->work, err);
	else
		kf_asm_manifest_mark(&c->manifest, &c->a->checkpointer.last);
	if (!c->anything_new && kf_aside_is(d, c->pages_end))	/* it only looks large if this fails */
		(void)!kf_aside_lower(d, &ignored);
	if (st) {
		kf_asm_manifest_mark(&c->manifest, &c->a->checkpointer.last);
		if (d->table.at == before.at)	/* block 0 does not point behind it */
			cut(c);
	}
	c->readable = d->opens;
	return st;
}

/* A file that is open still gives back no space when it is removed, and the manifest may need some. */
static void give_back(const struct kf_file *f)
{
	struct kf_error ignored;

	if (f->fd >= 0)
		(void)!kf_file_truncate(f, 0, &ignored);
}

/* Before the first checkpoint there is nothing that a reader could open. */
static enum kf_status leave_nothing(struct kf_closer *c, struct kf_error *err)
{
	enum kf_status st;

	give_back(&c->a->disk.dump.file);
	give_back(&c->a->disk.journal);
	st = kf_dumpdir_remove(&c->a->disk.dir, KF_DUMP_UNFINISHED, err);

	return st ? st : kf_dumpdir_remove(&c->a->disk.dir, KF_JOURNAL, err);
}

/* What went wrong at the close is told behind what led to it. */
static void add_reason(struct kf_closer *c, const struct kf_error *err)
{
	struct kf_error both;

	if (strstr(c->reason, err->text))
		return;
	kf_set_error(&both, KF_FAILED, "%s%s%s", c->reason, c->reason[0] ? "; and then " : "", err->text);
	memcpy(c->reason, both.text, sizeof(c->reason));
	memcpy(c->manifest.reason, both.text, sizeof(c->manifest.reason));
}

static enum kf_status leave(struct kf_closer *c, struct kf_error *err)
{
	enum kf_status st = KF_OK, written;
	struct kf_error second;

	if (c->a->durable.flags & KF_RESUME_INTRO)
		st = leave_readable(c, err);
	if (!c->readable) {
		c->manifest.file = "";
		/* What was acknowledged stays, for whoever makes a table of it when this machine can again. */
		if (!c->a->durable.pfn && !c->a->durable.pages)
			(void)!leave_nothing(c, &second);
	}
	if (st)
		add_reason(c, err);
	written = kf_manifest_write(&c->manifest, &c->a->disk.dir, st ? &second : err);
	return st ? st : written;
}

void kf_closer_run(struct kf_job *job, void *local)
{
	struct kf_closer *c = (struct kf_closer *)job;
	struct kf_extent before = c->a->disk.dump.table;

	(void)local;
	c->manifest.close = (double)(kf_now_ms() - c->a->phase_ms[KF_ASM_PHASES]) / 1000;
	if (c->a->disk.journal.fd >= 0)
		kf_file_release(&c->a->disk.journal);
	c->status = c->whole ? finish(c, &c->err) : leave(c, &c->err);
	if (c->whole && c->status)
		unfinish(c, &before);
}
