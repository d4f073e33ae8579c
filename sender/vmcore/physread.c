// SPDX-License-Identifier: GPL-2.0-or-later
// Reads of physical memory by pread; see physread.h.
#include "sender/vmcore/physread.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

size_t kf_file_read(const struct kf_vmcore *vc, uint64_t offset, void *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(vc->fd, (char *)out + got, len - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

/* Whether a byte of [start, end) was lost when the file was cut off. */
static bool was_cut(const struct kf_vmcore *vc, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < vc->cut_count; i++)
		if (vc->cut[i].start < end && start < vc->cut[i].end)
			return true;
	return false;
}

bool kf_phys_read(const struct kf_vmcore *vc, uint64_t paddr, void *out, size_t len)
{
	uint64_t end = paddr + len;
	const struct kf_piece *last = vc->pieces + vc->piece_count;
	size_t found = 0;

	memset(out, 0, len);
	for (const struct kf_piece *p = kf_piece_at(vc, paddr); p && p < last && p->start < end; p++) {
		uint64_t from = p->start > paddr ? p->start : paddr;
		uint64_t to = p->end < end ? p->end : end;
		size_t n = (size_t)(to - from);

		if (kf_file_read(vc, p->offset + (from - p->start), (char *)out + (from - paddr), n) != n)
			return false;
		found += n;
	}
	return found == len || (found > 0 && !was_cut(vc, paddr, end));
}
