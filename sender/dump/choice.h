/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which wire codec the next batch is packed with: --wire auto goes by who is waiting. */
#ifndef KF_CHOICE_H
#define KF_CHOICE_H

#include <stdint.h>

#include "sender/dump/encoder.h"

/* What the writer waits for. */
enum kf_wait {
	KF_WAIT_CORE,		/* a batch that is being packed, and nothing is left to be sent: this machine's cores are the limit */
	KF_WAIT_LINK,		/* to send: the network carries no more */
	KF_WAIT_PEER,		/* to send: the receiver reads no more */
	KF_WAITS
};

/*
 * The codecs that may be chosen stand in a row, those first that spare the receiver most and those last that spare the link most:
 *
 *	pages, none, lz4, zstd		`pages` only if it spares the receiver much, that is to say if pages rest as zlib or zstd
 *	lz4, zstd			by a transport whose bytes are dear; or, if pages rest as lzo,
 *	pages, zstd			which costs no more and spares the receiver
 *
 * LEVEL is a place in the row, and between two of them batches take turns. Waits for the link move it to the end; waits for the receiver to the
 * beginning, if this machine has cores to spare, else to HOME; waits for this machine's cores to HOME, which is what costs them least. So in the
 * end whoever is slowest has no pause and nobody waits long. A row of one is a codec that was asked for. Under the pipeline's lock.
 */
struct kf_choice {
	enum kf_wire_codec row[KF_WIRE_CODECS];
	unsigned int count, home;	/* of the row; a place in it */
	double level, owed;		/* owed: parts of a step up that batches since the last one have coming */
	unsigned int looks;		/* at the waits, so far */
	uint64_t since;			/* ns: waits are of the time from here on; 0: nothing was chosen yet */
	uint64_t waited[KF_WAITS];	/* ns */
	uint64_t packing, on_core;	/* ns that packing took, and of them those in which a core did it */
};

/* ANSWERS: there is a peer who can be waited for; into a file goes lz4, so that the same dump gives the same file. DEAR: see transport.h. */
void kf_choice_init(struct kf_choice *c, const struct kf_encoding *how, bool answers, bool dear);

/* Whether a batch may ever be packed so. */
bool kf_choice_may(const struct kf_choice *c, enum kf_wire_codec wire);

/* Whether there is anything to choose; if not, nobody need say who waits. Never changes. */
static inline bool kf_choice_is_open(const struct kf_choice *c)
{
	return c->count > 1;
}

/* For the next batch; NOW by kf_choice_now(). */
enum kf_wire_codec kf_choice_next(struct kf_choice *c, uint64_t now);

/* The writer has waited NS for WHAT. */
void kf_choice_waited(struct kf_choice *c, enum kf_wait what, uint64_t ns);

/* A batch was packed in TOOK ns, in ON_CORE of which the thread had a core. */
void kf_choice_packed(struct kf_choice *c, uint64_t took, uint64_t on_core);

uint64_t kf_choice_now(void);	/* ns, of the clock that nobody sets */
uint64_t kf_choice_core(void);	/* ns that this thread had a core */

#endif
