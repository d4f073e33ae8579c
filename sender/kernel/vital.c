// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages, kind by kind; see vital.h.
#include "sender/kernel/vital.h"

#include <stdlib.h>

#include "proto/wire.h"
#include "sender/kernel/vitalkinds.h"
#include "sender/vmcore/notes.h"

/* Of one note: a log ring, a node. More cannot be in the list anyway. */
#define NOTE_MAX (1ull << 30)
/* In parts of the cap, so that no kind leaves the others without room. */
#define PARTS 16u
/* One WINDOW lists the unreadable of them, and at worst that is every other. Only with more than 192 CPUs is this less than the rest. */
#define PAGES_MAX (2ull * KF_LISTED_MAX)

static const struct kind {
	const char *name;
	unsigned int parts;
	void (*gather)(struct kf_vital_gatherer *g);
} kinds[KF_VITAL_KINDS] = {
	[KF_VITAL_TABLES] = { "page tables", 2, kf_vital_tables },
	[KF_VITAL_SECTIONS] = { "memory sections", 1, kf_vital_sections },
	[KF_VITAL_NODES] = { "node data", 1, kf_vital_nodes },
	[KF_VITAL_LOG] = { "log", 6, kf_vital_log },
	[KF_VITAL_PERCPU] = { "per-cpu areas", 8, kf_vital_percpu },
	[KF_VITAL_STACKS] = { "stacks", 1, kf_vital_stacks },
	[KF_VITAL_IMAGE] = { "kernel image", 12, kf_vital_image },
	[KF_VITAL_TASKS] = { "tasks", 8, kf_vital_tasks },
	[KF_VITAL_SLABS] = { "slab cache heads", 1, kf_vital_slabs },
	[KF_VITAL_MODULES] = { "modules", 8, kf_vital_modules },
};

const char *kf_vital_kind_name(enum kf_vital_kind kind)
{
	return kinds[kind].name;
}

bool kf_vital_note_mapping(struct kf_vital_gatherer *g, const struct kf_mapping *m)
{
	unsigned int shift = g->tr->page_shift;

	return kf_vital_note(&g->vital->list, m->paddr >> shift, ((m->paddr + m->bytes - 1) >> shift) + 1);
}

bool kf_vital_note_va(struct kf_vital_gatherer *g, uint64_t va, uint64_t bytes)
{
	uint64_t page = 1ull << g->tr->page_shift, left = bytes < NOTE_MAX ? bytes : NOTE_MAX;

	while (left && !g->vital->list.full) {
		uint64_t step = page - va % page;
		struct kf_mapping m;

		if (kf_translate(g->tr, va, &m)) {
			step = m.bytes;
			m.bytes = m.bytes < left ? m.bytes : left;
			kf_vital_note_mapping(g, &m);
		}
		if (step >= left || va + step < va)
			break;
		va += step;
		left -= step;
	}
	return !g->vital->list.full;
}

enum kf_status kf_vital_symbol(const struct kf_vital_gatherer *g, enum kf_symbol symbol, uint64_t *va, struct kf_error *err)
{
	if (g->symbols_error.status) {
		*err = g->symbols_error;
		return err->status;
	}
	if (!g->symbols.has[symbol])
		return kf_fail(err, KF_ABSENT, "kallsyms has no %s", kf_symbol_name(symbol));
	*va = g->symbols.va[symbol];
	return KF_OK;
}

enum kf_status kf_vital_members(const struct kf_vital_gatherer *g, const enum kf_btf_member *members, size_t n, struct kf_error *err)
{
	if (g->btf_error.status) {
		*err = g->btf_error;
		return err->status;
	}
	for (size_t i = 0; i < n; i++)
		if (!g->btf.has[members[i]])
			return kf_fail(err, KF_ABSENT, "BTF has no member %s", kf_btf_member_name(members[i]));
	return KF_OK;
}

/* What else is known of the kernel but by VMCOREINFO. Errors stay, and say why it is not. */
static void learn(struct kf_vital_gatherer *g)
{
	uint64_t start = 0, stop = 0;

	if (kf_kallsyms_read(&g->symbols, g->tr, g->info, &g->symbols_error))
		g->symbols.count = 0;
	if (kf_vital_symbol(g, KF_SYM_START_BTF, &start, &g->btf_error) || kf_vital_symbol(g, KF_SYM_STOP_BTF, &stop, &g->btf_error) ||
	    kf_btf_read(&g->btf, g->tr, start, stop, &g->btf_error))
		return;
}

void kf_vital_init(struct kf_vital *v)
{
	*v = (struct kf_vital){ 0 };
}

void kf_vital_deinit(struct kf_vital *v)
{
	kf_vital_list_deinit(&v->list);
}

void kf_vital_gather(struct kf_vital *v, struct kf_kernel *k)
{
	struct kf_vital_gatherer *g = calloc(1, sizeof(*g));
	struct kf_notes notes;
	struct kf_error ignored;
	uint64_t cap, before = 0;

	if (!g)
		return;
	*g = (struct kf_vital_gatherer){ .vital = v, .kernel = k, .tr = &k->tr, .info = &k->info };
	if (!kf_notes_scan(&notes, k->vc, &ignored))
		g->cpus = notes.nr_cpus < KF_CPUS_MAX ? notes.nr_cpus : KF_CPUS_MAX;
	learn(g);
	cap = (KF_VITAL_BYTES + g->cpus * KF_VITAL_BYTES_CPU) >> k->page_shift;
	cap = cap < PAGES_MAX ? cap : PAGES_MAX;
	for (size_t i = 0; i < KF_VITAL_KINDS; i++) {
		uint64_t share = before + cap / PARTS * kinds[i].parts;

		kf_vital_list_limit(&v->list, share < cap ? share : cap);
		kinds[i].gather(g);
		v->pages[i] = kf_vital_list_settle(&v->list) - before;
		before += v->pages[i];
	}
	free(g);
}
