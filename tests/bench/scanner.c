// SPDX-License-Identifier: GPL-2.0-or-later
// scanner VMCORE LEVEL BUFFER_KIB RUNS: the sender's scan and nothing else. Prints the seconds of each run, then the pages of each
// class and a sum over all verdict bits and carries, which must not depend on the buffer.
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "sender/dump/progress.h"
#include "sender/filter/scan.h"
#include "sender/vmcore/guard.h"
#include "sender/vmcore/notes.h"

struct result {
	struct kf_tally tally;
	uint64_t verdicts, scan_us;
};

static uint64_t mixed(uint64_t sum, uint64_t word)
{
	return ((sum << 5 | sum >> 59) ^ word) * 0x9e3779b97f4a7c15ull;
}

static void add_window(struct result *r, const struct kf_scan *s)
{
	for (size_t i = 0; i < s->stretch_count; i++) {
		const struct kf_stretch *st = &s->stretches[i];

		kf_tally_add(&r->tally, &st->tally);
		r->verdicts = mixed(mixed(r->verdicts, st->in.end), st->out.why);
		for (uint64_t pfn = st->first; pfn < st->end; pfn += 64)
			r->verdicts = mixed(r->verdicts, s->bitmap[(pfn - s->first) / 64]);
	}
}

static void scan(struct result *r, struct kf_kernel *kernel, const struct kf_ram *ram, unsigned int level, size_t buffer)
{
	struct kf_error error;
	struct kf_scan s;
	uint64_t start;

	*r = (struct result){ 0 };
	if (kf_scan_init(&s, kernel, ram, level, buffer, &error))
		errx(1, "%s", error.text);
	for (start = kf_now_us(); kf_scan_next(&s); start = kf_now_us()) {
		r->scan_us += kf_now_us() - start;
		add_window(r, &s);
	}
	kf_scan_deinit(&s);
}

int main(int argc, char **argv)
{
	static const char *const names[KF_CLASSES] = {
		[KF_KEPT] = "kept", [KF_CACHE] = "cache", [KF_CACHE_PRIVATE] = "cache-private", [KF_USER] = "user", [KF_FREE] = "free",
		[KF_HWPOISON] = "hwpoison", [KF_OFFLINE] = "offline", [KF_NODATA] = "no-data",
	};
	struct kf_error error;
	struct kf_vmcore vc;
	struct kf_notes notes;
	struct kf_kernel kernel;
	struct kf_ram ram;
	struct result r;
	char *text;

	if (argc != 5)
		errx(2, "usage: scanner VMCORE LEVEL BUFFER_KIB RUNS");
	if (kf_guard_install(&error) || kf_vmcore_open(&vc, argv[1], &error) || kf_notes_scan(&notes, &vc, &error))
		errx(1, "%s", error.text);
	text = malloc(notes.vmcoreinfo_bytes);
	if (!text || kf_notes_read(&vc, notes.vmcoreinfo_offset, text, notes.vmcoreinfo_bytes, &error) ||
	    kf_kernel_init(&kernel, &vc, text, notes.vmcoreinfo_bytes, &error) || kf_ram_init(&ram, &vc, kernel.page_shift, &error))
		errx(1, "%s", text ? error.text : "no memory");
	kf_kernel_find_memmap(&kernel, ram.max_mapnr);
	if (!kernel.filters)
		errx(1, "%s", kernel.why_not);
	kf_ram_clip(&ram, kf_memmap_end(&kernel.memmap));
	for (int i = 0; i < atoi(argv[4]); i++) {
		scan(&r, &kernel, &ram, (unsigned int)atoi(argv[2]), (size_t)atoll(argv[3]) << 10);
		printf("seconds %.6f\n", (double)r.scan_us / 1e6);
	}
	for (int i = 0; i < KF_CLASSES; i++)
		printf("%s %llu\n", names[i], (unsigned long long)r.tally.pages[i]);
	printf("verdicts %016llx\n", (unsigned long long)r.verdicts);
	kf_ram_deinit(&ram);
	kf_kernel_deinit(&kernel);
	kf_vmcore_close(&vc);
	free(text);
	return 0;
}
