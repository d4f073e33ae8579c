/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notes of a vmcore: how many CPUs were stopped, and where VMCOREINFO's text is. */
#ifndef KF_NOTES_H
#define KF_NOTES_H

#include "sender/vmcore/vmcore.h"

struct kf_notes {
	uint32_t nr_cpus;		/* NT_PRSTATUS notes of name CORE */
	uint64_t vmcoreinfo_offset;	/* of the text, bytes from the start of the notes */
	uint32_t vmcoreinfo_bytes;	/* 0: there is none */
	bool has_text;			/* a VMCOREINFO note was found, even if it is empty */
};

/* One note, as a walk meets it. */
struct kf_note {
	bool is_prstatus, is_vmcoreinfo;
	uint64_t desc;			/* of its contents, bytes from the start of the notes */
	uint32_t desc_bytes;
};

/* Gives TAKE each note of PT_NOTE, by small reads, whatever its size (device dumps make it many MiB). A walk that meets
 * damage ends there. */
enum kf_status kf_notes_each(const struct kf_vmcore *vc, void (*take)(void *context, const struct kf_note *note), void *context,
			     struct kf_error *err) kf_must_check;

/* What NOTES is of, by such a walk. */
enum kf_status kf_notes_scan(struct kf_notes *notes, const struct kf_vmcore *vc, struct kf_error *err) kf_must_check;

/* Reads LEN bytes of the notes from OFFSET on; all of them or an error. */
enum kf_status kf_notes_read(const struct kf_vmcore *vc, uint64_t offset, void *out, size_t len,
			     struct kf_error *err) kf_must_check;

#endif
