// SPDX-License-Identifier: GPL-2.0-or-later
// synthetic GIB MIXTURE FILE: a vmcore of a made-up machine; prints how many pages of each class it has, one class a line.
//
// The file is sparse: it has the kernel's image and struct pages, and no contents. Those of more than 256 GiB repeat: several PT_LOADs
// share one range of the file. So do those of all other RAM, so that reading it costs little page cache.
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "mixture.h"

#define LOADS_MAX 1024u
#define SEED 0x9e3779b97f4a7c15ull
#define NO_RAM 98u			/* pages below 1 MiB */

struct loads {
	Elf64_Phdr h[LOADS_MAX];
	unsigned int count;
};

static void put(int fd, const void *bytes, uint64_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);

		if (n <= 0)
			err(1, "write");
		bytes = (const char *)bytes + n;
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
}

static void load(struct loads *l, uint64_t vaddr, uint64_t paddr, uint64_t end, uint64_t offset)
{
	if (l->count == LOADS_MAX)
		errx(1, "too many PT_LOADs");
	l->h[l->count++] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = 7, .p_offset = offset, .p_vaddr = vaddr, .p_paddr = paddr,
					 .p_filesz = end - paddr, .p_memsz = end - paddr };
}

/* [from, end) of RAM in pieces that end at multiples of STEP from BASE on, all in STEP bytes of the file from OFFSET on. */
static void load_shared(struct loads *l, uint64_t from, uint64_t end, uint64_t base, uint64_t step, uint64_t offset)
{
	while (from < end) {
		uint64_t at = (from - base) % step, to = from - at + step;

		to = to < end ? to : end;
		load(l, DIRECT + from, from, to, offset + at);
		from = to;
	}
}

static void write_headers(int fd, const struct machine *m, const char *info)
{
	struct loads l = { .count = 1 };
	Elf64_Nhdr n = { .n_namesz = 11, .n_descsz = (Elf64_Word)strlen(info) };
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_CORE,
		.e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_phoff = sizeof(eh), .e_ehsize = sizeof(eh), .e_phentsize = sizeof(Elf64_Phdr),
	};
	uint64_t notes = 64 * 1024, behind = HIGH_RAM + m->map_bytes;

	load(&l, TEXT, IMAGE, IMAGE_END, m->low_at + IMAGE);
	load(&l, DIRECT + PAGE, PAGE, 0x9f000, m->low_at + PAGE);
	load(&l, DIRECT + LOW_RAM, LOW_RAM, HOLE, m->low_at + LOW_RAM);
	load_shared(&l, HIGH_RAM, behind, HIGH_RAM, MAP_OF(m->period), m->map_at);
	load_shared(&l, behind, m->end, 0, m->unit, m->data_at);
	l.h[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = notes, .p_filesz = sizeof(n) + 12 + (strlen(info) + 3) / 4 * 4 };
	eh.e_phnum = (Elf64_Half)l.count;
	put(fd, &eh, sizeof(eh), 0);
	put(fd, l.h, l.count * sizeof(*l.h), eh.e_phoff);
	put(fd, &n, sizeof(n), notes);
	put(fd, "VMCOREINFO\0", 12, notes + sizeof(n));
	put(fd, info, strlen(info), notes + sizeof(n) + 12);
}

/* How often the memory at AT, of the first period, is there. */
static uint64_t times(const struct machine *m, uint64_t at)
{
	return (m->end + m->period - 1 - at) / m->period - (at >= HOLE && at < HIGH_RAM);
}

static int is_reserved(const struct machine *m, uint64_t at)
{
	return at < IMAGE_END || (at >= HIGH_RAM && at < HIGH_RAM + MAP_OF(m->period));
}

static void write_map(int fd, const struct machine *m, const struct mixture *mixture, uint64_t pages[CLASSES])
{
	struct filler f = { .mixture = mixture, .map = malloc(MAP_OF(GIB)) };

	if (!f.map)
		err(1, "struct pages");
	for (uint64_t at = 0; at < m->period; at += GIB) {
		int gigantic;

		if (at % m->unit == 0)	/* the same pages are kept in each unit, and few of the file's are read */
			f.seed = SEED;
		gigantic = wants_gigantic(&f) && !is_reserved(m, at) && !is_reserved(m, at + GIB - 1);
		f.first = at / PAGE;
		for (uint64_t a = at; a < at + GIB; a += 4 * MIB) {
			if (is_reserved(m, a))
				fill_reserved(&f, a / PAGE);
			else
				fill_mixed(&f, a / PAGE, gigantic);
			for (int c = 0; c < CLASSES; c++)
				pages[c] += f.pages[c] * times(m, a);
		}
		put(fd, f.map, MAP_OF(GIB), m->map_at + MAP_OF(at));
	}
	pages[KEPT] -= NO_RAM;
	free(f.map);
}

int main(int argc, char **argv)
{
	static const char *const names[CLASSES] = { "kept", "cache", "cache-private", "user", "free", "hwpoison", "offline" };
	const struct mixture *mixture = argc == 4 ? mixture_named(argv[2]) : NULL;
	uint64_t gib = mixture ? strtoull(argv[1], NULL, 10) : 0, pages[CLASSES] = { 0 };
	struct machine m = { .low_at = MIB, .map_at = 4 * GIB };
	char *info;
	int fd;

	if (gib < 8 || gib > 64 * 1024)
		errx(2, "usage: synthetic GIB coalesced|fragmented|single|idle FILE; at least 8 GiB, at most 65536");
	m.end = gib * GIB + (HIGH_RAM - HOLE);
	m.map_bytes = MAP_OF(m.end);
	m.period = gib * GIB <= WHOLE ? m.end : REPEATED;
	m.unit = gib * GIB <= WHOLE ? (gib + 7) / 8 * GIB : REPEATED;
	m.data_at = m.map_at + MAP_OF(m.period);
	m.file_bytes = m.data_at + m.unit;
	m.image = calloc(1, IMAGE_END - IMAGE);
	fd = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || !m.image || ftruncate(fd, (off_t)m.file_bytes))
		err(1, "%s", argv[3]);
	info = make_kernel(&m);
	write_headers(fd, &m, info);
	put(fd, m.image, m.used, m.low_at + IMAGE);
	write_map(fd, &m, mixture, pages);
	if (close(fd))
		err(1, "%s", argv[3]);
	for (int c = 0; c < CLASSES; c++)
		printf("%s %llu\n", names[c], (unsigned long long)pages[c]);
	free(info);
	free(m.image);
	return 0;
}
