/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an earlier run wrote into a dump's manifest and only that knows. */
#ifndef KF_MANIFEST_READ_H
#define KF_MANIFEST_READ_H

#include "receiver/store/manifest.h"

/* Texts are printable; empty, or 0, is what the manifest does not say. */
struct kf_manifest_past {
	char peer[KF_MANIFEST_TEXT], claimed_host[KF_MANIFEST_TEXT], sender[KF_MANIFEST_TEXT];
	uint64_t wire_bytes, connections;
	bool incomplete;	/* it was closed, as incomplete */
	uint64_t stored;	/* pages in the dump file, then */
};

/* A manifest that is not there or cannot be read says nothing: that is no failure. */
void kf_manifest_past_read(struct kf_manifest_past *past, const struct kf_dumpdir *dir);

/* Writes the manifest again with MORE behind its reason; all else stays. KF_ABSENT if there is none that can be read. */
enum kf_status kf_manifest_add_reason(const struct kf_dumpdir *dir, const char *more, struct kf_error *err) kf_must_check;

/* What became of packing a dump anew. */
struct kf_manifest_recompressed {
	const char *given_up;		/* why; NULL: it was done, and the others tell */
	uint64_t bytes, stored;		/* of the file, and of the pages in it */
	double seconds;
};

/* Writes the manifest again with this; all else stays. KF_ABSENT if there is none that can be read. */
enum kf_status kf_manifest_set_recompressed(const struct kf_dumpdir *dir, const struct kf_manifest_recompressed *r, struct kf_error *err) kf_must_check;

/* What a manifest says that its dump file holds. */
struct kf_manifest_claims {
	bool complete;			/* its state */
	bool recompress;		/* it waits for being packed anew */
	char reason[KF_ERROR_TEXT];
	char codec[KF_MANIFEST_TEXT], release[KF_MANIFEST_TEXT], version[KF_MANIFEST_TEXT], machine[KF_MANIFEST_TEXT];
	uint64_t level, page_size;
	uint64_t stored_pages, kept_pages, max_mapnr, ram_pages;
	bool has_digests;
	struct kf_digest pages, verdicts;
	struct kf_manifest_list unreadable;
};

/* DIR is the dump's directory; KF_ABSENT if it has no manifest, KF_INVALID if that is none of ours. */
enum kf_status kf_manifest_claims_read(struct kf_manifest_claims *c, const struct kf_dumpdir *dir, struct kf_error *err) kf_must_check;

#endif
