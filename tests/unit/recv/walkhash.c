// SPDX-License-Identifier: GPL-2.0-or-later
// What of a receiver decides about its answers, as one number: everything but times, random ids and the name of the directory.
#include <xxhash.h>

#include "receiver/stream/assembler.h"
#include "tests/unit/recv/walk.h"

#define MIX(h, value) ((h) = XXH3_64bits_withSeed(&(value), sizeof(value), (h)))
#define SESSION_AT 32		/* of its body in a journal */
#define SESSION_END 88

static uint64_t mix_set(uint64_t h, const struct kf_pfnset *set)
{
	return XXH3_64bits_withSeed(set->ranges, set->count * sizeof(set->ranges[0]), h);
}

static uint64_t mix_mark(uint64_t h, const struct kf_mark *m)
{
	MIX(h, m->journal), MIX(h, m->vital_end), MIX(h, m->pages), MIX(h, m->raw), MIX(h, m->data), MIX(h, m->data_end);
	MIX(h, m->pfn), MIX(h, m->reached), MIX(h, m->flags), MIX(h, m->tally);
	return h;
}

static uint64_t mix_assembler(uint64_t h, const struct kf_assembler *a)
{
	const struct kf_said *s = &a->said;

	MIX(h, a->said_last), MIX(h, a->phase), MIX(h, s->ram_done), MIX(h, s->vital_done), MIX(h, s->intro_done);
	MIX(h, s->log_done), MIX(h, s->ended), MIX(h, s->log_bytes), MIX(h, s->notes_bytes), MIX(h, s->windows), MIX(h, s->batches);
	h = mix_set(mix_set(mix_set(h, &s->ram), &s->vital), &a->open.arrived);
	MIX(h, a->open.first), MIX(h, a->open.carry), MIX(h, a->open.zero_pages), MIX(h, a->queue.count), MIX(h, a->queue.barriers);
	MIX(h, a->queue.failed), MIX(h, a->gathered.at), MIX(h, a->gathered.records.used), MIX(h, a->sums.pages), MIX(h, a->sums.verdicts);
	h = mix_mark(mix_mark(mix_mark(h, &a->gathered.mark), &a->durable), &a->checkpointer.last);
	MIX(h, a->sync.running), MIX(h, a->sync.broken), MIX(h, a->checkpointer.running), MIX(h, a->closer.state), MIX(h, a->closer.whole);
	MIX(h, a->resumer.state), MIX(h, a->resumer.repeats);
	return h;
}

static uint64_t hash_file(const char *name, const struct disk_inode *f)
{
	uint64_t h = XXH3_64bits(name, strlen(name));
	size_t skip = 0;

	if (!strncmp(name, "manifest", 8)) {	/* times are in it; what counts is that it is there, and the state */
		bool complete = f->len && memmem(f->bytes, f->len, "\"complete\"", 10);
		bool incomplete = f->len && memmem(f->bytes, f->len, "\"incomplete\"", 12);

		MIX(h, complete), MIX(h, incomplete);
		return h;
	}
	if (!strcmp(name, "journal") && f->len >= SESSION_END) {
		h = XXH3_64bits_withSeed(f->bytes, 24, h);	/* then come checksums of the session's record */
		skip = SESSION_END;
	}
	return XXH3_64bits_withSeed(f->bytes + skip, f->len - skip, h);
}

static uint64_t hash_disk(const struct disk *d)
{
	const struct disk_inode *base = &d->inodes[DISK_BASE];
	uint64_t sum = base->count;

	for (unsigned int i = 0; base->count && i < d->inodes[base->names[0].inode].count; i++) {
		const struct disk_name *n = &d->inodes[base->names[0].inode].names[i];

		sum += hash_file(n->name, &d->inodes[n->inode]);
	}
	return sum;
}

uint64_t walk_hash(const struct walk *w)
{
	const struct story *s = &w->story;
	const struct disk_promise promise = s->log.promise;
	uint64_t h = hash_disk(&s->log.live);

	MIX(h, promise.durable), MIX(h, promise.stored), MIX(h, promise.whole), MIX(h, promise.closed), MIX(h, promise.flags);
	MIX(h, promise.pfn), MIX(h, promise.resumed), MIX(h, promise.opens), MIX(h, promise.nothing);
	MIX(h, s->is_finished), MIX(h, w->ended), MIX(h, w->live);
	if (w->live) {
		MIX(h, w->order.state), MIX(h, s->rig.jobs);
		h = mix_assembler(h, s->rig.a);
	}
	return h;
}
