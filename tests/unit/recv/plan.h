/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small made-up dump, and the stream that carries it: what a correct sender would send, and what it would not. */
#ifndef RECV_PLAN_H
#define RECV_PLAN_H

#include <stdbool.h>

#include "proto/digest.h"
#include "proto/message.h"

#define PLAN_PFNS 1024
#define PLAN_WORDS (PLAN_PFNS / 64)
#define PLAN_WINDOWS 8
#define PLAN_PAGE 4096

/* Sets are bitmaps over pfns: bit n % 64 of word n / 64. */
typedef uint64_t plan_set[PLAN_WORDS];

struct plan {
	uint64_t max_mapnr;
	plan_set ram, kept, zero, vital, unreadable, undecided;
	uint64_t ends[PLAN_WINDOWS];	/* of the windows, ascending; 0 behind the last */
	unsigned int batch_pages;	/* of data, in one batch */
	enum kf_wire_codec wire;
	enum kf_rest_codec rest;
	enum kf_end_reason reason;
	bool no_end;
};

/* What becomes of a message before it is sent. */
enum plan_fate { PLAN_SEND, PLAN_DROP, PLAN_TWICE };

/* May change M and what its tables point to; NTH counts messages of its type from 0. Sums for END are made
 * of what the plan says, not of what was changed. */
typedef enum plan_fate plan_tamper(struct kf_message *m, unsigned int nth, void *ctx);

/* A stream in memory. */
struct plan_stream {
	uint8_t *bytes;		/* malloc'd; freed by plan_stream_free */
	size_t len, room;
	uint64_t frames;
	unsigned int seen[KF_TYPES];
	plan_tamper *tamper;
	void *ctx;
};

/* RAM [1, 700) and [768, 1000) but 640..655 missing; about half of it kept, some of that zero, two
 * pages unreadable, a few undecided; windows of 256 pfns; no vital pages. */
void plan_default(struct plan *p);
void plan_add(plan_set set, uint64_t first, uint64_t end);
bool plan_has(const plan_set set, uint64_t pfn);

/* The contents of a page, which depend on its number only. */
void plan_page(const struct plan *p, uint64_t pfn, uint8_t out[PLAN_PAGE]);

/* Makes the whole stream of P, preface and all. TAMPER may be NULL. */
void plan_stream_make(struct plan_stream *s, const struct plan *p, plan_tamper *tamper, void *ctx);
void plan_stream_free(struct plan_stream *s);

/* The notes that the stream carries. */
extern const char plan_notes[];
#define PLAN_NOTES_BYTES 200
#define PLAN_LOG "[    0.0] a made-up kernel\n[    1.0] Kernel panic - not syncing: for a test\n"

#endif
