/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one guarded accessor: code that reads a mapping of the vmcore in place survives SIGBUS. */
#ifndef KF_GUARD_H
#define KF_GUARD_H

#include <stdbool.h>

#include "common/status.h"

/*
 * A mapped read of a vmcore raises SIGBUS where a read() would say EIO, or where the file was truncated. Such
 * code runs inside kf_guarded(): FN(ARG) is called, and false is returned if it was broken off by SIGBUS. What FN
 * had written by then is undefined, so FN writes only results which the caller drops on false (and then
 * makes again from pread). No pointer into a mapping may be used outside FN.
 *
 * FN must not call anything that holds a lock or allocates. Any thread may call; a SIGBUS outside of FN ends
 * the program as ever. Not for nested use.
 */
bool kf_guarded(void (*fn)(void *arg), void *arg);

/* Installs the handler, once, before the first kf_guarded(). */
enum kf_status kf_guard_install(struct kf_error *err) kf_must_check;

#endif
