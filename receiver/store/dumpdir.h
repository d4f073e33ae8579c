/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory of one dump: its name, and the names of what is in it. */
#ifndef KF_DUMPDIR_H
#define KF_DUMPDIR_H

#include <stdbool.h>
#include <time.h>

#include "common/status.h"
#include "receiver/store/io.h"

/*
 *   BASE/<host>-<YYYY-mm-dd-HH:MM:SS>/      0700, made exclusively; .2, .3 ... if taken
 *      vmcore-incomplete                    then vmcore
 *      vmcore-dmesg-incomplete.txt          then vmcore-dmesg.txt
 *      manifest.json                        always whole: written aside and renamed
 *      journal                              until the dump is whole
 *      recompress                           while it is to be packed anew, which makes vmcore-recompressing
 *
 * <host> is the peer's address, never a name that the peer offers. Everything is reached through the
 * directory's descriptor, so that a directory moved or replaced meanwhile is not followed.
 */
#define KF_DUMP_UNFINISHED "vmcore-incomplete"
#define KF_DUMP_FINISHED "vmcore"
#define KF_DMESG_UNFINISHED "vmcore-dmesg-incomplete.txt"
#define KF_DMESG_FINISHED "vmcore-dmesg.txt"
#define KF_MANIFEST "manifest.json"
#define KF_MANIFEST_NEW "manifest.json.new"
#define KF_JOURNAL "journal"
#define KF_RECOMPRESS "recompress"
#define KF_DUMP_RECOMPRESSING "vmcore-recompressing"

#define KF_DUMPDIR_NAME 128

struct kf_dumpdir {
	const struct kf_io *io;		/* borrowed */
	int base;			/* borrowed: the directory that holds all dumps */
	int fd;				/* -1: closed */
	char name[KF_DUMPDIR_NAME];	/* in BASE */
};

/* HOST is cut to letters, digits, '.', '_' and '-'; each ':' becomes '-'. NOW is shown in local time. */
enum kf_status kf_dumpdir_create(struct kf_dumpdir *d, const struct kf_io *io, int base, const char *host,
				 time_t now, struct kf_error *err) kf_must_check;
/* Opens the directory NAME of an earlier dump; a name that leads elsewhere is KF_INVALID. */
enum kf_status kf_dumpdir_open(struct kf_dumpdir *d, const struct kf_io *io, int base, const char *name,
			       struct kf_error *err) kf_must_check;
/* Whether NAME is what kf_dumpdir_create makes for HOST, at whatever time. */
bool kf_dumpdir_is_of(const char *name, const char *host);
void kf_dumpdir_close(struct kf_dumpdir *d);	/* leaves everything on disk */

/* Renames inside the directory and brings the directory to disk. */
enum kf_status kf_dumpdir_rename(const struct kf_dumpdir *d, const char *from, const char *to,
				 struct kf_error *err) kf_must_check;
/* Removes NAME; that it is not there is no failure. Does not sync. */
enum kf_status kf_dumpdir_remove(const struct kf_dumpdir *d, const char *name, struct kf_error *err) kf_must_check;
/* Brings the directory, and its own entry in BASE, to disk. */
enum kf_status kf_dumpdir_sync(const struct kf_dumpdir *d, struct kf_error *err) kf_must_check;

#endif
