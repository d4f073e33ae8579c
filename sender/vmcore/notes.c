// SPDX-License-Identifier: GPL-2.0-or-later
// The notes of a vmcore; see notes.h.
#include "sender/vmcore/notes.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "sender/vmcore/physread.h"

enum kf_status kf_notes_read(const struct kf_vmcore *vc, uint64_t offset, void *out, size_t len, struct kf_error *err)
{
	errno = 0;
	if (kf_file_read(vc, vc->notes_offset + offset, out, len) != len)
		return errno ? kf_fail_errno(err, "cannot read notes at byte %" PRIu64, vc->notes_offset + offset)
			     : kf_fail(err, KF_INVALID, "notes end early at byte %" PRIu64, vc->notes_offset + offset);
	return KF_OK;
}

static uint64_t padded(uint64_t n)
{
	return (n + 3) & ~3ULL;
}

enum kf_status kf_notes_each(const struct kf_vmcore *vc, void (*take)(void *context, const struct kf_note *note), void *context,
			     struct kf_error *err)
{
	uint64_t at = 0;

	while (at + sizeof(Elf64_Nhdr) <= vc->notes_bytes) {
		Elf64_Nhdr nh;
		char name[16] = "";	/* the longest that we look for is VMCOREINFO */
		struct kf_note note;

		if (kf_notes_read(vc, at, &nh, sizeof(nh), err))
			return err->status;
		note = (struct kf_note){ .desc = at + sizeof(nh) + padded(nh.n_namesz), .desc_bytes = nh.n_descsz };
		if (nh.n_namesz == 0 && nh.n_descsz == 0 && nh.n_type == 0)
			break;		/* the padding behind the last note */
		if (note.desc + nh.n_descsz > vc->notes_bytes)
			break;
		if (nh.n_namesz > 0 && nh.n_namesz < sizeof(name)) {
			if (kf_notes_read(vc, at + sizeof(nh), name, nh.n_namesz, err))
				return err->status;
			note.is_prstatus = nh.n_type == NT_PRSTATUS && strcmp(name, "CORE") == 0;
			note.is_vmcoreinfo = nh.n_type == 0 && strcmp(name, "VMCOREINFO") == 0;
			take(context, &note);
		}
		at = note.desc + padded(nh.n_descsz);
	}
	return KF_OK;
}

static void take_note(void *context, const struct kf_note *note)
{
	struct kf_notes *notes = context;

	notes->nr_cpus += note->is_prstatus;
	if (note->is_vmcoreinfo && !notes->has_text) {
		notes->vmcoreinfo_offset = note->desc;
		notes->vmcoreinfo_bytes = note->desc_bytes;
		notes->has_text = true;
	}
}

enum kf_status kf_notes_scan(struct kf_notes *notes, const struct kf_vmcore *vc, struct kf_error *err)
{
	*notes = (struct kf_notes){ 0 };
	if (kf_notes_each(vc, take_note, notes, err))
		return err->status;
	if (notes->vmcoreinfo_bytes > KF_BLOCK_MAX)
		return kf_fail(err, KF_INVALID, "VMCOREINFO of %" PRIu32 " bytes is not credible", notes->vmcoreinfo_bytes);
	return KF_OK;
}
