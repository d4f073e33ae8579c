/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vital pages: what a debugger needs before it shows anything, so that even the beginning of a dump is of use. */
#ifndef KF_VITAL_H
#define KF_VITAL_H

#include "sender/kernel/kernel.h"
#include "sender/kernel/vitallist.h"

/* At most so much is vital, and so much more for each CPU; but never more pages than one WINDOW can list as unreadable. */
#define KF_VITAL_BYTES (64ull << 20)
#define KF_VITAL_BYTES_CPU (1ull << 20)

/* In the order in which they are gathered: a page counts for the first, and if there is no room for all, the last lack. */
enum kf_vital_kind {
	KF_VITAL_TABLES,	/* page tables */
	KF_VITAL_SECTIONS,	/* memory sections, and their roots */
	KF_VITAL_NODES,		/* node data */
	KF_VITAL_LOG,		/* the log ring */
	KF_VITAL_PERCPU,	/* per-cpu areas */
	KF_VITAL_STACKS,	/* what the stopped CPUs' stack pointers point to */
	KF_VITAL_IMAGE,		/* the kernel's image */
	KF_VITAL_TASKS,		/* tasks and the way to them */
	KF_VITAL_SLABS,		/* the heads of slab caches */
	KF_VITAL_MODULES,	/* modules */
	KF_VITAL_KINDS
};

struct kf_vital {
	struct kf_vital_list list;		/* what was found */
	uint64_t pages[KF_VITAL_KINDS];		/* of it, by kind */
	uint32_t cpus;				/* whose per-cpu areas were found */
	uint64_t tasks;
	char percpu_why_not[KF_ERROR_TEXT];	/* why none was, or empty */
	char tasks_why_not[KF_ERROR_TEXT];
};

/* Empty; kf_vital_deinit is allowed on it. */
void kf_vital_init(struct kf_vital *v);
void kf_vital_deinit(struct kf_vital *v);

/*
 * Gathers pages from the memory of K, which translates. Whatever is damaged or not there makes the list shorter, and nothing else. The
 * pages are not judged: some may be free or poisoned, or no RAM at all.
 */
void kf_vital_gather(struct kf_vital *v, struct kf_kernel *k);

/* For people. */
const char *kf_vital_kind_name(enum kf_vital_kind kind);

#endif
