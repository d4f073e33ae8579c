// Parses the headers, notes and bitmaps of a kdump-compressed file and checks its descriptors.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "dumpfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAIN_SIZE = 464,
	SUB_SIZE = 104,
	UTS_FIELD = 65,
	STATUS_INCOMPLETE = 0x8,
	STATUS_KNOWN = 0x3f,
	DESCRIPTOR_SIZE = 24,
	DESCRIPTORS_AT_ONCE = 4096,
};

const char *const dumpfile_uts_names[6] = { "sysname", "nodename", "release", "version", "machine", "domainname" };

static uint64_t le(const uint8_t *p, int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

static uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le(p, 4);
}

static uint64_t le64(const uint8_t *p)
{
	return le(p, 8);
}

static bool read_at(const struct dumpfile *f, void *to, uint64_t len, uint64_t offset)
{
	uint8_t *at = to;

	while (len > 0) {
		ssize_t got = pread(f->fd, at, len, (off_t)offset);

		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		len -= (uint64_t)got;
	}
	return true;
}

static bool refuse(const struct dumpfile *f, const char *why)
{
	fprintf(stderr, "kferry-judge: %s: %s\n", f->path, why);
	return false;
}

static bool read_headers(struct dumpfile *f)
{
	uint8_t h[MAIN_SIZE], s[SUB_SIZE];

	if (!read_at(f, h, sizeof h, 0) || memcmp(h, "KDUMP   ", 8) != 0)
		return refuse(f, "not a kdump-compressed file");
	f->version = (int32_t)le32(h + 8);
	for (int i = 0; i < 6; i++)
		memcpy(f->uts[i], h + 12 + i * UTS_FIELD, UTS_FIELD);
	f->seconds = le64(h + 408);
	f->microseconds = le64(h + 416);
	f->status = le32(h + 424);
	f->block_size = le32(h + 428);
	f->sub_hdr_size = le32(h + 432);
	f->bitmap_blocks = le32(h + 436);
	f->max_mapnr_32 = le32(h + 440);
	f->nr_cpus = (int32_t)le32(h + 460);
	if (f->version != 6)
		return refuse(f, "header version is not 6");
	if (f->block_size < 4096 || f->block_size > 65536 || (f->block_size & (f->block_size - 1)))
		return refuse(f, "impossible block size");
	if (!read_at(f, s, sizeof s, f->block_size))
		return refuse(f, "no sub header");
	f->phys_base = le64(s);
	f->dump_level = (int32_t)le32(s + 8);
	f->split = (int32_t)le32(s + 12);
	f->offset_vmcoreinfo = le64(s + 32);
	f->size_vmcoreinfo = le64(s + 40);
	f->offset_note = le64(s + 48);
	f->size_note = le64(s + 56);
	f->size_eraseinfo = le64(s + 72);
	f->start_pfn = le64(s + 80);
	f->end_pfn = le64(s + 88);
	f->max_mapnr = le64(s + 96);
	return true;
}

static bool read_bodies(struct dumpfile *f)
{
	uint64_t bitmaps = (1 + (uint64_t)f->sub_hdr_size) * f->block_size;

	f->half = (uint64_t)f->bitmap_blocks / 2 * f->block_size;
	f->descriptors = bitmaps + (uint64_t)f->bitmap_blocks * f->block_size;
	if (f->size_note > f->size || f->descriptors > f->size || f->max_mapnr > f->half * 8)
		return refuse(f, "headers promise more than the file has");
	f->notes = malloc(f->size_note + 1);
	f->bitmap[0] = malloc(f->half + 1);
	f->bitmap[1] = malloc(f->half + 1);
	if (!f->notes || !f->bitmap[0] || !f->bitmap[1])
		return refuse(f, "out of memory");
	if (!read_at(f, f->notes, f->size_note, f->offset_note))
		return refuse(f, "notes cannot be read");
	if (!read_at(f, f->bitmap[0], f->half, bitmaps) || !read_at(f, f->bitmap[1], f->half, bitmaps + f->half))
		return refuse(f, "bitmaps cannot be read");
	return true;
}

bool dumpfile_open(struct dumpfile *f, const char *path)
{
	struct stat st;

	*f = (struct dumpfile){ .path = path };
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0) {
		perror(path);
		return false;
	}
	f->size = (uint64_t)st.st_size;
	return read_headers(f) && read_bodies(f);
}

void dumpfile_close(struct dumpfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->notes);
	free(f->bitmap[0]);
	free(f->bitmap[1]);
}

bool dumpfile_bit(const struct dumpfile *f, int which, uint64_t pfn)
{
	return pfn / 8 < f->half && (f->bitmap[which][pfn / 8] >> (pfn % 8) & 1);
}

bool dumpfile_vmcoreinfo(const struct dumpfile *f, const uint8_t **text, size_t *len)
{
	if (f->offset_vmcoreinfo < f->offset_note || f->size_vmcoreinfo > f->size_note ||
	    f->offset_vmcoreinfo - f->offset_note > f->size_note - f->size_vmcoreinfo)
		return false;
	*text = f->notes + (f->offset_vmcoreinfo - f->offset_note);
	*len = f->size_vmcoreinfo;
	return true;
}

static bool descriptor_is_sound(const struct dumpfile *f, const uint8_t *p)
{
	uint64_t offset = le64(p);
	uint32_t size = le32(p + 8), flags = le32(p + 12);
	bool one_codec = flags == 0x1 || flags == 0x2 || flags == 0x4 || flags == 0x20;

	return (one_codec ? size > 0 && size < f->block_size : flags == 0 && size == f->block_size) &&
	       le64(p + 16) == 0 && offset >= f->block_size && size <= f->size && offset <= f->size - size;
}

static void check_descriptors(const struct dumpfile *f, struct differences *d, enum difference_kind kind)
{
	static uint8_t table[DESCRIPTORS_AT_ONCE * DESCRIPTOR_SIZE];
	uint64_t offset = f->descriptors;
	size_t have = 0, at = 0;

	for (uint64_t pfn = 0; pfn < f->half * 8; pfn++) {
		if (!dumpfile_bit(f, 1, pfn))
			continue;
		if (at == have) {
			uint64_t left = offset < f->size ? (f->size - offset) / DESCRIPTOR_SIZE : 0;

			have = left < DESCRIPTORS_AT_ONCE ? (size_t)left : DESCRIPTORS_AT_ONCE;
			if (have == 0 || !read_at(f, table, have * DESCRIPTOR_SIZE, offset)) {
				difference_add(d, kind, pfn);
				return; // the file ends inside the table
			}
			offset += have * DESCRIPTOR_SIZE;
			at = 0;
		}
		if (!descriptor_is_sound(f, table + DESCRIPTOR_SIZE * at++))
			difference_add(d, kind, pfn);
	}
}

void dumpfile_check(const struct dumpfile *f, const char *side, struct differences *d, enum difference_kind kind)
{
	uint64_t bytes = (f->max_mapnr + 7) / 8, half_blocks = (bytes + f->block_size - 1) / f->block_size;
	const uint8_t *text;
	size_t len;

	if (f->bitmap_blocks != 2 * half_blocks)
		difference_text(d, "%s: bitmap_blocks is %" PRIu32 ", two halves for max_mapnr are %" PRIu64, side,
				f->bitmap_blocks, 2 * half_blocks);
	if (f->max_mapnr_32 != (f->max_mapnr > UINT32_MAX ? UINT32_MAX : f->max_mapnr))
		difference_text(d, "%s: max_mapnr is %" PRIu32 " in the header, %" PRIu64 " in the sub header", side,
				f->max_mapnr_32, f->max_mapnr);
	if (f->microseconds != 0)
		difference_text(d, "%s: the timestamp's microseconds are not 0", side);
	if (f->status & ~(uint32_t)STATUS_KNOWN || f->status & STATUS_INCOMPLETE)
		difference_text(d, "%s: status 0x%" PRIx32 " is incomplete or unknown", side, f->status);
	if (f->offset_note != f->block_size + SUB_SIZE ||
	    f->offset_note + f->size_note > (1 + (uint64_t)f->sub_hdr_size) * f->block_size)
		difference_text(d, "%s: the notes do not lie behind the sub header", side);
	if (!dumpfile_vmcoreinfo(f, &text, &len))
		difference_text(d, "%s: VMCOREINFO does not lie inside the notes", side);
	for (uint64_t pfn = f->max_mapnr; pfn < f->half * 8; pfn++)
		if (dumpfile_bit(f, 0, pfn) || dumpfile_bit(f, 1, pfn))
			difference_text(d, "%s: bit 0x%" PRIx64 " is set beyond max_mapnr", side, pfn);
	check_descriptors(f, d, kind);
}
