// SPDX-License-Identifier: GPL-2.0-or-later
// A program's list of codecs at rest; see pagecodec.h.
#include "pagecodec/pagecodec.h"

#include <string.h>

#include "proto/message.h"

const struct kf_pagecodec *kf_pagecodec_find(const struct kf_pagecodec *const *list, uint32_t flag)
{
	while (*list && (*list)->flag != flag)
		list++;
	return *list;
}

size_t kf_pagecodec_pack(const struct kf_pagecodec *c, void *packer, uint8_t *out, size_t room, const uint8_t *page, size_t len,
			 uint32_t *entry)
{
	size_t n = c->pack(packer, out, room < len ? room : len, page, len);

	*entry = kf_entry((uint32_t)n, c->flag);
	if (n || room < len)
		return n;
	memcpy(out, page, len);
	*entry = kf_entry((uint32_t)len, KF_REST_RAW);
	return len;
}
