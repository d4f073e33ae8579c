/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that was written, opened by the program as a vmcore, and understood as far as it can be. */
#ifndef IMAGE_OPENED_H
#define IMAGE_OPENED_H

#include "sender/kernel/kernel.h"
#include "sender/vmcore/ram.h"
#include "tests/unit/image/machine.h"

struct opened {
	struct kf_vmcore vc;
	struct kf_kernel kernel;
	struct kf_ram ram;
};

/* Finishes M and opens it; fails the test only if the vmcore itself cannot be opened. */
void opened_create(struct opened *o, struct machine *m);
void opened_destroy(struct opened *o);

#endif
