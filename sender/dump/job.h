/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a dump share, inside sender/dump only: dump.c makes it, intro.c, body.c and report.c work on it. */
#ifndef KF_JOB_H
#define KF_JOB_H

#include "sender/dump/dump.h"
#include "sender/dump/pages.h"
#include "sender/dump/progress.h"
#include "sender/dump/vital.h"
#include "sender/dump/window.h"
#include "sender/filter/scan.h"
#include "sender/vmcore/notes.h"
#include "sender/vmcore/ram.h"

#define KF_SENDER_NAME "kferry-send " KF_PROGRAM_VERSION

struct kf_job {
	const struct kf_dump_setup *setup;	/* borrowed */
	const struct kf_log *log;		/* borrowed */
	struct kf_vmcore vc;
	struct kf_notes notes;
	char *info_text;			/* VMCOREINFO used, INFO_BYTES of it; owned */
	size_t info_bytes;
	struct kf_kernel kernel;
	struct kf_ram ram;
	struct kf_transport transport;
	struct kf_encoding encoding;		/* as chosen, and compressors as started */
	unsigned int threads;
	struct kf_pipeline *pipeline;
	struct kf_progress progress;
	struct kf_scan scan;
	struct kf_pages pages;
	struct kf_window_builder window;
	struct kf_job_vital vital;
	struct kf_pipeline_totals totals;
	struct kf_replies replies;
	/* what outlives a connection */
	struct kf_history history;
	bool has_session;			/* the receiver gave one: a dump that can be resumed */
	struct kf_welcome session;
	char program[KF_STRING_MAX + 1];	/* HELLO.program: with what this dump follows, if it is not the first */
	uint64_t vital_there;			/* vital pages below this pfn the receiver has already */
	struct kf_resume reached;		/* the farthest that is known to be durable */
	uint64_t wire_bytes, again_bytes;	/* by all connections; of them, at most so many in vain */
	unsigned int connections;
	uint64_t behind_pages;			/* that have data, but lie behind the last struct page and are no RAM of the dump */
	bool log_found;
	char log_why_not[KF_ERROR_TEXT];
	uint64_t start_us, prepare_us, scan_us, total_us;
};

/* HELLO and DUMP. What they point to lives as long as J. */
void kf_job_hello(const struct kf_job *j, struct kf_message *m);
void kf_job_dump_message(const struct kf_job *j, struct kf_message *m);
/* VMCOREINFO to NOTES: everything else that goes before the first page. */
enum kf_status kf_job_send_intro(struct kf_job *j, struct kf_error *err) kf_must_check;
/* Ranges as one list of messages TYPE: RAM or VITAL. None for an empty set. */
enum kf_status kf_job_send_ranges(struct kf_job *j, uint8_t type, const struct kf_range_set *set, struct kf_error *err) kf_must_check;
/* All windows, and END. */
enum kf_status kf_job_send_body(struct kf_job *j, struct kf_error *err) kf_must_check;
/* The report of message level 16, and the lines of level 2 at the end. */
void kf_job_report(const struct kf_job *j);
/* A line for each count that cannot be right. */
void kf_job_say_implausible(const struct kf_job *j);

#endif
