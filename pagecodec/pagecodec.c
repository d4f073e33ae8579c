// SPDX-License-Identifier: GPL-2.0-or-later
// A program's list of codecs at rest; see pagecodec.h.
#include "pagecodec/pagecodec.h"

const struct kf_pagecodec *kf_pagecodec_find(const struct kf_pagecodec *const *list, uint32_t flag)
{
	while (*list && (*list)->flag != flag)
		list++;
	return *list;
}
