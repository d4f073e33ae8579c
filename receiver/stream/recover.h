/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an earlier receiver left unfinished is made readable again, and known, so that its sender may go on with it. */
#ifndef KF_RECOVER_H
#define KF_RECOVER_H

#include "receiver/stream/assemble.h"

struct kf_recovered {
	struct kf_welcome id;		/* of its journal, as far as that has it */
	bool resumable;			/* its journal is there and has the intro */
	bool whole;			/* it was finished but for its last steps; they were done now */
	bool touched;			/* something was written */
	struct kf_finished finished;	/* if WHOLE */
};

/*
 * NAME is a directory in SETUP's base that has a journal. Blocks on the disk; needs no executors and no host. What it does
 * is the close that the earlier receiver could not do: a last checkpoint of all that its journal knows, and the manifest. Killed
 * anywhere, it can be done again. Without a table that could be opened nothing is left but log and manifest.
 *
 * KF_ABSENT if another process has the dump. KF_INVALID if journal and dump file do not fit or are not understood: they
 * are left alone.
 */
enum kf_status kf_recover(const struct kf_setup *setup, const char *name, struct kf_recovered *out, struct kf_error *err) kf_must_check;

/* Gives the dump NAME up: its journal goes, the manifest says that nobody came back for it within SECONDS. KF_ABSENT
 * if another process has it, or it has no journal any more. */
enum kf_status kf_give_up(const struct kf_setup *setup, const char *name, uint64_t seconds, struct kf_error *err) kf_must_check;

/* The session of the journal in NAME, without reading more of it; KF_ABSENT or KF_INVALID if there is none. */
enum kf_status kf_recover_peek(const struct kf_setup *setup, const char *name, struct kf_welcome *id, struct kf_error *err) kf_must_check;

#endif
