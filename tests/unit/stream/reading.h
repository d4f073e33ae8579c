/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A saved stream, read with all of the protocol's checks and taken apart into what a dump is made of. */
#ifndef STREAM_READING_H
#define STREAM_READING_H

#include "proto/digest.h"
#include "proto/message.h"

/*
 * Page contents are not kept: PAGE is called for each, in the order of the stream. Everything is checked that the
 * stream says twice: legal order, digests, sums, that windows follow each other and that what they keep has come.
 * Where something does not fit the test fails.
 */
struct reading {
	const char *name;	/* for failures */
	void (*page)(void *context, uint64_t pfn, const uint8_t *bytes, bool sent_as_zero);
	void *context;

	/* what was found */
	struct kf_dump dump;
	struct kf_end end;
	bool ended;
	uint8_t *kept;		/* for each pfn up to max_mapnr: a window keeps it; owned */
	uint8_t *ram, *came, *unreadable, *undecided;	/* the same; owned */
	char *text, *log;	/* VMCOREINFO, kernel log; NUL terminated, owned */
	bool log_unavailable;
	uint8_t *notes;		/* owned */
	uint64_t frames, windows, batches, bytes_before_end;
	uint64_t codec_batches[KF_WIRE_CODECS];
	struct kf_tally tally;
	struct kf_carry carry;
	bool carried;		/* a window began with a carry */
};

void reading_file(struct reading *r, const char *path);
void reading_free(struct reading *r);

#endif
