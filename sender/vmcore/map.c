// SPDX-License-Identifier: GPL-2.0-or-later
// A sliding mapped window of the vmcore; see map.h.
#include "sender/vmcore/map.h"

#include <sys/mman.h>

/* Mappings begin at multiples of it: of the largest page that a machine which runs us may have. */
#define MAP_ALIGN 65536u

void kf_map_init(struct kf_map *m, const struct kf_vmcore *vc)
{
	*m = (struct kf_map){ .vc = vc, .broken = vc->needs_pread };
}

static void unmap(struct kf_map *m)
{
	if (m->base)
		munmap((void *)(uintptr_t)m->base, m->len);
	m->base = NULL;
}

void kf_map_deinit(struct kf_map *m)
{
	unmap(m);
}

/* Maps a window that begins at the page of OFFSET, clipped to the file: the kernel refuses more. */
static bool slide(struct kf_map *m, uint64_t offset)
{
	uint64_t start = offset - offset % MAP_ALIGN;
	uint64_t left = m->vc->size - start;
	void *p;

	unmap(m);
	m->offset = start;
	m->len = left < KF_MAP_BYTES ? (size_t)left : KF_MAP_BYTES;
	p = mmap(NULL, m->len, PROT_READ, MAP_SHARED, m->vc->fd, (off_t)start);
	if (p == MAP_FAILED) {
		m->broken = true;
		return false;
	}
	m->base = p;
	return true;
}

const uint8_t *kf_map_at(struct kf_map *m, uint64_t paddr, size_t want, size_t *len)
{
	const struct kf_piece *piece = kf_piece_at(m->vc, paddr);
	uint64_t offset, left;

	if (m->broken || !piece || piece->start > paddr)
		return NULL;
	offset = piece->offset + (paddr - piece->start);
	if (want > piece->end - paddr)
		want = (size_t)(piece->end - paddr);
	if (!m->base || offset < m->offset || offset + want > m->offset + m->len)
		if (!slide(m, offset))
			return NULL;
	left = m->len - (offset - m->offset);
	*len = (size_t)(left < piece->end - paddr ? left : piece->end - paddr);
	return m->base + (offset - m->offset);
}
