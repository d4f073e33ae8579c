// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a text as VMCOREINFO, and the layout of struct page that it describes.
#include <stdlib.h>
#include <string.h>

#include "sender/kernel/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const struct kf_field *f, uint32_t size)
{
	return !f->mask || f->word <= size - 8;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kf_vmcoreinfo info;
	struct kf_layout layout;
	struct kf_error err;
	char *text = malloc(size + !size);	/* its end is the end of memory that may be read */

	if (!text)
		return 0;
	memcpy(text, data, size);
	kf_vmcoreinfo_parse(&info, text, size);
	if (!memchr(info.osrelease, 0, sizeof(info.osrelease)) || !memchr(info.build_id, 0, sizeof(info.build_id)))
		abort();
	err.text[0] = '\0';
	if (kf_layout_init(&layout, &info, &err)) {
		if (!err.text[0])
			abort();
	} else {
		/* What will be read of a struct page lies in it. */
		if (layout.size < 8 || layout.flags > layout.size - 8 || layout.mapping > layout.size - 8 || layout.mapcount > layout.size - 4 ||
		    layout.private_ > layout.size - 8 || (layout.has_compound && layout.compound > layout.size - 8) ||
		    !inside(&layout.order, layout.size) || !inside(&layout.hugetlb, layout.size))
			abort();
		for (unsigned int level = 0; level < 32; level++)
			(void)kf_layout_must_scan(&layout, level);
	}
	free(text);
	return 0;
}
