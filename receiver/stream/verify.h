/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verifying a dump: its file, read back, against its manifest. */
#ifndef KF_VERIFY_H
#define KF_VERIFY_H

#include <stdio.h>

#include "common/status.h"

/*
 * PATH is a dump's directory, or the dump file in it. KF_OK if it is whole: everything that the manifest says is so, and both
 * digests are those of END. KF_INCOMPLETE if it says that it is incomplete, and every page that it has is sound. KF_INVALID or
 * KF_FAILED otherwise. What was found is told to OUT in one line, but for failures.
 */
enum kf_status kf_verify_dump(FILE *out, const char *path, struct kf_error *err) kf_must_check;

enum kf_verify_kind { KF_VERIFY_STREAM, KF_VERIFY_DUMP };

/* What PATH is, by its magic; "-" is a stream. */
enum kf_status kf_verify_what(const char *path, enum kf_verify_kind *kind, struct kf_error *err) kf_must_check;

#endif
