/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assembler from inside; only the files of receiver/stream that are parts of it need this. */
#ifndef KF_ASSEMBLER_H
#define KF_ASSEMBLER_H

#include "receiver/kdump/aside.h"
#include "receiver/kdump/checkpoint.h"
#include "receiver/kdump/packer.h"
#include "receiver/store/dumpdir.h"
#include "receiver/store/manifest.h"
#include "receiver/stream/assemble.h"
#include "receiver/stream/clock.h"
#include "receiver/stream/pressure.h"

/*
 * A turn is a message whose work is done elsewhere and which takes effect in the order of messages:
 * run() in a worker, then retire() in the loop thread once all turns before it are retired. If one
 * fails, no later one is retired.
 */
struct kf_turn {
	struct kf_job job;
	struct kf_assembler *a;
	const struct kf_turn_ops *ops;
	struct kf_turn *next;
	bool done;
	enum kf_status status;		/* of run() */
	struct kf_error err;
};

struct kf_turn_ops {
	enum kf_status (*run)(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err);
	enum kf_status (*retire)(struct kf_turn *t, struct kf_error *err);	/* may be NULL */
	void (*destroy)(struct kf_turn *t);
	/* No message is taken until it is retired: for what must be on disk before the next thing. */
	bool barrier;
};

/* How far a dump is, at an edge between two records of the journal. */
struct kf_mark {
	uint64_t journal;	/* bytes of the journal up to here */
	uint64_t vital_end;	/* where in the journal the vital pages end, once they are closed */
	uint64_t pages;		/* in the dump file */
	uint64_t raw;		/* their bytes, uncompressed */
	uint64_t data;		/* bytes that they take there */
	uint64_t quick;		/* pages that are packed otherwise than was asked for, as there was no time */
	uint64_t data_end;	/* where the last of them ends in the file, bytes */
	uint64_t pfn;		/* windows below it are closed */
	uint64_t reached;	/* at least pfn: nothing from here on came, but for vital pages */
	uint32_t flags;		/* KF_RESUME_INTRO, KF_RESUME_VITAL */
	struct kf_tally tally;	/* of the windows that are closed */
};

enum kf_asm_phase { KF_ASM_INTRO, KF_ASM_VITAL, KF_ASM_PAGES, KF_ASM_PHASES };

struct kf_sync {		/* sync.c */
	struct kf_job job;
	struct kf_assembler *a;
	bool running, broken;		/* broken: one failed, so none is tried again */
	struct kf_records records;	/* being written */
	uint64_t at;			/* where in the journal */
	uint64_t forgotten;		/* the dump file up to here is not kept in memory, bytes */
	uint64_t reserved;		/* the journal has blocks up to here, bytes */
	struct kf_mark mark;		/* what will be durable */
	enum kf_status status;
	struct kf_error err;
};

struct kf_checkpointer {	/* checkpoints.c */
	struct kf_job job;
	struct kf_assembler *a;
	bool running;
	struct kf_checkpoint work;
	struct kf_mark mark;		/* what it will hold */
	struct kf_mark last;		/* what the last one that succeeded holds */
	struct kf_manifest manifest;
	uint64_t when;			/* the last one ended, ms */
	uint64_t tables;		/* bytes of all of them so far */
	enum kf_status status;
	struct kf_error err;
};

enum kf_closing {
	KF_CLOSING_NOT,
	KF_CLOSING_WAIT,		/* for turns, then a last sync */
	KF_CLOSING_LAST,		/* the closing job is under way */
	KF_CLOSED,
};

struct kf_closer {		/* close.c, finish.c */
	struct kf_job job;
	struct kf_assembler *a;
	enum kf_closing state;
	bool whole;			/* END was checked: make it final */
	bool renamed;			/* it has its final name already, from an earlier run */
	enum kf_status why;		/* KF_FAILED if this machine is to blame, else KF_INCOMPLETE */
	char reason[KF_ERROR_TEXT];
	bool anything_new;		/* since the last checkpoint */
	bool readable;			/* a checkpoint is there, after the job */
	bool recompress;		/* it is to be packed anew; after the job, it is marked so */
	struct kf_checkpoint work;
	struct kf_manifest manifest;
	uint64_t keep;			/* bytes of the dump file that are in use */
	uint64_t pages_end;		/* where its pages end */
	enum kf_status status;
	struct kf_error err;
};

enum kf_resuming {
	KF_RESUMER_NOT,
	KF_RESUMER_ASKED,		/* HELLO did; DUMP must come */
	KF_RESUMER_FINDING,		/* by the host, or waiting for another process to let it go */
	KF_RESUMER_OPENING,		/* the job is under way */
};

struct kf_resumer {		/* resume.c */
	struct kf_job job;
	struct kf_assembler *a;
	enum kf_resuming state;
	struct kf_welcome id;		/* as the sender has it */
	uint8_t dump_bytes[KF_DUMP_BYTES];
	char name[KF_DUMPDIR_NAME];
	uint64_t retry, give_up;	/* ms; 0: not */
	bool repeats;			/* the dump is finished already, and END is to come again */
	struct kf_end end;		/* what it said then */
	enum kf_status status;
	struct kf_error err;
};

/* What the messages so far said. */
struct kf_said {
	char host[KF_MANIFEST_TEXT], sender[KF_MANIFEST_TEXT];
	struct kf_dump dump;
	uint8_t dump_bytes[KF_DUMP_BYTES];	/* its payload as it came: a resume must say the same */
	uint64_t connections;		/* by which the dump came; 1 if it was not resumed */
	struct kf_pfnset ram, vital;
	bool ram_done, vital_done;	/* the last of their messages came */
	bool vital_noted;		/* the journal knows that there are vital pages */
	bool intro_done;		/* RAM and notes are whole */
	bool log_done, ended;
	uint64_t log_bytes, notes_bytes, wire_bytes;
	uint64_t windows, batches;	/* messages */
	struct kf_end end;
};

/* The window that batches belong to. */
struct kf_open_window {
	uint64_t first;			/* pfn */
	struct kf_carry carry;		/* with which it is entered */
	struct kf_pfnset arrived;	/* pages that came in it */
	uint64_t zero_pages;		/* as many of them are zero pages */
	uint64_t vital_next;		/* where the vital pages go on; 0 unless some, and not all, are there from an earlier connection */
};

struct kf_queue {
	struct kf_turn *oldest, *newest;
	unsigned int count;
	unsigned int barriers;		/* among them */
	bool failed;			/* one did: no later one is retired */
};

/* Sums over retired turns. */
struct kf_sums {
	struct kf_sum128 pages, verdicts;
	struct kf_manifest_list unreadable, undecided;
};

/* Records of retired turns that no sync has taken yet. */
struct kf_gathered {
	struct kf_records records;
	uint64_t at;			/* where they will go in the journal, bytes */
	uint64_t raw;			/* page bytes that they name */
	uint64_t since;			/* when the first of them came, ms; 0: none */
	bool sync_now;
	struct kf_mark mark;		/* behind the last of them */
};

struct kf_on_disk {
	bool made;			/* the directory is */
	struct kf_dumpdir dir;
	struct kf_dumpfile dump;
	struct kf_file journal, dmesg;
};

struct kf_assembler {
	struct kf_setup setup;
	struct kf_welcome id;
	enum kf_abort_code told;	/* the first ABORT that was or would have been sent; 0: none */
	bool said_last;			/* ABORT or STORED was replied: nothing may follow */
	enum kf_asm_phase phase;
	uint64_t begun;			/* seconds since 1970 */
	uint64_t phase_ms[KF_ASM_PHASES + 1];	/* when each began, the close as the last; 0: not yet */
	struct kf_said said;
	struct kf_open_window open;
	struct kf_queue queue;
	struct kf_pressure pressure;
	struct kf_sums sums;
	struct kf_gathered gathered;
	struct kf_mark durable;
	struct kf_on_disk disk;
	struct kf_sync sync;
	struct kf_checkpointer checkpointer;
	struct kf_closer closer;
	struct kf_resumer resumer;
};

/* queue.c. A turn is allocated by its maker, given away here, and freed by ops->destroy. */
void kf_turn_submit(struct kf_assembler *a, struct kf_turn *t, const struct kf_turn_ops *ops);

/* assemble.c. Enters a phase, if it is not there already. */
void kf_asm_enter(struct kf_assembler *a, enum kf_asm_phase phase);
/* After anything changed: begins what is due, goes on with closing, wakes the host. */
void kf_asm_advance(struct kf_assembler *a);
/* Something in here failed: ends the stream, or makes an end that was going well a bad one. */
void kf_asm_fail(struct kf_assembler *a, const struct kf_error *err);
void kf_asm_reply(struct kf_assembler *a, const struct kf_message *m);	/* nothing after the last one */
/* Nothing if CODE is 0. */
void kf_asm_tell_abort(struct kf_assembler *a, enum kf_abort_code code, const char *text);

/* intro.c, blocks.c, batch.c, window.c, end.c: one function for each message. */
typedef enum kf_status kf_take(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			       struct kf_error *err);
kf_take kf_take_hello, kf_take_dump, kf_take_log, kf_take_ram, kf_take_notes;
kf_take kf_take_vital, kf_take_batch, kf_take_window, kf_take_end, kf_take_abort;

/* batch.c. Whether the journal has a part of the vital pages, from an earlier connection, and this one did not go on with them. */
bool kf_vital_lack(const struct kf_assembler *a);

/* batch.c. How many pages are packed with another codec than REST, and not raw. */
uint32_t kf_quick_pages(const struct kf_stored_pages *p, uint32_t rest);

/* intro.c. Begins the file once RAM and notes are whole; tells whether they are. */
enum kf_status kf_intro_advance(struct kf_assembler *a, struct kf_error *err) kf_must_check;
enum kf_status kf_intro_check(const struct kf_assembler *a, struct kf_error *err) kf_must_check;

/* intro.c. What one peer may ask for. */
enum kf_status kf_limits_check(const struct kf_assembler *a, const struct kf_dump *d, struct kf_error *err) kf_must_check;

/* resume.c. HELLO wants to go on with a dump; DUMP came behind it. */
enum kf_status kf_resume_ask(struct kf_assembler *a, const struct kf_hello *h, struct kf_error *err) kf_must_check;
void kf_resume_find(struct kf_assembler *a, const struct kf_frame *dump);
/* Whether the dump that was read is the one that was asked for: id, identity of the peer, DUMP. */
bool kf_resume_fits(const struct kf_assembler *a);
void kf_resume_tick(struct kf_assembler *a);
/* Any message, when the dump is finished already. */
enum kf_status kf_resume_take_repeated(struct kf_assembler *a, const struct kf_message *m, struct kf_error *err) kf_must_check;

/* sync.c. To be called after records were put, with the page bytes that they name. */
void kf_asm_gathered(struct kf_assembler *a, uint64_t raw);
bool kf_sync_due(const struct kf_assembler *a);
bool kf_sync_full(const struct kf_assembler *a);	/* so much waits that no message may come */
void kf_sync_start(struct kf_assembler *a);

/* checkpoints.c */
bool kf_checkpoint_due(const struct kf_assembler *a);
void kf_checkpoint_start(struct kf_assembler *a);
/* What a checkpoint of all that is durable is made of. */
void kf_checkpoint_describe(struct kf_assembler *a, struct kf_checkpoint *c);

/* end.c. END came and all before it is retired: closes the dump as whole, or as what it is. */
void kf_close_by_end(struct kf_assembler *a);

/* close.c. WHY is KF_FAILED if this machine is to blame, else KF_INCOMPLETE. */
void kf_close_begin(struct kf_assembler *a, bool whole, enum kf_status why, const char *reason);
/* The same for a failure in here, which may come while a close waits already. */
void kf_close_badly(struct kf_assembler *a, enum kf_status why, const char *reason);
void kf_close_advance(struct kf_assembler *a);
void kf_close_prepare(struct kf_assembler *a);	/* all that kf_closer_run needs */

/* finish.c. The closer's run(): the only code that makes a dump look finished. */
void kf_closer_run(struct kf_job *job, void *local);

/* facts.c */
void kf_asm_finished(const struct kf_assembler *a, struct kf_finished *f);
void kf_asm_manifest(const struct kf_assembler *a, struct kf_manifest *m);	/* as far as it is durable */
void kf_asm_manifest_mark(struct kf_manifest *m, const struct kf_mark *mark);	/* only as far as MARK */

#endif
