// SPDX-License-Identifier: GPL-2.0-or-later
// A machine opened as a vmcore; see opened.h. The order of the steps is that of sender/dump/dump.c.
#include "tests/unit/image/opened.h"

#include "tests/unit/unit.h"

void opened_create(struct opened *o, struct machine *m)
{
	struct kf_error err;
	uint64_t end;

	memset(o, 0, sizeof(*o));
	machine_finish(m);
	CHECK_OK("open", kf_vmcore_open(&o->vc, m->core.path, &err), &err);
	CHECK_OK("kernel", kf_kernel_init(&o->kernel, &o->vc, m->info, strlen(m->info), &err), &err);
	CHECK_OK("ram", kf_ram_init(&o->ram, &o->vc, o->kernel.page_shift, &err), &err);
	kf_kernel_find_memmap(&o->kernel, o->ram.max_mapnr);
	end = o->kernel.filters ? kf_memmap_end(&o->kernel.memmap) : 0;
	if (end)
		kf_ram_clip(&o->ram, end);
}

void opened_destroy(struct opened *o)
{
	kf_ram_deinit(&o->ram);
	kf_kernel_deinit(&o->kernel);
	kf_vmcore_close(&o->vc);
}
