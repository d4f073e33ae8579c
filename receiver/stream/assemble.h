/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assembler: the consumer that makes a dump of a stream. */
#ifndef KF_ASSEMBLE_H
#define KF_ASSEMBLE_H

#include "proto/message.h"
#include "receiver/store/dumpdir.h"
#include "receiver/store/io.h"
#include "receiver/stream/consumer.h"
#include "receiver/stream/job.h"
#include "receiver/stream/limits.h"

/*
 * One assembler for each stream, all of it in the loop thread; what is slow runs as jobs. It trusts
 * nothing that a message says about another message: every page must be announced, in order, once, and
 * add up. The first thing that does not ends the stream: the sender is told, and what has come so far
 * becomes an incomplete dump that can be opened.
 *
 *     messages ─► take ─► queue of turns ─► retire, in order ─► records ─► sync ─► checkpoint ─► close
 *                          (run by workers)                       (jobs, one of each at a time)
 */
struct kf_assembler;

/* What is remembered of a dump that is whole, so that STORED can be said again. */
struct kf_finished {
	struct kf_welcome id;
	uint8_t dump_bytes[KF_DUMP_BYTES];
	uint64_t max_mapnr;
	struct kf_end end;
	char dir[KF_DUMPDIR_NAME];
};

/* How it ended. Texts live during the call. */
struct kf_result {
	enum kf_status status;	/* KF_OK whole, KF_INCOMPLETE not but it can be opened, KF_FAILED */
	const char *reason;	/* why it is not whole */
	const char *dir, *file;	/* the dump's directory and file; empty if there is none */
	enum kf_abort_code told;	/* what the sender was told it did wrong, or we; 0: nothing */
	bool resumable;		/* not whole, and its journal is kept */
	bool recompress;	/* whole, and marked for being packed anew: see recompress.h */
	const struct kf_finished *finished;	/* NULL unless it became whole just now */
};

/* What the assembler tells its surroundings; all calls come from the loop thread. */
struct kf_host_ops {
	/* A reply for the sender. M lives only during the call. */
	void (*reply)(void *ctx, const struct kf_message *m);
	/* It may take messages again, after kf_assembler_ready said no. */
	void (*ready)(void *ctx);
	/* The dump's directory is there, new or reopened, and has this id. */
	void (*opened)(void *ctx, const struct kf_welcome *id, const char *dir);
	/* A sender wants to go on with the dump that has this id: kf_assembler_resume or kf_assembler_resume_finished must follow, at
	 * once or later. NULL: nothing can be resumed, as in a replay. */
	void (*resume)(void *ctx, const struct kf_welcome *id);
	/* Something that the sender is not told, but the administrator should be. */
	void (*trouble)(void *ctx, const struct kf_error *err);
	/* All is done and on disk. The last call; the assembler may be destroyed from it. */
	void (*closed)(void *ctx, const struct kf_result *result);
};

/* What each of setup.workers has of its own (codecs, buffers); NULL if there is no memory. NULL may be destroyed. */
void *kf_worker_create(void);
void kf_worker_destroy(void *worker);

/* When pages are packed quickly, so that the sender need not wait, and the whole dump is to be packed anew later: see
 * kf_result.recompress. */
enum kf_recompress_when {
	KF_RECOMPRESS_NEVER,
	KF_RECOMPRESS_AUTO,	/* as long as they come faster than they can be packed as was asked for */
	KF_RECOMPRESS_ALWAYS,
};

/* All pointers are borrowed and must outlive the assembler. */
struct kf_setup {
	const struct kf_host_ops *host;
	void *host_ctx;
	struct kf_executor workers;	/* one a processor; their LOCAL is from kf_worker_create */
	struct kf_executor disk;	/* for what waits for the disk, so that no worker does; LOCAL is not used */
	const struct kf_io *io;
	int base;			/* directory of all dumps */
	const char *peer;		/* address for the manifest, or how the stream came */
	const char *dir_host;		/* what the dump's directory begins with */
	const char *program;		/* this one, with version */
	struct kf_limits limits;
	struct kf_pace pace;
	enum kf_recompress_when recompress;
};

/* NULL if there is no memory. */
struct kf_assembler *kf_assembler_create(const struct kf_setup *setup);
/* Only before the first message or after closed(). NULL is allowed. */
void kf_assembler_destroy(struct kf_assembler *a);

struct kf_consumer kf_assembler_consumer(struct kf_assembler *a);

/* Whether it may be given a message now: no, while its share of jobs is under way or it is ending. */
bool kf_assembler_ready(const struct kf_assembler *a);

/* Whether it takes no more messages, ever: END has come or it was stopped. */
bool kf_assembler_ending(const struct kf_assembler *a);

/* Whether HELLO came and its answer is still being made. */
bool kf_assembler_waits(const struct kf_assembler *a);

/* To be called about every second: what is due by time begins here. */
void kf_assembler_tick(struct kf_assembler *a);

/* The answers to host->resume: go on with the dump in DIR (NULL: there is none); say STORED for F again. Id and token
 * were compared by the host for F, and are compared here for DIR. */
void kf_assembler_resume(struct kf_assembler *a, const char *dir);
void kf_assembler_resume_finished(struct kf_assembler *a, const struct kf_finished *f);

/* Whether two ids are the same, session and token. Takes the same time whatever differs. */
bool kf_same_id(const struct kf_welcome *a, const struct kf_welcome *b);

/* Ends the stream before its END, for the reason in ERR. The sender is told CODE and the reason, or
 * nothing if CODE is 0. Does nothing if it is ending already. closed() comes later, or at once. */
void kf_assembler_stop(struct kf_assembler *a, enum kf_abort_code code, const struct kf_error *err);

/* The code that tells a sender about a failure of STATUS. */
enum kf_abort_code kf_abort_code_for(enum kf_status status);

#endif
