/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of a dump: whole writes and reads at offsets, with errors that name the file. */
#ifndef KF_FILE_H
#define KF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "receiver/store/io.h"

/*
 * Offsets and lengths are bytes. All but open and close may be called by several threads at once.
 * Failures are KF_FAILED with the file's name, what was tried and the system's reason.
 */
struct kf_file {
	const struct kf_io *io;	/* borrowed */
	const char *name;	/* borrowed: the name in the dump's directory */
	int fd;			/* -1: closed */
};

/* A file that is closed, so that kf_file_close may be called on it. */
#define KF_FILE_CLOSED ((struct kf_file){ .fd = -1 })

/* Makes NAME in the directory DIR, readable and writable by its owner only; it must not be there. */
enum kf_status kf_file_create(struct kf_file *f, const struct kf_io *io, int dir, const char *name,
			      struct kf_error *err) kf_must_check;
/* Opens NAME, which is there, for the same. */
enum kf_status kf_file_open(struct kf_file *f, const struct kf_io *io, int dir, const char *name,
			    struct kf_error *err) kf_must_check;
void kf_file_close(struct kf_file *f);

/* Writes all LEN bytes at AT: a short write is continued. */
enum kf_status kf_file_write(const struct kf_file *f, const void *bytes, size_t len, uint64_t at,
			     struct kf_error *err) kf_must_check;

/* Reads exactly LEN bytes at AT: a file that ends before is a failure. */
enum kf_status kf_file_read(const struct kf_file *f, void *bytes, size_t len, uint64_t at,
			    struct kf_error *err) kf_must_check;

enum kf_status kf_file_truncate(const struct kf_file *f, uint64_t len, struct kf_error *err) kf_must_check;

/* Begins to bring [AT, AT + LEN) to disk, so that a sync finds little left. Promises nothing. */
void kf_file_write_out(const struct kf_file *f, uint64_t at, uint64_t len);
/* [AT, AT + LEN) is on disk and will not be wanted soon: others have more use for its memory. */
void kf_file_forget(const struct kf_file *f, uint64_t at, uint64_t len);

/* After a failure nothing is known about what is on disk: it must never be tried again and believed. */
enum kf_status kf_file_datasync(const struct kf_file *f, struct kf_error *err) kf_must_check;
enum kf_status kf_file_sync(const struct kf_file *f, struct kf_error *err) kf_must_check;

enum kf_status kf_file_size(const struct kf_file *f, uint64_t *size, struct kf_error *err) kf_must_check;

/* Takes it until it is closed, so that no other kferry-recv writes it. KF_ABSENT if one has it. */
enum kf_status kf_file_lock(const struct kf_file *f, struct kf_error *err) kf_must_check;

/* Takes blocks for [AT, AT + LEN), so that writing there later finds room on a disk that is full by then. The file keeps its
 * size. False where the disk is full now or the file system cannot. */
bool kf_file_reserve(const struct kf_file *f, uint64_t at, uint64_t len);
/* Gives back what was reserved behind the end of the file and not used. */
void kf_file_release(const struct kf_file *f);

/* Gives the blocks of LEN bytes from AT on back, where the file system can. True: they are, and all of these bytes read as zeros. That it cannot is no
 * failure for a caller that only wanted the space. */
bool kf_file_punch(const struct kf_file *f, uint64_t at, uint64_t len);

#endif
