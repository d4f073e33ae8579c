/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a dump's directory to an assembler that goes on with it: inside receiver/stream only. */
#ifndef KF_REOPEN_H
#define KF_REOPEN_H

#include "receiver/stream/assembler.h"

/*
 * Fills A, which kf_assembler_create has just made, with what the directory NAME of setup.base holds: all that its
 * journal knows. Blocks on the disk. The journal is locked as long as A lives.
 *
 * With TO_RESUME the journal ends behind its last WINDOW afterwards, on disk too: the sender will make the next window
 * again from there. Without, what came of an open window counts as well, and nothing is changed on disk.
 *
 * KF_ABSENT if another process has it. KF_INCOMPLETE if the intro did not get to disk: there is nothing to go on with,
 * and nothing that a reader could open; the files are open all the same. KF_INVALID if the journal or the dump file is not
 * sound. *PAGES gets how many pages the table in use has; UINT64_MAX if its
 * header calls it whole and the journal does not.
 */
enum kf_status kf_reopen(struct kf_assembler *a, const char *name, bool to_resume, uint64_t *pages,
			 struct kf_error *err) kf_must_check;

#endif
