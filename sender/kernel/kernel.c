// SPDX-License-Identifier: GPL-2.0-or-later
// The dead kernel; see kernel.h. If it cannot be understood, everything is kept, and the report says why.
#include "sender/kernel/kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PAGE_SHIFT 12u
/* OFFSET(uts_namespace.name) where the kernel does not export it. */
#define DEFAULT_UTS_OFFSET 4u

static void say_why(struct kf_kernel *k, const struct kf_error *err)
{
	if (!k->why_not[0])
		memcpy(k->why_not, err->text, sizeof(k->why_not));
}

/* Enough for readers to accept the file when memory cannot tell. */
static void default_uts(struct kf_kernel *k)
{
	const struct kf_arch *arch = kf_arch_of(k->vc->machine);

	memset(k->uts, 0, sizeof(k->uts));
	snprintf(k->uts[KF_UTS_SYSNAME], KF_UTS_BYTES, "Linux");
	snprintf(k->uts[KF_UTS_RELEASE], KF_UTS_BYTES, "%s", k->info.osrelease[0] ? k->info.osrelease : "unknown");
	snprintf(k->uts[KF_UTS_VERSION], KF_UTS_BYTES, "unknown");
	snprintf(k->uts[KF_UTS_MACHINE], KF_UTS_BYTES, "%s", arch ? arch->machine : "unknown");
}

/* init_uts_ns is also the proof that translation works and that VMCOREINFO belongs to this memory. */
static enum kf_status read_uts(struct kf_kernel *k, struct kf_error *err)
{
	char uts[KF_UTS_FIELDS][KF_UTS_BYTES];
	uint64_t va = kf_value(&k->info, KF_KEY_SYM_INIT_UTS_NS, 0);

	if (!va)
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no SYMBOL(init_uts_ns)");
	if (!k->info.osrelease[0])
		return kf_fail(err, KF_ABSENT, "VMCOREINFO has no OSRELEASE");
	va += kf_value(&k->info, KF_KEY_OFF_UTS_NAME, DEFAULT_UTS_OFFSET);
	if (!kf_virt_read(&k->tr, va, uts, sizeof(uts)))
		return kf_fail(err, KF_INVALID, "init_uts_ns at 0x%" PRIx64 " cannot be read", va);
	for (int i = 0; i < KF_UTS_FIELDS; i++) {
		size_t len = strnlen(uts[i], KF_UTS_BYTES - 1);

		memset(uts[i] + len, 0, KF_UTS_BYTES - len);	/* old longer names may lie behind the end */
	}
	if (strcmp(uts[KF_UTS_SYSNAME], "Linux") != 0)
		return kf_fail(err, KF_INVALID, "init_uts_ns at 0x%" PRIx64 " holds no system name", va);
	if (strncmp(uts[KF_UTS_RELEASE], k->info.osrelease, KF_UTS_BYTES - 1) != 0)
		return kf_fail(err, KF_MISMATCH, "VMCOREINFO is of kernel %s, the memory of %s", k->info.osrelease, uts[KF_UTS_RELEASE]);
	memcpy(k->uts, uts, sizeof(uts));
	return KF_OK;
}

/* False if VMCOREINFO has a page size that the machine has not, or no machine: then the default is taken. */
static bool take_page_size(struct kf_kernel *k, const struct kf_arch *arch)
{
	uint64_t size = kf_value(&k->info, KF_KEY_PAGESIZE, 1u << DEFAULT_PAGE_SHIFT);

	k->page_shift = DEFAULT_PAGE_SHIFT;
	for (unsigned int shift = KF_PAGE_SHIFT_MIN; shift <= KF_PAGE_SHIFT_MAX; shift++)
		if (size == 1ull << shift && (!arch || (arch->page_sizes & size))) {
			k->page_shift = shift;
			return true;
		}
	return false;
}

enum kf_status kf_kernel_init(struct kf_kernel *k, const struct kf_vmcore *vc, const char *text, size_t len,
			      struct kf_error *err)
{
	const struct kf_arch *arch = kf_arch_of(vc->machine);
	struct kf_error why;
	enum kf_status st;

	*k = (struct kf_kernel){ .vc = vc, .has_info = len > 0 };
	kf_vmcoreinfo_parse(&k->info, text, len);
	default_uts(k);
	if (!take_page_size(k, arch)) {
		kf_fail(&why, KF_INVALID, "VMCOREINFO says PAGESIZE=%" PRIu64 " on %s", k->info.value[KF_KEY_PAGESIZE],
			arch ? arch->machine : "an unknown machine");
		say_why(k, &why);
		return KF_OK;
	}
	if (kf_translation_init(&k->tr, vc, &k->info, k->page_shift, &k->relied, &why)) {
		if (!k->has_info)
			kf_fail(&why, KF_ABSENT, "there is no VMCOREINFO");
		say_why(k, &why);
		return KF_OK;
	}
	st = read_uts(k, &why);
	k->translates = !st;
	if (st)
		say_why(k, &why);
	if (st == KF_MISMATCH) {
		kf_kernel_deinit(k);
		*err = why;
		return st;
	}
	return KF_OK;
}

void kf_kernel_find_memmap(struct kf_kernel *k, uint64_t max_mapnr)
{
	struct kf_error why;

	if (!k->translates)
		return;
	if (kf_layout_init(&k->layout, &k->info, &why) ||
	    kf_memmap_init(&k->memmap, &k->tr, &k->info, k->page_shift, max_mapnr, &why))
		say_why(k, &why);
	else
		k->filters = true;
	if (k->filters)
		kf_relied_gather(&k->tr, &k->memmap, &k->info);
	k->tr.relied = NULL;
}

void kf_kernel_deinit(struct kf_kernel *k)
{
	kf_relied_deinit(&k->relied);
	kf_memmap_deinit(&k->memmap);
	kf_translation_deinit(&k->tr);
}
