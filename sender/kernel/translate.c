// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel virtual addresses to physical ones: what all architectures share; see translate.h.
#include "sender/kernel/translate.h"

#include <stdlib.h>
#include <string.h>

#include "common/cursor.h"
#include "sender/kernel/arch.h"
#include "sender/kernel/relied.h"
#include "sender/vmcore/physread.h"

static const struct kf_arch *const archs[] = {
	&kf_arch_x86_64, &kf_arch_arm64,
};

const struct kf_arch *kf_arch_of(unsigned int elf_machine)
{
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (archs[i]->elf_machine == elf_machine)
			return archs[i];
	return NULL;
}

enum kf_status kf_translation_init(struct kf_translation *tr, const struct kf_vmcore *vc, const struct kf_vmcoreinfo *vi,
				   unsigned int page_shift, struct kf_relied *relied, struct kf_error *err)
{
	*tr = (struct kf_translation){ .vc = vc, .arch = kf_arch_of(vc->machine), .page_shift = page_shift, .relied = relied };
	if (!tr->arch)
		return kf_fail(err, KF_ABSENT, "machine %u is not supported", vc->machine);
	tr->cache = malloc(sizeof(*tr->cache));
	if (!tr->cache)
		return kf_fail(err, KF_FAILED, "no memory for page tables");
	for (unsigned int i = 0; i < KF_PIECES_CACHED; i++)
		tr->cache->paddr[i] = UINT64_MAX;
	if (tr->arch->init(tr, vi, err)) {
		kf_translation_deinit(tr);
		return err->status;
	}
	return KF_OK;
}

void kf_translation_deinit(struct kf_translation *tr)
{
	free(tr->cache);
	tr->cache = NULL;
}

static void note(struct kf_translation *tr, uint64_t paddr, uint64_t bytes)
{
	if (tr->relied)
		kf_relied_note(tr->relied, paddr >> tr->page_shift, ((paddr + bytes - 1) >> tr->page_shift) + 1);
}

bool kf_table_entry(struct kf_translation *tr, uint64_t paddr, uint64_t *entry)
{
	uint64_t piece = paddr - paddr % KF_TABLE_PIECE;
	unsigned int slot = (unsigned int)(piece / KF_TABLE_PIECE % KF_PIECES_CACHED);

	if (tr->cache->paddr[slot] != piece) {
		tr->cache->paddr[slot] = UINT64_MAX;
		if (!kf_phys_read(tr->vc, piece, tr->cache->bytes[slot], KF_TABLE_PIECE))
			return false;
		tr->cache->paddr[slot] = piece;
		note(tr, piece, KF_TABLE_PIECE);
	}
	*entry = kf_le64_at(tr->cache->bytes[slot] + paddr % KF_TABLE_PIECE);
	return true;
}

bool kf_translate(struct kf_translation *tr, uint64_t va, struct kf_mapping *m)
{
	return tr->arch->translate(tr, va, m);
}

bool kf_virt_read(struct kf_translation *tr, uint64_t va, void *out, size_t len)
{
	uint8_t *p = out;

	while (len) {
		struct kf_mapping m;
		size_t n;

		if (!kf_translate(tr, va, &m))
			return false;
		n = m.bytes < len ? (size_t)m.bytes : len;
		if (!kf_phys_read(tr->vc, m.paddr, p, n))
			return false;
		note(tr, m.paddr, n);
		va += n;
		p += n;
		len -= n;
	}
	return true;
}

bool kf_virt_u64(struct kf_translation *tr, uint64_t va, uint64_t *out)
{
	uint8_t b[8];

	if (!kf_virt_read(tr, va, b, sizeof(b)))
		return false;
	*out = kf_le64_at(b);
	return true;
}

bool kf_virt_u32(struct kf_translation *tr, uint64_t va, uint32_t *out)
{
	uint8_t b[4];

	if (!kf_virt_read(tr, va, b, sizeof(b)))
		return false;
	*out = kf_le32_at(b);
	return true;
}
