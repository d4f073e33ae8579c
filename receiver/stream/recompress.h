/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole dump, some pages of which were packed quickly, is packed anew as was asked for. */
#ifndef KF_RECOMPRESS_H
#define KF_RECOMPRESS_H

#include "receiver/kdump/repack.h"
#include "receiver/stream/assemble.h"

/*
 * The new file lies beside the old one under another name, and is renamed over it when it is whole and on disk. So there is one
 * whole dump at every moment, and who has the old one open keeps it. Killed anywhere, the mark (the file `recompress`) says that
 * it is to be begun again. The calls block on the disk; none of them needs the loop thread.
 *
 *     init ─► pieces, by any threads ─► finish
 *         └────────────┴─────────────────┴─► give_up, or nothing: it stays marked ─► deinit
 */
struct kf_recompress {
	struct kf_dumpdir dir;
	struct kf_file mark, from, to;
	bool ours;			/* the mark is locked */
	struct kf_repack repack;
	struct kf_digest digest;	/* of the dump's pages, by its manifest */
	uint64_t begun;			/* ms */
	uint64_t before, bytes;		/* of the old file and, once finished, of the new one */
};

/* NAME is a directory in BASE. KF_ABSENT if it is not marked, has a journal still, or another process has it. KF_REFUSED if there is too little room for
 * two files. Must be given to deinit in any case. */
enum kf_status kf_recompress_init(struct kf_recompress *c, const struct kf_io *io, int base, const char *name, struct kf_error *err) kf_must_check;
void kf_recompress_deinit(struct kf_recompress *c);
/* As before init, and deinit may be called. */
void kf_recompress_closed(struct kf_recompress *c);

/* All pieces are packed, and SUM is what they add up to. */
enum kf_status kf_recompress_finish(struct kf_recompress *c, const struct kf_sum128 *sum, struct kf_error *err) kf_must_check;

/* Not after KF_ABSENT: the old file stays, the new one and the mark go, and the manifest says why. Nothing if the mark could not be had: then it
 * stays marked. */
void kf_recompress_give_up(struct kf_recompress *c, const struct kf_error *why);

#endif
