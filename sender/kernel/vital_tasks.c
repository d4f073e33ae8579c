// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages of tasks, by the way that readers take: the tree of process numbers, struct pid, struct task_struct, the stack.
//
// The tree is an xarray: a pointer with the low bits 10 is a node of 64 slots, one with the low bits 00 is a struct pid.
#include <inttypes.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/vitalkinds.h"

#define SLOTS 64u
#define LEVELS_MAX 11u		/* 64 bits, 6 at a time */
#define NODES_MAX 65536u	/* damaged nodes may lead to each other */
#define TASK_BYTES_MAX 65536u
#define CPU_BITMAP_BYTES 64u	/* stands behind a struct mm_struct; more with more CPUs */
#define PID_BYTES 256u		/* of struct pid, at most; more with namespaces, which nobody needs */

struct tasks {
	struct kf_vital_gatherer *g;
	const struct kf_btf *btf;
	bool stacks;		/* the second time round: stacks only */
	unsigned int nodes;
};

static enum kf_status understand(struct tasks *t, uint64_t *root, struct kf_error *err)
{
	static const enum kf_btf_member needed[] = {
		KF_BTF_PID_NS_IDR, KF_BTF_IDR_RT, KF_BTF_XA_HEAD, KF_BTF_NODE_SLOTS, KF_BTF_PID_TASKS, KF_BTF_TASK_PID_LINKS, KF_BTF_TASK_STACK,
	};
	uint64_t ns = 0;

	if (kf_vital_symbol(t->g, KF_SYM_INIT_PID_NS, &ns, err) || kf_vital_members(t->g, needed, sizeof(needed) / sizeof(needed[0]), err))
		return err->status;
	if (t->btf->size[KF_BTF_TASK_STACK] > TASK_BYTES_MAX)
		return kf_fail(err, KF_INVALID, "a task of %" PRIu32 " bytes is not credible", t->btf->size[KF_BTF_TASK_STACK]);
	*root = ns + t->btf->offset[KF_BTF_PID_NS_IDR] + t->btf->offset[KF_BTF_IDR_RT] + t->btf->offset[KF_BTF_XA_HEAD];
	return KF_OK;
}

/* What it has mapped, without the pages; threads share it, and kernel threads have none. */
static bool note_mm(struct tasks *t, uint64_t task)
{
	uint64_t mm;

	if (!t->btf->has[KF_BTF_TASK_MM] || !t->btf->has[KF_BTF_MM_CPU_BITMAP] ||
	    !kf_virt_u64(t->g->tr, task + t->btf->offset[KF_BTF_TASK_MM], &mm) || !mm)
		return true;
	return kf_vital_note_va(t->g, mm, t->btf->size[KF_BTF_MM_CPU_BITMAP] + CPU_BITMAP_BYTES);
}

static bool note_task(struct tasks *t, uint64_t task)
{
	uint64_t stack;

	if (!t->stacks) {
		t->g->vital->tasks++;
		return kf_vital_note_va(t->g, task, t->btf->size[KF_BTF_TASK_STACK]) && note_mm(t, task);
	}
	if (!kf_virt_u64(t->g->tr, task + t->btf->offset[KF_BTF_TASK_STACK], &stack) || !stack)
		return true;
	return kf_vital_note_va(t->g, stack, KF_STACK_BYTES);
}

/* A pid that is only a group's or a session's has no task of its own. */
static bool note_pid(struct tasks *t, uint64_t pid)
{
	uint64_t link;

	if (!t->stacks && !kf_vital_note_va(t->g, pid, PID_BYTES))
		return false;
	if (!kf_virt_u64(t->g->tr, pid + t->btf->offset[KF_BTF_PID_TASKS], &link) || link <= t->btf->offset[KF_BTF_TASK_PID_LINKS])
		return true;
	return note_task(t, link - t->btf->offset[KF_BTF_TASK_PID_LINKS]);
}

static bool note_entry(struct tasks *t, uint64_t entry, unsigned int level)
{
	uint8_t slots[8 * SLOTS];
	uint64_t node = entry - 2;

	if (entry < 4096 || (entry & 1))
		return true;	/* empty, or a word of the tree's own */
	if ((entry & 3) == 0)
		return note_pid(t, entry);
	if (level == LEVELS_MAX)
		return true;
	if (t->nodes++ == NODES_MAX)
		return false;
	if (!t->stacks && !kf_vital_note_va(t->g, node, t->btf->size[KF_BTF_NODE_SLOTS]))
		return false;
	if (!kf_virt_read(t->g->tr, node + t->btf->offset[KF_BTF_NODE_SLOTS], slots, sizeof(slots)))
		return true;
	for (unsigned int i = 0; i < SLOTS; i++)
		if (!note_entry(t, kf_le64_at(slots + 8ul * i), level + 1))
			return false;
	return true;
}

void kf_vital_tasks(struct kf_vital_gatherer *g)
{
	struct tasks t = { .g = g, .btf = &g->btf };
	uint64_t root = 0, head;
	struct kf_error err;

	if (understand(&t, &root, &err)) {
		memcpy(g->vital->tasks_why_not, err.text, sizeof(g->vital->tasks_why_not));
		return;
	}
	if (!kf_virt_u64(g->tr, root, &head))
		return;
	/* All tasks before the first stack: without its task a stack is of no use. */
	for (int pass = 0; pass < 2; pass++) {
		t.stacks = pass == 1;
		t.nodes = 0;
		if (!note_entry(&t, head, 0))
			return;
	}
}
