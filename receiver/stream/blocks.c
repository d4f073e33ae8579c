// SPDX-License-Identifier: GPL-2.0-or-later
// LOG and NOTES: blocks of bytes, written one at a time before anything else is taken.
#include <inttypes.h>
#include <stdlib.h>

#include "receiver/stream/assembler.h"

struct block_turn {
	struct kf_turn turn;
	uint8_t *payload;		/* owned */
	const uint8_t *bytes;		/* in it */
	uint32_t len;
	uint64_t offset;
	struct kf_dumpfile *dump;	/* where notes go */
	const struct kf_file *dmesg;	/* where log text goes; NULL for notes */
	const struct kf_dumpdir *dir;
	bool last;			/* of the log */
};

static void destroy(struct kf_turn *t)
{
	free(((struct block_turn *)t)->payload);
	free(t);
}

static enum kf_status run_notes(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct block_turn *b = (struct block_turn *)t;

	(void)packer;
	return kf_dumpfile_put_notes(b->dump, b->offset, b->bytes, b->len, err);
}

/* The log gets its final name before any page comes: it says why the machine died. */
static enum kf_status run_log(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct block_turn *b = (struct block_turn *)t;
	enum kf_status st = kf_file_write(b->dmesg, b->bytes, b->len, b->offset, err);

	(void)packer;
	if (st || !b->last)
		return st;
	st = kf_file_sync(b->dmesg, err);
	return st ? st : kf_dumpdir_rename(b->dir, KF_DMESG_UNFINISHED, KF_DMESG_FINISHED, err);
}

static enum kf_status submit(struct kf_assembler *a, const struct kf_block *block, struct kf_frame *frame,
			     const struct kf_file *dmesg, struct kf_error *err)
{
	static const struct kf_turn_ops notes_ops = { .run = run_notes, .destroy = destroy, .barrier = true };
	static const struct kf_turn_ops log_ops = { .run = run_log, .destroy = destroy, .barrier = true };
	struct block_turn *b = calloc(1, sizeof(*b));

	if (!b)
		return kf_fail(err, KF_FAILED, "no memory for a turn");
	b->payload = frame->payload;
	frame->payload = NULL;
	b->bytes = block->bytes;
	b->len = block->len;
	b->offset = block->offset;
	b->last = (block->flags & KF_LOG_LAST) != 0;
	b->dump = &a->disk.dump;
	b->dmesg = dmesg;
	b->dir = &a->disk.dir;
	kf_turn_submit(a, &b->turn, dmesg ? &log_ops : &notes_ops);
	return KF_OK;
}

enum kf_status kf_take_log(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			   struct kf_error *err)
{
	const struct kf_block *b = &m->block;
	enum kf_status st;

	if (a->said.log_done || b->offset != a->said.log_bytes)
		return kf_fail(err, KF_INVALID, "block at %" PRIu64 " where %" PRIu64 " comes next",
			       b->offset, a->said.log_bytes);
	a->said.log_bytes += b->len;
	a->said.log_done = (b->flags & KF_LOG_LAST) != 0;
	if (b->flags & KF_LOG_UNAVAILABLE)
		return KF_OK;
	if (a->disk.dmesg.fd < 0) {
		st = kf_file_create(&a->disk.dmesg, a->setup.io, a->disk.dir.fd, KF_DMESG_UNFINISHED, err);
		if (st)
			return st;
	}
	return submit(a, b, frame, &a->disk.dmesg, err);
}

enum kf_status kf_take_notes(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	const struct kf_block *b = &m->block;
	enum kf_status st;

	if (!a->said.ram_done)
		return kf_fail(err, KF_INVALID, "RAM is not complete yet");
	if (b->offset != a->said.notes_bytes || b->len > a->said.dump.notes_bytes - a->said.notes_bytes)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " bytes at %" PRIu64 ", where %" PRIu64 " of %" PRIu64 " are there",
			       b->len, b->offset, a->said.notes_bytes, a->said.dump.notes_bytes);
	a->said.notes_bytes += b->len;
	st = submit(a, b, frame, NULL, err);
	return st ? st : kf_intro_advance(a, err);
}
