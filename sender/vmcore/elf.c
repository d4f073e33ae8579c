// SPDX-License-Identifier: GPL-2.0-or-later
// ELF headers of the vmcore, by libelf; see vmcore.h.
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sender/vmcore/vmcore.h"

/* Far more than any machine has RAM ranges; bounds what a damaged header can make us allocate. */
#define SEGMENTS_MAX (1u << 17)

static enum kf_status take_segment(struct kf_vmcore *vc, const GElf_Phdr *ph, struct kf_error *err)
{
	struct kf_segment *s = &vc->segments[vc->segment_count];

	if (ph->p_paddr == UINT64_MAX)	/* "unknown", as /proc/kcore has it */
		return KF_OK;
	if (ph->p_filesz > ph->p_memsz || ph->p_paddr + ph->p_memsz < ph->p_paddr || ph->p_offset + ph->p_filesz < ph->p_offset ||
	    ((ph->p_paddr + ph->p_memsz) >> KF_PAGE_SHIFT_MIN) > KF_PFN_MAX)
		return kf_fail(err, KF_INVALID, "PT_LOAD at physical 0x%" PRIx64 " has impossible sizes", (uint64_t)ph->p_paddr);
	*s = (struct kf_segment){
		.paddr = ph->p_paddr, .vaddr = ph->p_vaddr, .offset = ph->p_offset,
		.filesz = ph->p_filesz, .memsz = ph->p_memsz,
	};
	vc->segment_count++;
	if (s->filesz && s->offset + s->filesz > vc->size)
		vc->short_file = true;
	return KF_OK;
}

static enum kf_status read_phdrs(struct kf_vmcore *vc, Elf *elf, size_t count, struct kf_error *err)
{
	vc->segments = calloc(count, sizeof(*vc->segments));
	if (!vc->segments)
		return kf_fail(err, KF_FAILED, "no memory for %zu program headers", count);
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph))
			return kf_fail(err, KF_INVALID, "program header %zu of %zu is cut off; copy the vmcore again", i, count);
		if (ph.p_type == PT_NOTE) {
			vc->notes_offset = ph.p_offset;
			vc->notes_bytes = ph.p_filesz;
		} else if (ph.p_type == PT_LOAD && take_segment(vc, &ph, err)) {
			return err->status;
		}
	}
	if (vc->notes_bytes > KF_NOTES_MAX || vc->notes_offset > vc->size || vc->notes_bytes > vc->size - vc->notes_offset)
		return kf_fail(err, KF_INVALID, "its notes end at byte %" PRIu64 " and the file at %" PRIu64 "; copy the vmcore again",
			       vc->notes_offset + vc->notes_bytes, vc->size);
	if (vc->segment_count == 0)
		return kf_fail(err, KF_INVALID, "it has no PT_LOAD: there is no memory in it");
	return KF_OK;
}

static int by_start(const void *a, const void *b)
{
	const struct kf_piece *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

static enum kf_status make_pieces(struct kf_vmcore *vc, struct kf_error *err)
{
	uint64_t covered = 0;
	size_t n = 0, kept = 0;

	vc->pieces = calloc(vc->segment_count, sizeof(*vc->pieces));
	vc->cut = calloc(vc->segment_count, sizeof(*vc->cut));
	if (!vc->pieces || !vc->cut)
		return kf_fail(err, KF_FAILED, "no memory for %zu memory ranges", vc->segment_count);
	for (size_t i = 0; i < vc->segment_count; i++) {
		const struct kf_segment *s = &vc->segments[i];
		uint64_t in_file = s->offset < vc->size ? vc->size - s->offset : 0;
		uint64_t bytes = s->filesz < in_file ? s->filesz : in_file;

		if (bytes)
			vc->pieces[n++] = (struct kf_piece){ s->paddr, s->paddr + bytes, s->offset };
		if (bytes < s->filesz)
			vc->cut[vc->cut_count++] = (struct kf_piece){ s->paddr + bytes, s->paddr + s->filesz, s->offset + bytes };
	}
	qsort(vc->pieces, n, sizeof(*vc->pieces), by_start);
	for (size_t i = 0; i < n; i++) {
		struct kf_piece p = vc->pieces[i];

		if (p.end <= covered)
			continue;
		if (p.start < covered) {
			p.offset += covered - p.start;
			p.start = covered;
		}
		covered = p.end;
		vc->pieces[kept++] = p;
	}
	vc->piece_count = kept;
	if (kept == 0)
		return kf_fail(err, KF_INVALID, "the file ends with its headers at byte %" PRIu64 ": no memory is in it; copy the vmcore again",
			       vc->size);
	return KF_OK;
}

static enum kf_status read_headers(struct kf_vmcore *vc, Elf *elf, struct kf_error *err)
{
	GElf_Ehdr eh;
	size_t count;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh))
		return kf_fail(err, KF_INVALID, "not an ELF file (or cut inside its first header); give a vmcore such as /proc/vmcore");
	if (eh.e_type != ET_CORE)
		return kf_fail(err, KF_INVALID, "an ELF file, but not a core file; give a vmcore such as /proc/vmcore");
	if (eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_ident[EI_CLASS] != ELFCLASS64)
		return kf_fail(err, KF_INVALID, "only 64-bit little-endian vmcores are supported");
	vc->machine = eh.e_machine;
	/* libelf gives only as many as the file has room for, which must not look like a small but whole file. */
	if (elf_getphdrnum(elf, &count) || count == 0 || count > SEGMENTS_MAX ||
	    (eh.e_phnum != PN_XNUM && count != eh.e_phnum))
		return kf_fail(err, KF_INVALID, "its %u program headers are not all there; the file is cut off or damaged, copy the vmcore again",
			       eh.e_phnum);
	if (read_phdrs(vc, elf, count, err))
		return err->status;
	return make_pieces(vc, err);
}

enum kf_status kf_vmcore_open(struct kf_vmcore *vc, const char *path, struct kf_error *err)
{
	struct stat sb;
	enum kf_status st;
	Elf *elf;

	*vc = (struct kf_vmcore){ .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (vc->fd < 0)
		return kf_fail_errno(err, "%s", path);
	if (fstat(vc->fd, &sb)) {
		st = kf_fail_errno(err, "%s", path);
		kf_vmcore_close(vc);
		return st;
	}
	vc->size = (uint64_t)sb.st_size;
	elf_version(EV_CURRENT);
	elf = elf_begin(vc->fd, ELF_C_READ, NULL);
	st = read_headers(vc, elf, err);
	elf_end(elf);
	if (st) {
		kf_prepend(err, "%s", path);
		kf_vmcore_close(vc);
	}
	return st;
}

void kf_vmcore_close(struct kf_vmcore *vc)
{
	free(vc->segments);
	free(vc->pieces);
	free(vc->cut);
	if (vc->fd >= 0)
		close(vc->fd);
	*vc = (struct kf_vmcore){ .fd = -1 };
}

const struct kf_piece *kf_piece_at(const struct kf_vmcore *vc, uint64_t paddr)
{
	size_t low = 0, high = vc->piece_count;

	while (low < high) {	/* the first piece that ends after PADDR */
		size_t mid = low + (high - low) / 2;

		if (vc->pieces[mid].end <= paddr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < vc->piece_count ? &vc->pieces[low] : NULL;
}
