/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which wire codec the next batch is packed with: --wire auto goes by who is waiting. */
#ifndef KF_CHOICE_H
#define KF_CHOICE_H

#include <stdint.h>

#include "sender/dump/encoder.h"
#include "sender/transport/transport.h"

/* What the writer waits for. */
enum kf_wait {
	KF_WAIT_CORE,		/* a batch that is being packed, and nothing is left to be sent: this machine's cores are the limit */
	KF_WAIT_LINK,		/* to send: the network carries no more */
	KF_WAIT_PEER,		/* to send: the receiver reads no more */
	KF_WAITS
};

/*
 * All codecs in one row, by what they ask of this machine's cores:
 *
 *	pages    none    lz4    zstd
 *	  -1       0      1       2	level
 *
 * Waits for the link move the level up, waits for the receiver move it down, to `pages`, if those spare the receiver much more than
 * the others do and this machine has cores to spare, else to `none`; waits for this machine's cores move it to `none`. Between two of them batches take turns, so that in the
 * end whoever is slowest has no pause and nobody waits long. Under the pipeline's lock.
 *
 * By a transport whose bytes are dear nothing goes with less than lz4; if pages rest as lzo, in its place by `pages`, which costs no more and spares
 * the receiver.
 */
struct kf_choice {
	bool automatic;
	enum kf_wire_codec fixed;	/* if not automatic */
	bool pages_help;
	enum kf_wire_codec home;	/* where waits for this machine's cores lead */
	double level, owed;		/* owed: parts of a step up that batches since the last one have coming */
	unsigned int looks;		/* at the waits, so far */
	uint64_t since;			/* ns: waits are of the time from here on; 0: nothing was chosen yet */
	uint64_t waited[KF_WAITS];	/* ns */
	uint64_t packing, on_core;	/* ns that packing took, and of them those in which a core did it */
};

/* OPS are the transport's. Where nobody answers, into a file, goes lz4, so that the same dump gives the same file. */
void kf_choice_init(struct kf_choice *c, const struct kf_encoding *how, const struct kf_transport_ops *ops);

/* Whether a batch may ever be packed so. */
bool kf_choice_may(const struct kf_choice *c, enum kf_wire_codec wire);

/* For the next batch; NOW by kf_choice_now(). */
enum kf_wire_codec kf_choice_next(struct kf_choice *c, uint64_t now);

void kf_choice_waited(struct kf_choice *c, enum kf_wait what, uint64_t ns);

/* A batch was packed in TOOK ns, in ON_CORE of which the thread had a core. */
void kf_choice_packed(struct kf_choice *c, uint64_t took, uint64_t on_core);

uint64_t kf_choice_now(void);	/* ns, of the clock that nobody sets */

#endif
