/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dump from beginning to end: the order of everything. */
#ifndef KF_DUMP_H
#define KF_DUMP_H

#include "common/log.h"
#include "common/target.h"
#include "proto/wire.h"
#include "sender/transport/trust.h"

struct kf_dump_setup {
	const char *vmcore;		/* path of the vmcore, or of the stream to replay */
	bool replay;
	const char *vmcoreinfo;		/* -i: path of a file with VMCOREINFO's text, or NULL */
	const struct kf_target *targets;	/* TARGET_COUNT of them, tried in their order; a replay takes the first */
	unsigned int target_count;
	const struct kf_trust *trust;	/* borrowed */
	unsigned int give_up;		/* seconds without a working connection, shared by the targets */
	bool dry_run;			/* no target: everything is done but for the sending */
	unsigned int level;		/* 0..31 */
	enum kf_rest_codec rest;
	bool wire_auto;			/* WIRE is chosen for each batch, by who is waiting */
	enum kf_wire_codec wire;
	unsigned int threads;		/* 1..KF_THREADS_MAX */
	size_t cyclic_buffer;		/* bytes of bitmap */
	bool no_mmap;
};

/*
 * KF_OK when the receiver has said that it is stored (a file: written and fsynced). KF_INCOMPLETE when it ended in
 * order, but pages are lacking because the vmcore is shorter than its headers say. KF_MISMATCH when the
 * VMCOREINFO is of another kernel.
 */
enum kf_status kf_dump_run(const struct kf_dump_setup *setup, const struct kf_log *log, struct kf_error *err) kf_must_check;

/* The same for a saved stream, which is sent as it is. */
enum kf_status kf_dump_replay(const struct kf_dump_setup *setup, const struct kf_log *log, struct kf_error *err) kf_must_check;

#endif
