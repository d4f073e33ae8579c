// SPDX-License-Identifier: GPL-2.0-or-later
// Checking the headers of a dump file; see headercheck.h.
#include "receiver/kdump/headercheck.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "proto/wire.h"
#include "receiver/kdump/rest.h"

static bool is_zero(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < len; i++)
		if (b[i])
			return false;
	return true;
}

/* A text that ends inside its field and has zeros behind its end. */
static bool is_text(const char *field, size_t room)
{
	size_t len = strnlen(field, room);

	return len < room && is_zero(field + len, room - len);
}

enum kf_status kf_header_check(const struct kf_kdump_header *h, struct kf_error *err)
{
	if (memcmp(h->signature, KF_KDUMP_SIGNATURE, sizeof(h->signature)) != 0)
		return kf_fail(err, KF_INVALID, "there is no header of a dump at its beginning");
	if (h->header_version != KF_KDUMP_VERSION || h->block_size < 1 << KF_PAGE_SHIFT_MIN || h->block_size > 1 << KF_PAGE_SHIFT_MAX ||
	    (h->block_size & (h->block_size - 1)) || h->sub_hdr_size < 1)
		return kf_fail(err, KF_INVALID, "its header is none that kferry-recv writes: version %" PRId32 ", blocks of %" PRId32 " bytes",
			       h->header_version, h->block_size);
	if (!kf_rest_by_flag(h->status & ~KF_KDUMP_INCOMPLETE))
		return kf_fail(err, KF_INVALID, "its header has the status 0x%" PRIx32, h->status);
	for (size_t i = 0; i < sizeof(h->utsname) / sizeof(h->utsname[0]); i++)
		if (!is_text(h->utsname[i], sizeof(h->utsname[i])))
			return kf_fail(err, KF_INVALID, "its header is damaged in the kernel's names");
	if (!is_zero(h->padding, sizeof(h->padding)) || h->microseconds || !is_zero(h->unused, sizeof(h->unused)) || h->nr_cpus < 0)
		return kf_fail(err, KF_INVALID, "its header has values where kferry-recv writes 0");
	return KF_OK;
}

enum kf_status kf_sub_header_check(const struct kf_kdump_sub_header *sub, const struct kf_kdump_header *h, uint64_t size,
				   struct kf_error *err)
{
	const uint64_t block = (uint64_t)h->block_size, notes = block + sizeof(*sub), table = ((uint64_t)h->sub_hdr_size + 1) * block;
	const uint64_t max_mapnr = sub->max_mapnr_64, bitmap = (max_mapnr + 8 * block - 1) / (8 * block);

	if (!max_mapnr || max_mapnr > KF_PFN_MAX || h->bitmap_blocks != 2 * bitmap || table > size || size - table < 2 * bitmap * block)
		return kf_fail(err, KF_INVALID, "its bitmaps do not fit: max_mapnr %" PRIu64 ", table at %" PRIu64 " of %" PRIu64 " bytes",
			       max_mapnr, table, size);
	if (h->max_mapnr != (max_mapnr > UINT32_MAX ? UINT32_MAX : (uint32_t)max_mapnr))
		return kf_fail(err, KF_INVALID, "its two headers have different max_mapnr");
	if (sub->offset_note != notes || sub->size_note > KF_NOTES_MAX || sub->size_note > table - notes)
		return kf_fail(err, KF_INVALID, "its notes are not where they should be");
	if (sub->size_vmcoreinfo ? sub->offset_vmcoreinfo < notes || sub->offset_vmcoreinfo > notes + sub->size_note ||
	    sub->size_vmcoreinfo > notes + sub->size_note - sub->offset_vmcoreinfo : sub->offset_vmcoreinfo != 0)
		return kf_fail(err, KF_INVALID, "its VMCOREINFO is not in its notes");
	if (sub->split || sub->start_pfn || sub->end_pfn || sub->start_pfn_64 || sub->end_pfn_64 || sub->offset_eraseinfo ||
	    sub->size_eraseinfo)
		return kf_fail(err, KF_INVALID, "its sub header has values where kferry-recv writes 0");
	return KF_OK;
}
