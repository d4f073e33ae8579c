// SPDX-License-Identifier: GPL-2.0-or-later
// The assembler's life, and the one place from which all its parts are driven; see assemble.h.
#include "receiver/stream/assemble.h"

#include <stdlib.h>
#include <time.h>

#include "proto/names.h"
#include "receiver/stream/assembler.h"

struct kf_assembler *kf_assembler_create(const struct kf_setup *setup)
{
	struct kf_assembler *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->setup = *setup;
	a->disk.dir.fd = -1;
	a->disk.dump.file = a->disk.journal = a->disk.dmesg = KF_FILE_CLOSED;
	kf_pfnset_init(&a->said.ram, setup->limits.ram_ranges);
	kf_pfnset_init(&a->said.vital, setup->limits.ram_ranges);
	/* Each kept run of a window may be interrupted by unreadable and by vital pages. */
	kf_pfnset_init(&a->open.arrived, KF_VERDICT_RUNS_MAX + KF_LISTED_MAX + setup->limits.ram_ranges);
	a->begun = (uint64_t)time(NULL);
	a->phase_ms[KF_ASM_INTRO] = kf_now_ms();
	a->said.wire_bytes = KF_PREFACE_BYTES;
	a->said.connections = 1;
	return a;
}

void kf_assembler_destroy(struct kf_assembler *a)
{
	if (!a)
		return;
	kf_records_deinit(&a->gathered.records);
	kf_records_deinit(&a->sync.records);
	kf_pfnset_deinit(&a->said.ram);
	kf_pfnset_deinit(&a->said.vital);
	kf_pfnset_deinit(&a->open.arrived);
	kf_dumpfile_close(&a->disk.dump);
	kf_file_close(&a->disk.journal);
	kf_file_close(&a->disk.dmesg);
	kf_dumpdir_close(&a->disk.dir);
	free(a);
}

/* VMCOREINFO is for those who watch the stream: the dump has it in its notes. */
static enum kf_status take_nothing(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
				   struct kf_error *err)
{
	(void)a, (void)m, (void)frame, (void)err;
	return KF_OK;
}

static enum kf_status take(void *ctx, const struct kf_message *m, struct kf_frame *frame, struct kf_error *err)
{
	static kf_take *const table[KF_TYPES] = {
		[KF_MSG_HELLO] = kf_take_hello,
		[KF_MSG_DUMP] = kf_take_dump,
		[KF_MSG_VMCOREINFO] = take_nothing,
		[KF_MSG_LOG] = kf_take_log,
		[KF_MSG_RAM] = kf_take_ram,
		[KF_MSG_NOTES] = kf_take_notes,
		[KF_MSG_VITAL] = kf_take_vital,
		[KF_MSG_BATCH] = kf_take_batch,
		[KF_MSG_WINDOW] = kf_take_window,
		[KF_MSG_END] = kf_take_end,
		[KF_MSG_ABORT] = kf_take_abort,
		[KF_MSG_KEEPALIVE] = take_nothing,
	};
	struct kf_assembler *a = ctx;
	enum kf_status st;

	if (kf_assembler_ending(a))
		return KF_OK;
	a->said.wire_bytes += KF_HEADER_BYTES + frame->len;
	st = a->resumer.repeats ? kf_resume_take_repeated(a, m, err) : table[m->type](a, m, frame, err);
	if (st)
		return kf_prepend(err, "%s", kf_type_name(m->type));
	kf_asm_advance(a);
	return KF_OK;
}

struct kf_consumer kf_assembler_consumer(struct kf_assembler *a)
{
	static const struct kf_consumer_ops ops = { .take = take };

	return (struct kf_consumer){ .ops = &ops, .ctx = a };
}

bool kf_assembler_ending(const struct kf_assembler *a)
{
	return a->said.ended || a->closer.state != KF_CLOSING_NOT;
}

bool kf_assembler_ready(const struct kf_assembler *a)
{
	return !kf_assembler_ending(a) && a->resumer.state < KF_RESUMER_FINDING && !a->queue.barriers && a->queue.count < a->setup.limits.jobs && !kf_sync_full(a);
}

bool kf_assembler_waits(const struct kf_assembler *a)
{
	return a->resumer.state >= KF_RESUMER_FINDING;
}

void kf_assembler_tick(struct kf_assembler *a)
{
	kf_resume_tick(a);
	kf_asm_advance(a);
}

void kf_asm_enter(struct kf_assembler *a, enum kf_asm_phase phase)
{
	if (a->phase >= phase)
		return;
	a->phase = phase;
	a->phase_ms[phase] = kf_now_ms();
}

void kf_asm_advance(struct kf_assembler *a)
{
	if (a->said.ended && a->closer.state == KF_CLOSING_NOT && !a->queue.count)
		kf_close_by_end(a);
	if (kf_sync_due(a))
		kf_sync_start(a);
	if (kf_checkpoint_due(a))
		kf_checkpoint_start(a);
	if (a->closer.state != KF_CLOSING_NOT)
		kf_close_advance(a);	/* the last thing: A may be gone then */
	else if (kf_assembler_ready(a))
		a->setup.host->ready(a->setup.host_ctx);
}

void kf_asm_reply(struct kf_assembler *a, const struct kf_message *m)
{
	if (a->said_last)
		return;
	a->said_last = m->type == KF_MSG_ABORT || m->type == KF_MSG_STORED;
	a->setup.host->reply(a->setup.host_ctx, m);
}

enum kf_abort_code kf_abort_code_for(enum kf_status status)
{
	switch (status) {
	case KF_INVALID:
		return KF_ABORT_PROTOCOL;
	case KF_ABSENT:
		return KF_ABORT_UNSUPPORTED;
	case KF_REFUSED:
		return KF_ABORT_REFUSED;
	default:
		return KF_ABORT_SYSTEM;
	}
}

void kf_asm_tell_abort(struct kf_assembler *a, enum kf_abort_code code, const char *text)
{
	struct kf_message m = { .type = KF_MSG_ABORT };

	if (!code)
		return;
	if (!a->told)
		a->told = code;
	m.abort = (struct kf_abort){ .code = code, .text = kf_string_of(text) };
	kf_asm_reply(a, &m);
}

void kf_assembler_stop(struct kf_assembler *a, enum kf_abort_code code, const struct kf_error *err)
{
	if (kf_assembler_ending(a))
		return;
	kf_asm_tell_abort(a, code, err->text);
	kf_close_begin(a, false, code == KF_ABORT_SYSTEM ? KF_FAILED : KF_INCOMPLETE, err->text);
	kf_asm_advance(a);
}

void kf_asm_fail(struct kf_assembler *a, const struct kf_error *err)
{
	enum kf_abort_code code = kf_abort_code_for(err->status);

	kf_asm_tell_abort(a, code, err->text);
	kf_close_badly(a, code == KF_ABORT_SYSTEM ? KF_FAILED : KF_INCOMPLETE, err->text);
}
