// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages of the CPUs: their per-cpu areas, and the stacks they were on.
#include <inttypes.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/vitalkinds.h"
#include "sender/vmcore/notes.h"

/* A unit of the first chunk; its end is unused where it is larger. */
#define UNIT_MAX (1ull << 20)

static enum kf_status find_areas(struct kf_vital_gatherer *g, uint64_t *offsets, uint64_t *start, uint32_t *unit, uint32_t *cpus, struct kf_error *err)
{
	uint64_t va;

	if (kf_vital_symbol(g, KF_SYM_PER_CPU_OFFSET, offsets, err) || kf_vital_symbol(g, KF_SYM_PER_CPU_START, start, err) ||
	    kf_vital_symbol(g, KF_SYM_PCPU_UNIT_SIZE, &va, err))
		return err->status;
	if (!kf_virt_u32(g->tr, va, unit) || *unit == 0)
		return kf_fail(err, KF_INVALID, "pcpu_unit_size at 0x%" PRIx64 " cannot be read", va);
	*unit = *unit < UNIT_MAX ? *unit : UNIT_MAX;
	if (kf_vital_symbol(g, KF_SYM_NR_CPU_IDS, &va, err) || !kf_virt_u32(g->tr, va, cpus) || *cpus == 0 || *cpus > KF_CPUS_MAX)
		*cpus = g->cpus;
	return KF_OK;
}

void kf_vital_percpu(struct kf_vital_gatherer *g)
{
	uint64_t offsets = 0, start = 0, offset;
	uint32_t unit = 0, cpus = 0;
	struct kf_error err;

	if (find_areas(g, &offsets, &start, &unit, &cpus, &err)) {
		memcpy(g->vital->percpu_why_not, err.text, sizeof(g->vital->percpu_why_not));
		return;
	}
	/* Readers want the array of offsets first of all; it is in the image. */
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		struct kf_mapping m;

		if (!kf_virt_u64(g->tr, offsets + cpu * 8ull, &offset) || !kf_translate(g->tr, start + offset, &m))
			continue;
		if (!kf_vital_note_va(g, start + offset, unit))
			return;
		g->vital->cpus++;
	}
}

static void note_stack(void *gatherer, const struct kf_note *note)
{
	struct kf_vital_gatherer *g = gatherer;
	uint32_t at = g->tr->arch->prstatus_sp;
	uint8_t sp[8];
	struct kf_error ignored;

	if (!note->is_prstatus || note->desc_bytes < at + sizeof(sp) ||
	    kf_notes_read(g->kernel->vc, note->desc + at, sp, sizeof(sp), &ignored))
		return;
	kf_vital_note_va(g, kf_le64_at(sp) & ~(uint64_t)(KF_STACK_BYTES - 1), KF_STACK_BYTES);
}

void kf_vital_stacks(struct kf_vital_gatherer *g)
{
	struct kf_error ignored;

	if (kf_notes_each(g->kernel->vc, note_stack, g, &ignored))
		return;
}
