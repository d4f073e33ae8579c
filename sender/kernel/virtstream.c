// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel memory from front to back; see virtstream.h.
#include "sender/kernel/virtstream.h"

#include <string.h>

void kf_virt_stream_init(struct kf_virt_stream *s, struct kf_translation *tr, uint64_t va, uint64_t end)
{
	s->tr = tr;
	s->va = va;
	s->end = end;
	s->at = s->filled = 0;
	s->failed = false;
}

/* A read ends at a page's end, so that a page which is not there costs those before it nothing. */
static bool fill(struct kf_virt_stream *s)
{
	uint64_t page = 1ull << s->tr->page_shift, n = page - s->va % page;
	size_t left = s->filled - s->at, room = sizeof(s->bytes) - left;

	memmove(s->bytes, s->bytes + s->at, left);
	s->at = 0;
	s->filled = left;
	n = n < s->end - s->va ? n : s->end - s->va;
	n = n < room ? n : room;
	if (n == 0 || !kf_virt_read(s->tr, s->va, s->bytes + left, (size_t)n))
		return false;
	s->filled += (size_t)n;
	s->va += n;
	return true;
}

const uint8_t *kf_virt_next(struct kf_virt_stream *s, size_t len)
{
	const uint8_t *p;

	while (!s->failed && s->filled - s->at < len)
		s->failed = !fill(s);
	if (s->failed)
		return NULL;
	p = s->bytes + s->at;
	s->at += len;
	return p;
}

uint8_t kf_virt_next_u8(struct kf_virt_stream *s)
{
	const uint8_t *p = kf_virt_next(s, 1);

	return p ? *p : 0;
}
