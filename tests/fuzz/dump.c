// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: a dump file that is read back; nothing in it is believed.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "receiver/kdump/readback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kf_range range = { 2, 70 };
	const struct kf_readback_lacking lacking = { &range, 1 };
	struct kf_readback r;
	struct kf_error err;
	int fd = memfd_create("dump", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)!kf_readback(&r, fd, &lacking, &err);
	close(fd);
	return 0;
}
