/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one peer may cost, and how often its dump is brought to disk. */
#ifndef KF_LIMITS_H
#define KF_LIMITS_H

#include <stdint.h>

/* Beyond these a session is refused (or made to wait, where it says so). */
struct kf_limits {
	uint64_t max_mapnr;		/* pfns, exclusive */
	uint64_t notes_bytes;
	uint64_t ram_ranges;		/* also of vital pages */
	uint64_t dump_bytes;		/* that one dump may take on disk, its page table included; 0: no limit */
	uint64_t table_free, table_share;	/* bytes of descriptors: so many, and so many for each byte received; 0, 0: no limit */
	unsigned int jobs;		/* batches under way at once; more wait in the socket */
};

/* Sizes in bytes, times in milliseconds. */
struct kf_pace {
	uint64_t patience_ms;			/* so long a sender waits for the workers before they pack quickly */
	uint64_t sync_bytes, sync_ms;		/* page bytes between two syncs, or time */
	uint64_t checkpoint_bytes;		/* at least so much data between two checkpoints, and a quarter, */
	uint64_t checkpoint_ms;			/* or this time; if the file does not become too large by it */
	uint64_t reserve_bytes;			/* of the journal, behind its end, for when the disk is full; 0: nothing is kept */
};

#define KF_LIMITS_DEFAULT ((struct kf_limits){ \
	.max_mapnr = 1ull << 34, .notes_bytes = 1ull << 30, .ram_ranges = 1u << 17, .jobs = 8, \
	.table_free = 16u << 20, .table_share = 2048 })
#define KF_PACE_DEFAULT ((struct kf_pace){ \
	.patience_ms = 10000, .sync_bytes = 64ull << 20, .sync_ms = 5000, .checkpoint_bytes = 16ull << 20, .checkpoint_ms = 30000, \
	.reserve_bytes = 1ull << 20 })

#endif
