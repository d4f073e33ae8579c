// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a dump comes faster than it can be packed; see pressure.h.
#include "receiver/stream/pressure.h"

#define ALWAYS 65536u
#define MEMORY 64u			/* batches: some 16 MiB, more than sockets hold */
#define HIGH (ALWAYS / 8 * 7)		/* of so many as are remembered, and twice again, nearly all came so */
#define LOW (ALWAYS / 4)

bool kf_pressure_note(struct kf_pressure *p, bool busy, uint64_t now, uint64_t patience)
{
	p->level = p->level - p->level / MEMORY + (busy ? ALWAYS / MEMORY : 0);
	if (!p->high && p->level >= HIGH) {
		p->high = true;
		p->since = now;
	} else if (p->level < LOW) {
		p->high = false;
	}
	return p->high && now - p->since >= patience;
}
