/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where members lie in structures, from the type information (BTF) that the kernel carries in its own memory. */
#ifndef KF_BTF_H
#define KF_BTF_H

#include "sender/kernel/translate.h"

/* X(identifier, structure, member). Only these are looked for, and only as direct members. */
#define KF_BTF_MEMBERS(X) \
	X(PID_NS_IDR, "pid_namespace", "idr") \
	X(IDR_RT, "idr", "idr_rt") \
	X(XA_HEAD, "xarray", "xa_head") \
	X(NODE_SHIFT, "xa_node", "shift") \
	X(NODE_SLOTS, "xa_node", "slots") \
	X(PID_TASKS, "pid", "tasks") \
	X(TASK_PID_LINKS, "task_struct", "pid_links") \
	X(TASK_STACK, "task_struct", "stack") \
	X(TASK_MM, "task_struct", "mm") \
	X(MM_CPU_BITMAP, "mm_struct", "cpu_bitmap") \
	X(CACHE_LIST, "kmem_cache", "list")

enum kf_btf_member {
#define X(id, type, member) KF_BTF_##id,
	KF_BTF_MEMBERS(X)
#undef X
	KF_BTF_COUNT
};

struct kf_btf {
	bool has[KF_BTF_COUNT];
	uint32_t offset[KF_BTF_COUNT];		/* bytes */
	uint32_t size[KF_BTF_COUNT];		/* of the structure that the member is of, bytes */
};

/* Reads the raw BTF at virtual addresses [va, end) once. KF_INVALID if it is none or cannot be read; what it lacks is not has[]. */
enum kf_status kf_btf_read(struct kf_btf *b, struct kf_translation *tr, uint64_t va, uint64_t end, struct kf_error *err) kf_must_check;

const char *kf_btf_member_name(enum kf_btf_member member);

#endif
