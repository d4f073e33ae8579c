// SPDX-License-Identifier: GPL-2.0-or-later
// What goes before the first page: who, what, VMCOREINFO, the log, RAM, notes. See job.h.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sender/dump/job.h"
#include "sender/kernel/klog.h"

#define LOG_BLOCK (64u << 10)
#define NOTES_BLOCK (64u << 10)

void kf_job_hello(const struct kf_job *j, struct kf_message *m)
{
	*m = (struct kf_message){ .type = KF_MSG_HELLO };
	m->hello.program = kf_string_of(j->program);
	m->hello.host = kf_string_of(j->kernel.uts[KF_UTS_NODENAME]);
	if (!j->has_session)
		return;
	m->hello.flags = KF_HELLO_RESUME;
	memcpy(m->hello.session, j->session.session, sizeof(m->hello.session));
	memcpy(m->hello.token, j->session.token, sizeof(m->hello.token));
}

void kf_job_dump_message(const struct kf_job *j, struct kf_message *m)
{
	*m = (struct kf_message){ .type = KF_MSG_DUMP };
	m->dump = (struct kf_dump){
		.page_shift = j->kernel.page_shift, .nr_cpus = j->notes.nr_cpus,
		.max_mapnr = j->ram.max_mapnr, .phys_base = j->kernel.tr.phys_base,
		.crash_time = kf_value(&j->kernel.info, KF_KEY_CRASHTIME, 0),
		.notes_bytes = j->vc.notes_bytes,
		.vmcoreinfo_offset = j->notes.vmcoreinfo_offset, .vmcoreinfo_bytes = j->notes.vmcoreinfo_bytes,
		.level = j->setup->level, .rest = j->setup->rest,
	};
	memcpy(m->dump.uts, j->kernel.uts, sizeof(m->dump.uts));
}

static enum kf_status send_vmcoreinfo(struct kf_job *j, struct kf_error *err)
{
	struct kf_message m = { .type = KF_MSG_VMCOREINFO };

	if (!j->info_bytes)
		return KF_OK;
	m.block = (struct kf_block){ .bytes = (const uint8_t *)j->info_text, .len = (uint32_t)j->info_bytes };
	return kf_pipeline_control(j->pipeline, &m, err);
}

/* Log text, collected into blocks. */
struct log_blocks {
	struct kf_job *j;
	uint8_t *block;
	uint32_t used;
	uint64_t offset;
};

static enum kf_status flush_log(struct log_blocks *b, uint32_t flags, struct kf_error *err)
{
	struct kf_message m = { .type = KF_MSG_LOG };

	m.block = (struct kf_block){ .offset = b->offset, .flags = flags, .bytes = b->block, .len = b->used };
	b->offset += b->used;
	b->used = 0;
	return kf_pipeline_control(b->j->pipeline, &m, err);
}

static enum kf_status take_log(void *context, const char *text, size_t len, struct kf_error *err)
{
	struct log_blocks *b = context;

	while (len) {
		size_t n = LOG_BLOCK - b->used;

		n = n < len ? n : len;
		memcpy(b->block + b->used, text, n);
		b->used += (uint32_t)n;
		text += n;
		len -= n;
		if (b->used == LOG_BLOCK && flush_log(b, 0, err))
			return err->status;
	}
	return KF_OK;
}

/* A log that cannot be read must not cost the dump. */
static enum kf_status send_log(struct kf_job *j, struct kf_error *err)
{
	struct log_blocks b = { .j = j, .block = malloc(LOG_BLOCK) };
	enum kf_status st;

	if (!b.block)
		return kf_fail(err, KF_FAILED, "no memory for the kernel log");
	if (j->kernel.translates)
		st = kf_klog_read(&j->kernel.tr, &j->kernel.info, take_log, &b, err);
	else
		st = kf_fail(err, KF_ABSENT, "%s", j->kernel.why_not);
	j->log_found = !st;
	if (st == KF_ABSENT || st == KF_INVALID) {
		memcpy(j->log_why_not, err->text, sizeof(j->log_why_not));
		st = flush_log(&b, b.offset || b.used ? KF_LOG_LAST : KF_LOG_LAST | KF_LOG_UNAVAILABLE, err);
	} else if (!st) {
		st = flush_log(&b, KF_LOG_LAST, err);
	}
	free(b.block);
	return st;
}

enum kf_status kf_job_send_ranges(struct kf_job *j, uint8_t type, const struct kf_range_set *set, struct kf_error *err)
{
	struct kf_range_list_builder list = { 0 };
	enum kf_status st = KF_OK;

	for (size_t i = 0; !st && i < set->count; i++) {
		struct kf_message m = { .type = type };

		if (!kf_ranges_add(&list, set->ranges[i].first, set->ranges[i].end))
			st = kf_fail(err, KF_FAILED, "no memory for ranges of pages");
		if (st || (i + 1 < set->count && list.count < KF_RANGES_MAX))
			continue;
		m.list.flags = i + 1 < set->count ? KF_RANGES_MORE : 0;
		m.list.ranges = (struct kf_ranges){ list.table, list.count };
		st = kf_pipeline_control(j->pipeline, &m, err);
		kf_ranges_reset(&list);
	}
	kf_ranges_free(&list);
	return st;
}

static enum kf_status send_ram(struct kf_job *j, struct kf_error *err)
{
	return kf_job_send_ranges(j, KF_MSG_RAM, &j->ram.ram, err);
}

/* Device dumps may make the notes many MiB: block by block. */
static enum kf_status send_notes(struct kf_job *j, struct kf_error *err)
{
	uint8_t *block = malloc(NOTES_BLOCK);
	enum kf_status st = block ? KF_OK : kf_fail(err, KF_FAILED, "no memory for notes");

	for (uint64_t at = 0; !st && at < j->vc.notes_bytes;) {
		struct kf_message m = { .type = KF_MSG_NOTES };
		uint64_t left = j->vc.notes_bytes - at;
		uint32_t n = left < NOTES_BLOCK ? (uint32_t)left : NOTES_BLOCK;

		st = kf_notes_read(&j->vc, at, block, n, err);
		m.block = (struct kf_block){ .offset = at, .bytes = block, .len = n };
		if (!st)
			st = kf_pipeline_control(j->pipeline, &m, err);
		at += n;
	}
	free(block);
	return st;
}

enum kf_status kf_job_send_intro(struct kf_job *j, struct kf_error *err)
{
	static enum kf_status (*const steps[])(struct kf_job *, struct kf_error *) = {
		send_vmcoreinfo, send_log, send_ram, send_notes,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](j, err))
			return err->status;
	return KF_OK;
}
