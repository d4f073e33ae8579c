// SPDX-License-Identifier: GPL-2.0-or-later
// A whole dump is packed anew; see recompress.h.
#include "receiver/stream/recompress.h"

#include <errno.h>
#include <string.h>

#include "receiver/store/manifest_read.h"
#include "receiver/stream/clock.h"

/* The new file may become as large as the old one, and dumps that are being received shall find as much again. */
static enum kf_status check_room(struct kf_recompress *c, struct kf_error *err)
{
	const struct kf_io *io = c->mark.io;
	off_t room = io->ops->room ? io->ops->room(io->ctx, c->mark.fd) : -1;

	if (kf_file_size(&c->from, &c->before, err))
		return err->status;
	if (room >= 0 && (uint64_t)room < 2 * c->before)
		return kf_fail(err, KF_REFUSED, "there are %llu bytes left on its disk, twice its %llu are wanted",
			       (unsigned long long)room, (unsigned long long)c->before);
	return KF_OK;
}

/* Its journal goes last: as long as it is there the dump may be finished once more by it, from the file that it is of. */
static bool has_journal(const struct kf_recompress *c)
{
	struct kf_file journal;
	struct kf_error ignored;

	if (kf_file_open(&journal, c->dir.io, c->dir.fd, KF_JOURNAL, &ignored))
		return errno != ENOENT;
	kf_file_close(&journal);
	return true;
}

/* The mark is never renamed: a file that a process still holds may be the finished dump by now. */
static enum kf_status take_mark(struct kf_recompress *c, struct kf_error *err)
{
	struct kf_manifest_claims claims;

	if (kf_file_open(&c->mark, c->dir.io, c->dir.fd, KF_RECOMPRESS, err))
		return errno == ENOENT ? kf_fail(err, KF_ABSENT, "it is not to be packed anew") : err->status;
	if (kf_file_lock(&c->mark, err))
		return err->status;
	if (has_journal(c))
		return kf_fail(err, KF_ABSENT, "its journal is there still");
	c->ours = true;
	if (kf_manifest_claims_read(&claims, &c->dir, err))
		return err->status;
	if (!claims.recompress || !claims.complete || !claims.has_digests) {
		(void)!kf_dumpdir_remove(&c->dir, KF_RECOMPRESS, err);	/* it came back when the power went */
		return kf_fail(err, KF_ABSENT, "its manifest does not say that it is to be packed anew");
	}
	c->digest = claims.pages;
	return KF_OK;
}

void kf_recompress_closed(struct kf_recompress *c)
{
	*c = (struct kf_recompress){ .dir.fd = -1, .mark = KF_FILE_CLOSED, .from = KF_FILE_CLOSED, .to = KF_FILE_CLOSED, .begun = kf_now_ms() };
}

enum kf_status kf_recompress_init(struct kf_recompress *c, const struct kf_io *io, int base, const char *name, struct kf_error *err)
{
	kf_recompress_closed(c);
	if (kf_dumpdir_open(&c->dir, io, base, name, err) || take_mark(c, err) ||
	    kf_file_open(&c->from, io, c->dir.fd, KF_DUMP_FINISHED, err) || check_room(c, err) ||
	    kf_dumpdir_remove(&c->dir, KF_DUMP_RECOMPRESSING, err) ||
	    kf_file_create(&c->to, io, c->dir.fd, KF_DUMP_RECOMPRESSING, err))
		return err->status;
	return kf_repack_init(&c->repack, &c->from, &c->to, err);
}

void kf_recompress_deinit(struct kf_recompress *c)
{
	kf_repack_deinit(&c->repack);
	kf_file_close(&c->to);
	kf_file_close(&c->from);
	kf_file_close(&c->mark);
	kf_dumpdir_close(&c->dir);
}

/* After the rename the new file is the dump; what then goes wrong leaves a mark too many, and it is done once more. */
static enum kf_status replace(struct kf_recompress *c, struct kf_error *err)
{
	struct kf_manifest_recompressed r = { .bytes = c->bytes };
	const struct kf_repack *p = &c->repack;
	enum kf_status st = kf_dumpdir_rename(&c->dir, KF_DUMP_RECOMPRESSING, KF_DUMP_FINISHED, err);

	if (st)
		return st;
	r.stored = c->bytes - (p->to_table + 2 * p->bitmap + p->pages * sizeof(struct kf_kdump_descriptor));
	r.seconds = (double)(kf_now_ms() - c->begun) / 1000;
	st = kf_manifest_set_recompressed(&c->dir, &r, err);
	return st ? st : kf_dumpdir_remove(&c->dir, KF_RECOMPRESS, err);
}

enum kf_status kf_recompress_finish(struct kf_recompress *c, const struct kf_sum128 *sum, struct kf_error *err)
{
	struct kf_digest ours;

	kf_sum_encode(&ours, sum);
	if (memcmp(ours.bytes, c->digest.bytes, sizeof(ours.bytes)) != 0)
		return kf_fail(err, KF_INVALID, "the digest of its pages is another than when they came");
	if (kf_repack_finish(&c->repack, err) || kf_file_size(&c->to, &c->bytes, err))
		return err->status;
	return replace(c, err);
}

void kf_recompress_give_up(struct kf_recompress *c, const struct kf_error *why)
{
	const struct kf_manifest_recompressed r = { .given_up = why->text };
	struct kf_error ignored;

	if (!c->ours)
		return;
	(void)!kf_dumpdir_remove(&c->dir, KF_DUMP_RECOMPRESSING, &ignored);
	(void)!kf_manifest_set_recompressed(&c->dir, &r, &ignored);
	(void)!kf_dumpdir_remove(&c->dir, KF_RECOMPRESS, &ignored);
}
