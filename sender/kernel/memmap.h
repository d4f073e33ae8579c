/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory models: where the struct page of a pfn lies in the dead kernel's virtual memory. */
#ifndef KF_MEMMAP_H
#define KF_MEMMAP_H

#include "sender/kernel/translate.h"

struct kf_memmap;

/* A stretch of pfns for all of which the same is true. */
struct kf_memmap_range {
	uint64_t first, end;	/* pfns; END may lie beyond max_mapnr, where the struct pages do */
	bool has;		/* there are struct pages */
	bool unknown;		/* whether there are cannot be read; HAS is false then */
	uint64_t va;		/* of FIRST's, if HAS; the others follow without a gap, and none is before it */
};

/* One table for each model. find() gives the stretch that holds PFN. */
struct kf_memmap_model {
	const char *name;	/* in makedumpfile's words */
	/* KF_ABSENT if the kernel's keys are not this model's; what else fails says that they are, but lie. */
	enum kf_status (*init)(struct kf_memmap *mm, const struct kf_vmcoreinfo *vi, struct kf_error *err);
	void (*find)(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range);
};

struct kf_memmap {
	const struct kf_memmap_model *model;
	struct kf_translation *tr;	/* borrowed */
	unsigned int page_shift;
	uint64_t max_mapnr;		/* pfn, exclusive, as the PT_LOADs have it */
	uint64_t size_page;		/* bytes of a struct page */
	/* SPARSEMEM */
	uint64_t sections;		/* address of the root array, or of the sections themselves */
	uint64_t pages_per_section, section_count;
	uint64_t sections_per_root;	/* 0: plain, no roots */
	uint64_t section_bytes, map_offset;
	uint64_t cached_root;		/* number of the root in CACHED; UINT64_MAX: none */
	uint8_t *cached;		/* owned; one page: the sections of one root */
	enum kf_root { KF_ROOT_ABSENT, KF_ROOT_LOST, KF_ROOT_PRESENT } cached_state;
	/* DISCONTIGMEM; FLATMEM is one node */
	struct kf_memmap_range *nodes;	/* owned; those with struct pages, ascending and apart */
	size_t node_count;
};

/*
 * Finds the model, after kf_layout_init() has found all of struct page that it needs, and checks it against the image:
 * every section or node that says it is there must have a kernel address, and there must be one. KF_ABSENT if no model's
 * keys are there, KF_INVALID if what the keys lead to cannot be.
 */
enum kf_status kf_memmap_init(struct kf_memmap *mm, struct kf_translation *tr, const struct kf_vmcoreinfo *vi,
			      unsigned int page_shift, uint64_t max_mapnr, struct kf_error *err) kf_must_check;
void kf_memmap_deinit(struct kf_memmap *mm);

void kf_memmap_find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range);

/* One above the last pfn below max_mapnr that has a struct page, or may have, or 0 if none has: kernels booted with
 * mem= end there. */
uint64_t kf_memmap_end(struct kf_memmap *mm);

/* For the models that keep nodes. */
void kf_nodes_find(struct kf_memmap *mm, uint64_t pfn, struct kf_memmap_range *range);
/* Whether VA can be the struct page of FIRST, with those up to END behind it. */
bool kf_is_mem_map(const struct kf_memmap *mm, uint64_t va, uint64_t first, uint64_t end);

#endif
