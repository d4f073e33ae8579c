/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sources of vital pages, a file each, and what they share; for vital*.c only. */
#ifndef KF_VITALKINDS_H
#define KF_VITALKINDS_H

#include "sender/kernel/btf.h"
#include "sender/kernel/kallsyms.h"
#include "sender/kernel/vital.h"

/* A stack, and what of a stack pointer's surroundings is taken for one. */
#define KF_STACK_BYTES 16384u
/* No kernel has more CPUs. */
#define KF_CPUS_MAX 8192u

struct kf_vital_gatherer {
	struct kf_vital *vital;
	struct kf_kernel *kernel;
	struct kf_translation *tr;	/* the kernel's, as is INFO */
	const struct kf_vmcoreinfo *info;
	struct kf_symbols symbols;
	struct kf_error symbols_error;	/* why there are none */
	struct kf_btf btf;
	struct kf_error btf_error;
	uint32_t cpus;			/* that were stopped: notes NT_PRSTATUS */
};

/* Notes all of BYTES at VA that is mapped. False when the list takes nothing more. */
bool kf_vital_note_va(struct kf_vital_gatherer *g, uint64_t va, uint64_t bytes);
/* The same for what an entry maps. */
bool kf_vital_note_mapping(struct kf_vital_gatherer *g, const struct kf_mapping *m);

/* The symbol's address; KF_ABSENT if it is not known. */
enum kf_status kf_vital_symbol(const struct kf_vital_gatherer *g, enum kf_symbol symbol, uint64_t *va, struct kf_error *err) kf_must_check;
/* KF_ABSENT if BTF lacks one of the N members. */
enum kf_status kf_vital_members(const struct kf_vital_gatherer *g, const enum kf_btf_member *members, size_t n, struct kf_error *err) kf_must_check;

void kf_vital_tables(struct kf_vital_gatherer *g);
void kf_vital_sections(struct kf_vital_gatherer *g);
void kf_vital_nodes(struct kf_vital_gatherer *g);
void kf_vital_log(struct kf_vital_gatherer *g);
void kf_vital_percpu(struct kf_vital_gatherer *g);
void kf_vital_stacks(struct kf_vital_gatherer *g);
void kf_vital_image(struct kf_vital_gatherer *g);
void kf_vital_tasks(struct kf_vital_gatherer *g);
void kf_vital_slabs(struct kf_vital_gatherer *g);
void kf_vital_modules(struct kf_vital_gatherer *g);

#endif
