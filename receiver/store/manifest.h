/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manifest.json: what a dump is, in which state, and what it lacks. */
#ifndef KF_MANIFEST_H
#define KF_MANIFEST_H

#include <stdbool.h>

#include "proto/message.h"
#include "receiver/store/dumpdir.h"

#define KF_MANIFEST_VERSION 1
#define KF_MANIFEST_RANGES 256	/* ranges named one by one; more are only counted */
#define KF_MANIFEST_TEXT 128

enum kf_dump_state {
	KF_STATE_RECEIVING,
	KF_STATE_INCOMPLETE,	/* ended, and not whole: the reason says why */
	KF_STATE_COMPLETE,
};

/* A list of pfn ranges that is cut, with what it would have been. */
struct kf_manifest_list {
	struct kf_range ranges[KF_MANIFEST_RANGES];
	uint64_t count;		/* of ranges there were; the first KF_MANIFEST_RANGES are kept */
	uint64_t pages;
};

/*
 * Everything in the manifest, by value, so that a worker can write it while the dump goes on. Texts
 * are NUL terminated and printable ASCII, see kf_manifest_text. A number that is not known is left out
 * of the file by its has_ member or as said.
 */
struct kf_manifest {
	enum kf_dump_state state;
	char reason[KF_ERROR_TEXT];		/* empty: none */
	const char *file;			/* constant: name of the dump file; empty: there is none */
	char peer[KF_MANIFEST_TEXT];		/* address */
	char claimed_host[KF_MANIFEST_TEXT];	/* letters, digits, '.', '_', '-' */
	char sender[KF_MANIFEST_TEXT];		/* its program and version */
	char receiver[KF_MANIFEST_TEXT];
	char release[KF_UTS_BYTES], version[KF_UTS_BYTES], machine[KF_UTS_BYTES];
	uint64_t connections;			/* by which it came so far; 0: not known */
	uint64_t begun, updated, crash_time;	/* seconds since 1970; 0: not known */
	uint32_t level, page_size;		/* page_size in bytes */
	const char *codec;			/* constant: name of the codec at rest */
	uint64_t max_mapnr, ram_pages;
	struct kf_tally tally;			/* of the windows that are closed */
	uint64_t stored_pages;			/* that are in the file */
	uint64_t quick_pages;			/* of them, packed otherwise than was asked for */
	bool recompress;			/* it is marked for being packed anew */
	uint64_t raw_bytes, stored_bytes;	/* of those pages; zero pages count as raw only */
	uint64_t wire_bytes, log_bytes;
	double intro, vital, pages, close;	/* seconds of each phase here; 0: not reached */
	bool has_end;				/* END came: the members down to its digests are set */
	uint64_t prepare_us, scan_us, total_us;	/* on the sender */
	struct kf_digest page_digest, verdict_digest;
	uint64_t first_missing;			/* first pfn of which nothing is known; max_mapnr: none */
	struct kf_manifest_list unreadable, undecided;
};

/* Copies LEN bytes of TEXT as printable ASCII, anything else as '?'; cut to SIZE - 1. */
void kf_manifest_text(char *out, size_t size, const char *text, size_t len);

/* Copies a host name, of which only [A-Za-z0-9._-] stay. */
void kf_manifest_host(char *out, size_t size, const char *text, size_t len);

void kf_manifest_list_add(struct kf_manifest_list *list, struct kf_range range);

/* Writes the manifest aside, brings it to disk and renames it over the one before. */
enum kf_status kf_manifest_write(const struct kf_manifest *m, const struct kf_dumpdir *dir,
				 struct kf_error *err) kf_must_check;

#endif
