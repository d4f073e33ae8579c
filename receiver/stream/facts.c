// SPDX-License-Identifier: GPL-2.0-or-later
// What the assembler knows, as the manifest tells it.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proto/names.h"
#include "receiver/stream/assembler.h"

/* Seconds between the begin of PHASE and of whatever came after it. */
static double lasted(const struct kf_assembler *a, enum kf_asm_phase phase)
{
	uint64_t end = kf_now_ms();

	if (!a->phase_ms[phase])
		return 0;
	for (int next = KF_ASM_PHASES; next > (int)phase; next--)
		if (a->phase_ms[next])
			end = a->phase_ms[next];
	return (double)(end - a->phase_ms[phase]) / 1000;
}

static void set_kernel(struct kf_manifest *m, const struct kf_dump *d)
{
	kf_manifest_text(m->release, sizeof(m->release), d->uts[KF_UTS_RELEASE], KF_UTS_BYTES);
	kf_manifest_text(m->version, sizeof(m->version), d->uts[KF_UTS_VERSION], KF_UTS_BYTES);
	kf_manifest_text(m->machine, sizeof(m->machine), d->uts[KF_UTS_MACHINE], KF_UTS_BYTES);
	m->crash_time = d->crash_time;
	m->level = d->level;
	m->page_size = 1u << d->page_shift;
	m->codec = kf_rest_codec_name(d->rest);
	m->max_mapnr = d->max_mapnr;
}

static void set_end(struct kf_manifest *m, const struct kf_end *e)
{
	m->has_end = true;
	m->prepare_us = e->prepare_us;
	m->scan_us = e->scan_us;
	m->total_us = e->total_us;
	m->page_digest = e->pages;
	m->verdict_digest = e->verdicts;
}

void kf_asm_manifest_mark(struct kf_manifest *m, const struct kf_mark *mark)
{
	m->tally = mark->tally;
	m->stored_pages = mark->pages;
	m->quick_pages = mark->quick;
	m->raw_bytes = mark->raw;
	m->stored_bytes = mark->data;
	m->first_missing = mark->reached;
}

void kf_asm_manifest(const struct kf_assembler *a, struct kf_manifest *m)
{
	*m = (struct kf_manifest){
		.state = KF_STATE_RECEIVING, .file = KF_DUMP_UNFINISHED,
		.connections = a->said.connections, .begun = a->begun, .updated = (uint64_t)time(NULL),
		.ram_pages = a->said.ram.pages,
		.wire_bytes = a->said.wire_bytes, .log_bytes = a->said.log_bytes,
		.intro = lasted(a, KF_ASM_INTRO), .vital = lasted(a, KF_ASM_VITAL), .pages = lasted(a, KF_ASM_PAGES),
		.unreadable = a->sums.unreadable, .undecided = a->sums.undecided,
	};
	/* What a killed receiver leaves behind; the close puts its own words here, or none. */
	snprintf(m->reason, sizeof(m->reason), "not ended: if no kferry-recv is receiving it still, that was killed");
	kf_manifest_text(m->peer, sizeof(m->peer), a->setup.peer, sizeof(m->peer));
	kf_manifest_text(m->receiver, sizeof(m->receiver), a->setup.program, sizeof(m->receiver));
	kf_manifest_text(m->sender, sizeof(m->sender), a->said.sender, sizeof(a->said.sender));
	kf_manifest_text(m->claimed_host, sizeof(m->claimed_host), a->said.host, sizeof(a->said.host));
	set_kernel(m, &a->said.dump);
	kf_asm_manifest_mark(m, &a->durable);
	if (a->said.ended)
		set_end(m, &a->said.end);
}

void kf_asm_finished(const struct kf_assembler *a, struct kf_finished *f)
{
	*f = (struct kf_finished){ .id = a->id, .max_mapnr = a->said.dump.max_mapnr, .end = a->said.end };
	memcpy(f->dump_bytes, a->said.dump_bytes, sizeof(f->dump_bytes));
	memcpy(f->dir, a->disk.dir.name, sizeof(f->dir));
}
