// SPDX-License-Identifier: GPL-2.0-or-later
// The dump file while it grows; see dumpfile.h.
#include "receiver/kdump/dumpfile.h"

#include <stdlib.h>
#include <string.h>

#include "receiver/kdump/format.h"

#define SECTOR 512	/* a disk writes this much or nothing */
_Static_assert(sizeof(struct kf_kdump_header) <= SECTOR, "the flip must be one sector");

enum kf_status kf_dumpfile_create(struct kf_dumpfile *d, const struct kf_io *io, int dir, const char *name,
				  const struct kf_dump *facts, struct kf_error *err)
{
	d->facts = *facts;
	d->table = d->old_table = (struct kf_extent){ 0 };
	d->aside = 0;
	d->opens = d->whole = d->torn = false;
	kf_layout_of(&d->layout, facts);
	atomic_init(&d->end, d->layout.data_at);
	return kf_file_create(&d->file, io, dir, name, err);
}

void kf_dumpfile_close(struct kf_dumpfile *d)
{
	kf_file_close(&d->file);
}

enum kf_status kf_dumpfile_put_notes(struct kf_dumpfile *d, uint64_t offset, const void *bytes, size_t len,
				     struct kf_error *err)
{
	return kf_file_write(&d->file, bytes, len, d->layout.notes_at + offset, err);
}

static enum kf_status write_sub_header(const struct kf_dumpfile *d, struct kf_error *err)
{
	const struct kf_dump *f = &d->facts;
	struct kf_kdump_sub_header sub = {
		.phys_base = f->phys_base,
		.dump_level = (int32_t)f->level,
		.offset_note = d->layout.notes_at,
		.size_note = f->notes_bytes,
		.max_mapnr_64 = f->max_mapnr,
	};

	if (f->vmcoreinfo_bytes) {
		sub.offset_vmcoreinfo = d->layout.notes_at + f->vmcoreinfo_offset;
		sub.size_vmcoreinfo = f->vmcoreinfo_bytes;
	}
	return kf_file_write(&d->file, &sub, sizeof(sub), d->layout.block, err);
}

enum kf_status kf_dumpfile_begin(struct kf_dumpfile *d, struct kf_error *err)
{
	enum kf_status st = write_sub_header(d, err);
	void *zeros;

	if (st)
		return st;
	zeros = calloc(1, d->layout.block);
	if (!zeros)
		return kf_fail(err, KF_FAILED, "no memory for a page");
	st = kf_file_write(&d->file, zeros, d->layout.block, d->layout.zero_page_at, err);
	free(zeros);
	return st;
}

uint64_t kf_dumpfile_take(struct kf_dumpfile *d, uint64_t bytes, uint64_t align)
{
	uint64_t old = atomic_load(&d->end), at;

	do {
		at = (old + align - 1) / align * align;
	} while (!atomic_compare_exchange_weak(&d->end, &old, at + bytes));
	return at;
}

static uint32_t clamped(uint64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

enum kf_status kf_dumpfile_flip(struct kf_dumpfile *d, uint64_t at, bool whole, struct kf_error *err)
{
	const struct kf_dump *f = &d->facts;
	struct kf_kdump_header header = {
		.signature = { 'K', 'D', 'U', 'M', 'P', ' ', ' ', ' ' },
		.header_version = KF_KDUMP_VERSION,
		.seconds = (int64_t)f->crash_time,
		.status = (uint32_t)f->rest | (whole ? 0 : KF_KDUMP_INCOMPLETE),
		.block_size = (int32_t)d->layout.block,
		.bitmap_blocks = (uint32_t)(2 * d->layout.bitmap / d->layout.block),
		.max_mapnr = clamped(f->max_mapnr),
		.nr_cpus = (int32_t)f->nr_cpus,
	};
	uint8_t sector[SECTOR] = { 0 };
	enum kf_status st = kf_layout_sub_hdr_size(&d->layout, at, &header.sub_hdr_size, err);

	if (st)
		return st;
	memcpy(header.utsname, f->uts, sizeof(header.utsname));
	memcpy(sector, &header, sizeof(header));
	d->torn = true;
	st = kf_file_write(&d->file, sector, sizeof(sector), 0, err);
	if (st)
		return st;
	d->opens = true;
	d->whole = whole;
	st = kf_file_datasync(&d->file, err);
	d->torn = st != KF_OK;
	return st;
}
