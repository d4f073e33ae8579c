// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a page as it rests, by the codec that the first byte chooses; nothing is written behind the page.
#include <stdlib.h>

#include "pagecodec/pagecodecs.h"

#define PAGE 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct kf_pagecodec *const codecs[] = {
		&kf_pagecodec_zlib, &kf_pagecodec_lzo, &kf_pagecodec_snappy, &kf_pagecodec_zstd,
	};
	const struct kf_pagecodec *codec = size ? codecs[data[0] % 4] : NULL;
	void *unpacker = codec && codec->unpacker_create ? codec->unpacker_create() : NULL;
	uint8_t *page = malloc(PAGE);
	struct kf_error err;

	if (codec && page)
		(void)!codec->unpack(unpacker, page, PAGE, data + 1, size - 1, &err);
	if (unpacker)
		codec->unpacker_destroy(unpacker);
	free(page);
	return 0;
}
