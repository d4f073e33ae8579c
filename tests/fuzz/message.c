// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: one payload as a message of any type; what decodes must encode to the same bytes.
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kf_message m;
	struct kf_error err;
	struct kf_writer w;
	uint8_t *again;

	if (size == 0 || kf_decode(&m, data[0], data + 1, size - 1, &err))
		return 0;
	again = malloc(size);
	if (!again)
		return 0;
	w = kf_writer_on(again, size - 1);
	kf_encode(&w, &m);
	if (w.failed || kf_written(&w) != size - 1 || memcmp(again, data + 1, size - 1) != 0)
		abort();
	free(again);
	return 0;
}
