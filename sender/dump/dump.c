// SPDX-License-Identifier: GPL-2.0-or-later
// A dump from beginning to end; see dump.h.
#include "sender/dump/dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/names.h"
#include "sender/dump/attempt.h"
#include "sender/dump/entropy.h"
#include "sender/vmcore/guard.h"

/* VMCOREINFO's text from the notes of the vmcore. */
static enum kf_status read_own_info(struct kf_job *j, struct kf_error *err)
{
	j->info_bytes = j->notes.vmcoreinfo_bytes;
	j->info_text = malloc(j->info_bytes + 1);
	if (!j->info_text)
		return kf_fail(err, KF_FAILED, "no memory for VMCOREINFO");
	return kf_notes_read(&j->vc, j->notes.vmcoreinfo_offset, j->info_text, j->info_bytes, err);
}

/* A file of another kernel would make every verdict wrong, and look right. */
static enum kf_status check_belongs(const struct kf_job *j, const char *text, size_t len, struct kf_error *err)
{
	struct kf_vmcoreinfo given, own;

	kf_vmcoreinfo_parse(&given, text, len);
	kf_vmcoreinfo_parse(&own, j->info_text, j->info_bytes);
	if (!given.osrelease[0])
		return kf_fail(err, KF_INVALID, "it has no OSRELEASE: this is no VMCOREINFO file");
	if (own.osrelease[0] && strcmp(own.osrelease, given.osrelease) != 0)
		return kf_fail(err, KF_MISMATCH, "it is of kernel %s, the vmcore of %s", given.osrelease, own.osrelease);
	if (own.build_id[0] && given.build_id[0] && strcmp(own.build_id, given.build_id) != 0)
		return kf_fail(err, KF_MISMATCH, "it has build id %s, the vmcore %s", given.build_id, own.build_id);
	return KF_OK;
}

static enum kf_status read_given_info(struct kf_job *j, struct kf_error *err)
{
	FILE *f = fopen(j->setup->vmcoreinfo, "re");
	char *text;
	size_t n;

	if (!f)
		return kf_fail_errno(err, "%s", j->setup->vmcoreinfo);
	text = malloc(KF_BLOCK_MAX);
	n = text ? fread(text, 1, KF_BLOCK_MAX, f) : 0;
	if (ferror(f)) {
		kf_fail_errno(err, "%s", j->setup->vmcoreinfo);
		fclose(f);
		free(text);
		return err->status;
	}
	fclose(f);
	if (!text)
		return kf_fail(err, KF_FAILED, "no memory for VMCOREINFO");
	if (check_belongs(j, text, n, err)) {
		free(text);
		return kf_prepend(err, "%s", j->setup->vmcoreinfo);
	}
	free(j->info_text);
	j->info_text = text;
	j->info_bytes = n;
	return KF_OK;
}

static enum kf_status open_input(struct kf_job *j, struct kf_error *err)
{
	const char *path = j->setup->vmcore;

	if (kf_vmcore_open(&j->vc, path, err))
		return err->status;
	j->vc.needs_pread = j->setup->no_mmap;
	if (kf_notes_scan(&j->notes, &j->vc, err) || read_own_info(j, err))
		return kf_prepend(err, "%s", path);
	if (j->setup->vmcoreinfo && read_given_info(j, err))
		return err->status;
	if (!j->info_bytes && j->setup->level > 1)
		return kf_fail(err, KF_INVALID, "%s: it has no VMCOREINFO, without which dump level %u cannot tell pages apart: "
			       "give one with -i FILE, or take -d 0 or -d 1", path, j->setup->level);
	if (j->vc.short_file)
		kf_log(j->log, KF_LOG_ERROR, "%s: the file ends before its headers say: what is there goes, the dump will be incomplete", path);
	return KF_OK;
}

/* Once the kernel is known, max_mapnr may shrink: the first kernel may have been booted with mem=. */
static enum kf_status understand(struct kf_job *j, struct kf_error *err)
{
	uint64_t end;

	if (kf_kernel_init(&j->kernel, &j->vc, j->info_text, j->info_bytes, err) ||
	    kf_ram_init(&j->ram, &j->vc, j->kernel.page_shift, err))
		return kf_prepend(err, "%s", j->setup->vmcore);
	if (j->setup->vmcoreinfo && !j->kernel.translates)
		return kf_fail(err, KF_MISMATCH, "%s does not fit the memory in %s: %s", j->setup->vmcoreinfo, j->setup->vmcore,
			       j->kernel.why_not);
	kf_kernel_find_memmap(&j->kernel, j->ram.max_mapnr);
	end = j->kernel.filters ? kf_memmap_end(&j->kernel.memmap) : 0;
	if (end) {
		j->behind_pages = kf_range_set_pages(&j->ram.data, end, UINT64_MAX);
		kf_ram_clip(&j->ram, end);
	}
	if (j->behind_pages)
		kf_log(j->log, KF_LOG_ERROR, "%" PRIu64 " pages from pfn 0x%" PRIx64 " on are left out: the kernel has no struct pages for them. "
		       "It was booted with mem=, or its memory sections are damaged", j->behind_pages, end);
	if (j->kernel.filters && (j->setup->level & KF_LEVEL_FREE) && !j->kernel.layout.has_buddy)
		kf_log(j->log, KF_LOG_ERROR, "VMCOREINFO lacks what recognises free pages (%s): they will be kept", kf_key_text(KF_KEY_NUM_BUDDY));
	if (j->kernel.has_info && !j->kernel.filters)
		kf_log(j->log, KF_LOG_ERROR, "the kernel cannot be understood, every page will be kept: %s", j->kernel.why_not);
	return KF_OK;
}

static void close_all(struct kf_job *j)
{
	kf_job_vital_deinit(&j->vital);
	kf_history_deinit(&j->history);
	kf_ram_deinit(&j->ram);
	kf_kernel_deinit(&j->kernel);
	kf_vmcore_close(&j->vc);
	free(j->info_text);
}

static bool wants_keys(const struct kf_dump_setup *setup)
{
	for (unsigned int i = 0; i < setup->target_count; i++)
		if (setup->targets[i].scheme == KF_SCHEME_TLS || setup->targets[i].scheme == KF_SCHEME_SSH || setup->targets[i].scheme == KF_SCHEME_SSH_TLS)
			return true;
	return false;
}

static enum kf_status run(struct kf_job *j, struct kf_error *err)
{
	if (kf_guard_install(err) || open_input(j, err) || understand(j, err) || kf_history_init(&j->history, err))
		return err->status;
	if (wants_keys(j->setup))
		kf_entropy_ensure(&kf_entropy_system, &j->vc, j->log);
	j->prepare_us = kf_now_us() - j->start_us;
	kf_progress_init(&j->progress, j->log, j->ram.max_mapnr);
	if (kf_attempts(j, err))
		return err->status;
	if (j->replies.stored && !(j->replies.stored_flags & KF_STORED_WHOLE) && !j->vc.short_file)
		return kf_fail(err, KF_INCOMPLETE, "%s: the receiver kept it, but does not call it whole", j->transport.name);
	if (j->vc.short_file)
		return kf_fail(err, KF_INCOMPLETE, "%s: the dump is in order but not whole: the vmcore ends at byte %" PRIu64 ", before its headers say",
			       j->setup->vmcore, j->vc.size);
	return KF_OK;
}

enum kf_status kf_dump_run(const struct kf_dump_setup *setup, const struct kf_log *log, struct kf_error *err)
{
	struct kf_job *j = calloc(1, sizeof(*j));
	enum kf_status st;

	if (!j)
		return kf_fail(err, KF_FAILED, "no memory");
	j->setup = setup;
	j->log = log;
	j->vc.fd = j->transport.fd = -1;
	j->start_us = kf_now_us();
	snprintf(j->program, sizeof(j->program), KF_SENDER_NAME);
	st = run(j, err);
	if (j->progress.log)
		kf_progress_end(&j->progress, !st || st == KF_INCOMPLETE);
	if (!st || st == KF_INCOMPLETE) {
		kf_job_report(j);
		if (j->replies.stored)
			kf_log(log, KF_LOG_COMMON, "%s as %s on %s", j->replies.stored_flags & KF_STORED_WHOLE ? "Stored" : "Kept, incomplete,",
			       j->replies.stored_name, j->transport.name);
		else if (!setup->dry_run)
			kf_log(log, KF_LOG_COMMON, "Written to %s", j->transport.name);
	}
	close_all(j);
	free(j);
	return st;
}
