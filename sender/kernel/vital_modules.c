// SPDX-License-Identifier: GPL-2.0-or-later
// Vital pages of modules: their code and data, symbols included, and whatever else is mapped where branches to the image reach.
#include "sender/kernel/tables.h"
#include "sender/kernel/vitalkinds.h"

/* Code is built so that a branch of 32 bits leads from any module to the image. */
#define REACH (2ull << 30)

static bool note_mapped(void *gatherer, const struct kf_mapping *m)
{
	return kf_vital_note_mapping(gatherer, m);
}

/* Below and above the image; the image itself is in the list already. On arm64 vmalloc begins behind it, so what is below comes
 * first. */
void kf_vital_modules(struct kf_vital_gatherer *g)
{
	struct kf_table_visitor visitor = { .mapped = note_mapped, .context = g };
	uint64_t stext = kf_value(g->info, KF_KEY_SYM_STEXT, 0);

	if (stext < REACH)
		return;
	kf_tables_walk(g->tr, stext - REACH, stext, &visitor);
	kf_tables_walk(g->tr, stext, stext + REACH < stext ? UINT64_MAX : stext + REACH, &visitor);
}
