// SPDX-License-Identifier: GPL-2.0-or-later
// A vmcore made for a test; see core.h.
#include "tests/unit/image/core.h"

#include <unistd.h>

#include "tests/unit/unit.h"

void core_create(struct core *c)
{
	const char *dir = getenv("TMPDIR");

	memset(c, 0, sizeof(*c));
	snprintf(c->path, sizeof(c->path), "%s/kferry-core-XXXXXX", dir && strlen(dir) < 40 ? dir : "/tmp");
	c->fd = mkstemp(c->path);
	assert_true(c->fd >= 0);
	c->end = CORE_DATA_AT;
}

void core_destroy(struct core *c)
{
	close(c->fd);
	unlink(c->path);
}

void core_add_segment(struct core *c, uint64_t paddr, uint64_t vaddr, uint64_t memsz, uint64_t filesz)
{
	uint64_t offset = (c->end + 4095) / 4096 * 4096 + paddr % 4096;

	assert_true(c->segment_count < CORE_SEGMENTS);
	c->segments[c->segment_count++] = (struct core_segment){ paddr, vaddr, memsz, filesz, offset };
	c->end = offset + filesz;
}

static void note_bytes(struct core *c, const void *bytes, size_t len)
{
	assert_true(c->note_bytes + (len + 3) / 4 * 4 <= CORE_NOTES);
	memcpy(c->notes + c->note_bytes, bytes, len);
	c->note_bytes += (len + 3) / 4 * 4;
}

void core_add_note(struct core *c, const char *name, uint32_t type, const void *desc, size_t len)
{
	const uint32_t head[3] = { (uint32_t)strlen(name) + 1, (uint32_t)len, type };

	note_bytes(c, head, sizeof(head));
	note_bytes(c, name, strlen(name) + 1);
	note_bytes(c, desc, len);
}

void core_poke(const struct core *c, uint64_t offset, unsigned int width, uint64_t value)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	assert_int_equal(pwrite(c->fd, bytes, width, (off_t)offset), width);
}

uint64_t core_phdr(size_t i)
{
	return CORE_EHDR_BYTES + i * CORE_PHDR_BYTES;
}

static void write_ehdr(struct core *c)
{
	static const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };

	assert_int_equal(pwrite(c->fd, ident, sizeof(ident), 0), sizeof(ident));
	core_poke(c, CORE_E_TYPE, 2, 4);		/* ET_CORE */
	core_poke(c, CORE_E_MACHINE, 2, 62);		/* x86-64 */
	core_poke(c, 20, 4, 1);
	core_poke(c, CORE_E_PHOFF, 8, CORE_EHDR_BYTES);
	core_poke(c, 52, 2, CORE_EHDR_BYTES);
	core_poke(c, 54, 2, CORE_PHDR_BYTES);
	core_poke(c, CORE_E_PHNUM, 2, 1 + c->segment_count);
}

static void write_phdr(struct core *c, size_t i, uint32_t type, const struct core_segment *s)
{
	uint64_t at = core_phdr(i);

	core_poke(c, at + CORE_P_TYPE, 4, type);
	core_poke(c, at + 4, 4, 7);
	core_poke(c, at + CORE_P_OFFSET, 8, s->offset);
	core_poke(c, at + CORE_P_VADDR, 8, s->vaddr);
	core_poke(c, at + CORE_P_PADDR, 8, s->paddr);
	core_poke(c, at + CORE_P_FILESZ, 8, s->filesz);
	core_poke(c, at + CORE_P_MEMSZ, 8, s->memsz);
}

void core_finish(struct core *c)
{
	const struct core_segment notes = { .offset = CORE_NOTES_AT, .memsz = c->note_bytes, .filesz = c->note_bytes };

	write_ehdr(c);
	write_phdr(c, 0, 4, &notes);
	for (size_t i = 0; i < c->segment_count; i++)
		write_phdr(c, 1 + i, 1, &c->segments[i]);
	assert_int_equal(pwrite(c->fd, c->notes, c->note_bytes, CORE_NOTES_AT), c->note_bytes);
	assert_int_equal(ftruncate(c->fd, (off_t)c->end), 0);
}

void core_put(struct core *c, uint64_t paddr, const void *bytes, size_t len)
{
	size_t most = 0;

	for (size_t i = 0; i < c->segment_count; i++) {
		const struct core_segment *s = &c->segments[i];
		uint64_t from = s->paddr > paddr ? s->paddr : paddr;
		uint64_t to = s->paddr + s->filesz < paddr + len ? s->paddr + s->filesz : paddr + len;

		if (from >= to)
			continue;
		assert_int_equal(pwrite(c->fd, (const char *)bytes + (from - paddr), to - from, (off_t)(s->offset + from - s->paddr)),
				 to - from);
		most = to - from > most ? to - from : most;
	}
	assert_int_equal(most, len);
}

void core_put_u64(struct core *c, uint64_t paddr, uint64_t value)
{
	core_put(c, paddr, &value, sizeof(value));
}

uint64_t core_get_u64(const struct core *c, uint64_t paddr)
{
	for (size_t i = 0; i < c->segment_count; i++) {
		const struct core_segment *s = &c->segments[i];
		uint64_t value = 0;
		ssize_t n;

		if (paddr < s->paddr || paddr + 8 > s->paddr + s->filesz)
			continue;
		n = pread(c->fd, &value, 8, (off_t)(s->offset + paddr - s->paddr));
		assert_true(n >= 0);	/* what was never written is behind the end, and 0 */
		return value;
	}
	fail_msg("no segment has 0x%" PRIx64, paddr);
	return 0;
}
