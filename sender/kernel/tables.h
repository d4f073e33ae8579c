/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dead kernel's page tables as a tree, for those who want the tables themselves or all that is mapped. */
#ifndef KF_TABLES_H
#define KF_TABLES_H

#include "sender/kernel/translate.h"

/* Either returns false to end the walk. */
struct kf_table_visitor {
	bool (*table)(void *context, uint64_t paddr);		/* a table of one page; not called for the root. May be NULL */
	bool (*mapped)(void *context, const struct kf_mapping *m);	/* all that one entry maps. May be NULL */
	void *context;
};

/*
 * Visits what is needed to translate, and what is mapped at, the kernel's addresses from FIRST to LAST, inclusive; whole entries, from the
 * highest down. Bounded: no more tables are read than a sound kernel could need for 16 GiB in pages.
 */
void kf_tables_walk(struct kf_translation *tr, uint64_t first, uint64_t last, const struct kf_table_visitor *visitor);

#endif
