// Reads an ELF vmcore with pread alone.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "elfcore.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_at(const struct elfcore *e, void *to, uint64_t len, uint64_t offset)
{
	uint8_t *at = to;

	while (len > 0) {
		ssize_t got = pread(e->fd, at, len, (off_t)offset);

		if (got <= 0)
			return false;
		at += got;
		offset += (uint64_t)got;
		len -= (uint64_t)got;
	}
	return true;
}

static bool refuse(const struct elfcore *e, const char *why)
{
	fprintf(stderr, "kferry-judge: %s: %s\n", e->path, why);
	return false;
}

static bool read_segments(struct elfcore *e, const Elf64_Ehdr *eh)
{
	e->load = calloc(eh->e_phnum + 1u, sizeof *e->load);
	if (!e->load)
		return refuse(e, "out of memory");
	for (unsigned i = 0; i < eh->e_phnum; i++) {
		Elf64_Phdr ph;

		if (!read_at(e, &ph, sizeof ph, eh->e_phoff + i * sizeof ph))
			return refuse(e, "program headers cannot be read");
		if (ph.p_type == PT_LOAD) {
			e->load[e->loads++] = (struct segment){ ph.p_offset, ph.p_paddr, ph.p_filesz, ph.p_memsz };
		} else if (ph.p_type == PT_NOTE) {
			free(e->notes);
			e->notes = malloc(ph.p_filesz + 1);
			e->size_note = ph.p_filesz;
			if (!e->notes || !read_at(e, e->notes, ph.p_filesz, ph.p_offset))
				return refuse(e, "notes cannot be read");
		}
	}
	return true;
}

bool elfcore_open(struct elfcore *e, const char *path)
{
	Elf64_Ehdr eh;

	*e = (struct elfcore){ .path = path };
	e->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (e->fd < 0) {
		perror(path);
		return false;
	}
	if (!read_at(e, &eh, sizeof eh, 0) || memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_type != ET_CORE)
		return refuse(e, "not a 64-bit little-endian ELF core");
	return read_segments(e, &eh);
}

void elfcore_close(struct elfcore *e)
{
	if (e->fd >= 0)
		close(e->fd);
	free(e->load);
	free(e->notes);
}

bool elfcore_is_ram(const struct elfcore *e, uint64_t pfn, uint32_t page_size)
{
	uint64_t start = pfn * page_size, end = start + page_size;

	for (size_t i = 0; i < e->loads; i++)
		if (e->load[i].memsz > 0 && e->load[i].paddr < end && start < e->load[i].paddr + e->load[i].memsz)
			return true;
	return false;
}

uint64_t elfcore_end_pfn(const struct elfcore *e, uint32_t page_size)
{
	uint64_t end = 0;

	for (size_t i = 0; i < e->loads; i++)
		if (e->load[i].paddr + e->load[i].memsz > end)
			end = e->load[i].paddr + e->load[i].memsz;
	return (end + page_size - 1) / page_size;
}

bool elfcore_is_fractional_end(const struct elfcore *e, uint64_t pfn, uint32_t page_size)
{
	uint64_t start = pfn * page_size, next = start + page_size;
	bool found = false;

	for (size_t i = 0; i < e->loads; i++) {
		uint64_t from = e->load[i].paddr, to = from + e->load[i].memsz;

		if (from <= start && to >= next)
			return false;
		if (from < to && start < to && to < next)
			found = true;
	}
	return found;
}

bool elfcore_page(const struct elfcore *e, uint64_t pfn, uint32_t page_size, uint8_t *page)
{
	uint64_t start = pfn * page_size, next = start + page_size;
	bool found = false;

	memset(page, 0, page_size);
	for (size_t i = e->loads; i-- > 0;) { // backwards: where segments overlap, the first one wins
		const struct segment *s = &e->load[i];
		uint64_t from = s->paddr > start ? s->paddr : start;
		uint64_t to = s->paddr + s->filesz < next ? s->paddr + s->filesz : next;

		if (from >= to)
			continue;
		if (!read_at(e, page + (from - start), to - from, s->offset + (from - s->paddr)))
			return false;
		found = true;
	}
	return found;
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

// Calls for each note; stops at one that does not fit.
static void each_note(const struct elfcore *e,
		      void (*call)(void *arg, const char *name, size_t name_len, uint32_t type, const uint8_t *desc, size_t len),
		      void *arg)
{
	size_t at = 0;

	while (e->size_note - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr h;
		size_t room;

		memcpy(&h, e->notes + at, sizeof h);
		at += sizeof h;
		room = e->size_note - at;
		if (padded(h.n_namesz) > room || padded(h.n_descsz) > room - padded(h.n_namesz))
			return;
		call(arg, (const char *)e->notes + at, h.n_namesz, h.n_type, e->notes + at + padded(h.n_namesz), h.n_descsz);
		at += padded(h.n_namesz) + padded(h.n_descsz);
	}
}

static bool is_named(const char *name, size_t len, const char *wanted)
{
	return len >= strlen(wanted) && len <= strlen(wanted) + 1 && memcmp(name, wanted, strlen(wanted)) == 0;
}

static void count_cpu(void *arg, const char *name, size_t name_len, uint32_t type, const uint8_t *desc, size_t len)
{
	(void)desc;
	(void)len;
	*(int *)arg += type == NT_PRSTATUS && is_named(name, name_len, "CORE");
}

int elfcore_cpus(const struct elfcore *e)
{
	int cpus = 0;

	each_note(e, count_cpu, &cpus);
	return cpus;
}

struct text {
	const uint8_t *at;
	size_t len;
};

static void take_vmcoreinfo(void *arg, const char *name, size_t name_len, uint32_t type, const uint8_t *desc, size_t len)
{
	if (type == 0 && is_named(name, name_len, "VMCOREINFO"))
		*(struct text *)arg = (struct text){ desc, len };
}

bool elfcore_vmcoreinfo(const struct elfcore *e, const uint8_t **text, size_t *len)
{
	struct text found = { NULL, 0 };

	each_note(e, take_vmcoreinfo, &found);
	*text = found.at;
	*len = found.len;
	return found.at != NULL;
}
