// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages of tasks, by the way that readers take: the tree of process numbers, struct pid, struct task_struct, the stack.
//
// The tree is an xarray: a pointer with the low bits 10 is a node of 64 slots, one with the low bits 00 is a struct pid.
#include <inttypes.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/btf.h"
#include "sender/kernel/vitalkinds.h"

#define SLOTS 64u
#define LEVELS_MAX 11u		/* 64 bits, 6 at a time */
#define NODES_MAX 65536u	/* damaged nodes may lead to each other */
#define TASK_BYTES_MAX 65536u
#define PID_BYTES 256u		/* of struct pid, at most; more with namespaces, which nobody needs */

struct tasks {
	struct kf_vital_gatherer *g;
	struct kf_btf btf;
	bool stacks;		/* the second time round: stacks only */
	unsigned int nodes;
};

static enum kf_status understand(struct tasks *t, uint64_t *root, struct kf_error *err)
{
	uint64_t start = 0, stop = 0, ns = 0;

	if (kf_vital_symbol(t->g, KF_SYM_INIT_PID_NS, &ns, err) || kf_vital_symbol(t->g, KF_SYM_START_BTF, &start, err) ||
	    kf_vital_symbol(t->g, KF_SYM_STOP_BTF, &stop, err) || kf_btf_read(&t->btf, t->g->tr, start, stop, err))
		return err->status;
	for (size_t i = 0; i < KF_BTF_COUNT; i++)
		if (!t->btf.has[i])
			return kf_fail(err, KF_ABSENT, "BTF has no member %s", kf_btf_member_name(i));
	if (t->btf.size[KF_BTF_TASK_STACK] > TASK_BYTES_MAX)
		return kf_fail(err, KF_INVALID, "a task of %" PRIu32 " bytes is not credible", t->btf.size[KF_BTF_TASK_STACK]);
	*root = ns + t->btf.offset[KF_BTF_PID_NS_IDR] + t->btf.offset[KF_BTF_IDR_RT] + t->btf.offset[KF_BTF_XA_HEAD];
	return KF_OK;
}

static bool note_task(struct tasks *t, uint64_t task)
{
	uint64_t stack;

	if (!t->stacks) {
		t->g->vital->tasks++;
		return kf_vital_note_va(t->g, task, t->btf.size[KF_BTF_TASK_STACK]);
	}
	if (!kf_virt_u64(t->g->tr, task + t->btf.offset[KF_BTF_TASK_STACK], &stack) || !stack)
		return true;
	return kf_vital_note_va(t->g, stack, KF_STACK_BYTES);
}

/* A pid that is only a group's or a session's has no task of its own. */
static bool note_pid(struct tasks *t, uint64_t pid)
{
	uint64_t link;

	if (!t->stacks && !kf_vital_note_va(t->g, pid, PID_BYTES))
		return false;
	if (!kf_virt_u64(t->g->tr, pid + t->btf.offset[KF_BTF_PID_TASKS], &link) || link <= t->btf.offset[KF_BTF_TASK_PID_LINKS])
		return true;
	return note_task(t, link - t->btf.offset[KF_BTF_TASK_PID_LINKS]);
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
	if (!t->stacks && !kf_vital_note_va(t->g, node, t->btf.size[KF_BTF_NODE_SLOTS]))
		return false;
	if (!kf_virt_read(t->g->tr, node + t->btf.offset[KF_BTF_NODE_SLOTS], slots, sizeof(slots)))
		return true;
	for (unsigned int i = 0; i < SLOTS; i++)
		if (!note_entry(t, kf_le64_at(slots + 8 * i), level + 1))
			return false;
	return true;
}

void kf_vital_tasks(struct kf_vital_gatherer *g)
{
	struct tasks t = { .g = g };
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
