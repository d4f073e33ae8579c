/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Symbols that VMCOREINFO does not name, from the kernel's own table in the dump (kallsyms). */
#ifndef KF_KALLSYMS_H
#define KF_KALLSYMS_H

#include "sender/kernel/translate.h"

/* X(identifier, name). Only these are looked for. */
#define KF_KALLSYMS(X) \
	X(PER_CPU_OFFSET, "__per_cpu_offset") \
	X(PER_CPU_START, "__per_cpu_start") \
	X(PCPU_UNIT_SIZE, "pcpu_unit_size") \
	X(NR_CPU_IDS, "nr_cpu_ids") \
	X(INIT_PID_NS, "init_pid_ns") \
	X(SLAB_CACHES, "slab_caches") \
	X(START_BTF, "__start_BTF") \
	X(STOP_BTF, "__stop_BTF")

enum kf_symbol {
#define X(id, name) KF_SYM_##id,
	KF_KALLSYMS(X)
#undef X
	KF_SYMBOLS
};

struct kf_symbols {
	bool has[KF_SYMBOLS];
	uint64_t va[KF_SYMBOLS];
	uint64_t count;		/* symbols in the table */
};

/*
 * Reads the whole table once. KF_ABSENT if VMCOREINFO does not say where it is (kernels before 6.0, or without CONFIG_KALLSYMS),
 * KF_INVALID if it cannot be read or its addresses do not fit SYMBOL(_stext). A symbol that it lacks is only not has[].
 */
enum kf_status kf_kallsyms_read(struct kf_symbols *s, struct kf_translation *tr, const struct kf_vmcoreinfo *vi, struct kf_error *err) kf_must_check;

const char *kf_symbol_name(enum kf_symbol symbol);

#endif
