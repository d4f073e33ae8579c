// kferry-judge: whether two dump files say the same, whether a dump says what its vmcore says, what is in a dump.
// SPDX-License-Identifier: GPL-2.0-or-later
//
//   kferry-judge A B [--level N] [--expected TABLE --kernel NAME --level N --vmcore FILE]
//   kferry-judge --against-vmcore DUMP VMCORE [--arrived RANGES]
//   kferry-judge --bitmaps A B [--level N --expected TABLE --kernel NAME --vmcore FILE]
//   kferry-judge --describe DUMP
//   kferry-judge --kinds VMCORE
//   kferry-judge --release DUMP
//   kferry-judge --counts VMCORE --level N [--blind]
//
// --bitmaps compares headers and bitmaps alone; B may end behind its bitmaps. --kinds and --counts count struct pages;
// --blind as a makedumpfile does that cannot see compound tails. Pages are read by libkdumpfile, headers, notes and bitmaps also by the judge's own parser. Exit status: 0 equal,
// 1 different or not all readable, 2 a file cannot be read or the call is wrong.
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrived.h"
#include "difference.h"
#include "dumpfile.h"
#include "elfcore.h"
#include "expected.h"
#include "foreign.h"
#include "kinds.h"
#include "vmcoreinfo.h"

enum { EQUAL = 0, DIFFERENT = 1, UNUSABLE = 2, LARGEST_PAGE = 65536 };

// One dump, read in both ways.
struct dump {
	struct dumpfile file;
	struct foreign foreign;
};

static bool dump_open(struct dump *dump, const char *path)
{
	bool read_by_judge = dumpfile_open(&dump->file, path);
	bool read_by_library = foreign_open(&dump->foreign, path);

	if (read_by_judge && read_by_library && dump->foreign.page_size != dump->file.block_size) {
		fprintf(stderr, "kferry-judge: %s: libkdumpfile sees another page size\n", path);
		return false;
	}
	return read_by_judge && read_by_library;
}

static void dump_close(struct dump *dump)
{
	dumpfile_close(&dump->file);
	foreign_close(&dump->foreign);
}

static bool dump_bit(const void *of, int which, uint64_t pfn)
{
	return dumpfile_bit(of, which, pfn);
}

static void compare_numbers(struct differences *d, const char *name, uint64_t a, uint64_t b)
{
	if (a != b)
		difference_text(d, "%s: A has 0x%" PRIx64 ", B has 0x%" PRIx64, name, a, b);
}

static void compare_bytes(struct differences *d, const char *name, const uint8_t *a, size_t a_len, const uint8_t *b,
			  size_t b_len)
{
	size_t at = 0;

	while (at < a_len && at < b_len && a[at] == b[at])
		at++;
	if (at < a_len || at < b_len)
		difference_text(d, "%s: %zu bytes in A, %zu in B, equal up to byte %zu", name, a_len, b_len, at);
}

static void compare_vmcoreinfo(struct differences *d, const struct dumpfile *a, const struct dumpfile *b)
{
	const uint8_t *ta, *tb;
	size_t la, lb;

	if (dumpfile_vmcoreinfo(a, &ta, &la) && dumpfile_vmcoreinfo(b, &tb, &lb))
		compare_bytes(d, "VMCOREINFO", ta, la, tb, lb);
}

// What the status word says of the contents: all but the codec.
static uint32_t content_status(const struct dumpfile *f)
{
	return f->status & 0x18;
}

static void compare_headers(struct differences *d, const struct dumpfile *a, const struct dumpfile *b)
{
	for (int i = 0; i < 6; i++)
		if (strcmp(a->uts[i], b->uts[i]) != 0)
			difference_text(d, "%s: A has '%s', B has '%s'", dumpfile_uts_names[i], a->uts[i], b->uts[i]);
	compare_numbers(d, "header_version", (uint32_t)a->version, (uint32_t)b->version);
	compare_numbers(d, "timestamp", a->seconds, b->seconds);
	compare_numbers(d, "status without codec", content_status(a), content_status(b));
	compare_numbers(d, "block_size", a->block_size, b->block_size);
	compare_numbers(d, "bitmap_blocks", a->bitmap_blocks, b->bitmap_blocks);
	compare_numbers(d, "max_mapnr", a->max_mapnr, b->max_mapnr);
	compare_numbers(d, "nr_cpus", (uint32_t)a->nr_cpus, (uint32_t)b->nr_cpus);
	compare_numbers(d, "phys_base", a->phys_base, b->phys_base);
	compare_numbers(d, "dump_level", (uint32_t)a->dump_level, (uint32_t)b->dump_level);
	compare_numbers(d, "split", (uint32_t)a->split, (uint32_t)b->split);
	compare_numbers(d, "start_pfn", a->start_pfn, b->start_pfn);
	compare_numbers(d, "end_pfn", a->end_pfn, b->end_pfn);
	compare_numbers(d, "size_eraseinfo", a->size_eraseinfo, b->size_eraseinfo);
	compare_bytes(d, "notes", a->notes, a->size_note, b->notes, b->size_note);
	compare_vmcoreinfo(d, a, b);
}

static void check_dump(struct dump *dump, const char *side, struct differences *d, enum difference_kind descriptor)
{
	dumpfile_check(&dump->file, side, d, descriptor);
	foreign_check_maps(&dump->foreign, dump_bit, &dump->file, dump->file.max_mapnr, side, d);
}

// Reads a page as its bit promises; true if it is there to be compared.
static bool read_promised(struct dump *dump, uint64_t pfn, uint8_t *page, struct differences *d,
			  enum difference_kind unreadable, enum difference_kind phantom)
{
	bool promised = dumpfile_bit(&dump->file, 1, pfn);
	enum foreign_read got = foreign_page(&dump->foreign, pfn, page);

	if (promised && got != FOREIGN_OK)
		difference_add(d, unreadable, pfn);
	if (!promised && got != FOREIGN_ABSENT)
		difference_add(d, phantom, pfn);
	return promised && got == FOREIGN_OK;
}

static void compare_bit(const struct dumpfile *a, const struct dumpfile *b, int which, uint64_t pfn,
			struct differences *d, enum difference_kind only_a, enum difference_kind only_b)
{
	bool in_a = dumpfile_bit(a, which, pfn), in_b = dumpfile_bit(b, which, pfn);

	if (in_a != in_b)
		difference_add(d, in_a ? only_a : only_b, pfn);
}

static uint64_t compare_pages(struct dump *a, struct dump *b, struct differences *d)
{
	static uint8_t page_a[LARGEST_PAGE], page_b[LARGEST_PAGE];
	uint64_t end = a->file.max_mapnr > b->file.max_mapnr ? a->file.max_mapnr : b->file.max_mapnr, pages = 0;

	for (uint64_t pfn = 0; pfn < end; pfn++) {
		bool has_a, has_b;

		compare_bit(&a->file, &b->file, 0, pfn, d, DIFF_BITMAP1_A, DIFF_BITMAP1_B);
		compare_bit(&a->file, &b->file, 1, pfn, d, DIFF_BITMAP2_A, DIFF_BITMAP2_B);
		has_a = read_promised(a, pfn, page_a, d, DIFF_UNREADABLE_A, DIFF_PHANTOM_A);
		has_b = read_promised(b, pfn, page_b, d, DIFF_UNREADABLE_B, DIFF_PHANTOM_B);
		if (!has_a || !has_b)
			continue;
		pages++;
		if (memcmp(page_a, page_b, a->file.block_size) != 0)
			difference_add(d, DIFF_BYTES, pfn);
	}
	return pages;
}

static int verdict(struct differences *d, uint64_t pages, const char *what)
{
	bool equal = differences_report(d);

	printf("%s: %" PRIu64 " %s\n", equal ? "equal" : "DIFFERENT", pages, what);
	differences_deinit(d);
	return equal ? EQUAL : DIFFERENT;
}

struct call {
	const char *expected, *kernel, *vmcore, *arrived;
	int level; // -1: not given
	bool against_vmcore, bitmaps, describe, release, kinds, counts, blind;
};

static bool take_expected(const struct call *call, uint32_t page_size, struct differences *d)
{
	struct elfcore vmcore;
	bool good;

	if (!call->expected)
		return true;
	good = elfcore_open(&vmcore, call->vmcore) &&
	       expected_take(call->expected, call->kernel, call->level, &vmcore, page_size, d);
	elfcore_close(&vmcore);
	return good;
}

static int compare_dumps(const struct call *call, const char *path_a, const char *path_b)
{
	struct differences d = { 0 };
	struct dump a, b;
	bool good = dump_open(&a, path_a);
	uint64_t pages = 0;

	good = dump_open(&b, path_b) && good;
	if (good && a.file.block_size != b.file.block_size) {
		difference_text(&d, "page size");
	} else if (good) {
		if (call->level >= 0)
			compare_numbers(&d, "dump_level and --level", (uint32_t)a.file.dump_level, (uint32_t)call->level);
		compare_headers(&d, &a.file, &b.file);
		printf("%zu attributes compared\n", foreign_compare_attributes(&a.foreign, &b.foreign, &d));
		check_dump(&a, "A", &d, DIFF_DESCRIPTOR_A);
		check_dump(&b, "B", &d, DIFF_DESCRIPTOR_B);
		pages = compare_pages(&a, &b, &d);
		good = take_expected(call, a.file.block_size, &d);
	}
	dump_close(&a);
	dump_close(&b);
	return good ? verdict(&d, pages, "pages compared") : UNUSABLE;
}

// The header's fields that the vmcore itself tells.
static void compare_origin(const struct dumpfile *f, const struct elfcore *e, struct differences *d)
{
	const uint8_t *text, *own;
	size_t len, own_len;
	uint64_t number;

	compare_bytes(d, "notes", f->notes, f->size_note, e->notes, e->size_note);
	compare_numbers(d, "nr_cpus", (uint32_t)f->nr_cpus, (uint32_t)elfcore_cpus(e));
	if (!elfcore_vmcoreinfo(e, &text, &len))
		return;
	if (dumpfile_vmcoreinfo(f, &own, &own_len))
		compare_bytes(d, "VMCOREINFO", own, own_len, text, len);
	if (vmcoreinfo_value(text, len, "CRASHTIME=", &number))
		compare_numbers(d, "timestamp", f->seconds, number);
	if (vmcoreinfo_value(text, len, "NUMBER(phys_base)=", &number))
		compare_numbers(d, "phys_base", f->phys_base, number);
}

static uint64_t compare_with_memory(struct dump *dump, const struct elfcore *e, struct arrived *came, struct differences *d)
{
	static uint8_t page[LARGEST_PAGE], memory[LARGEST_PAGE];
	const struct dumpfile *f = &dump->file;
	uint64_t pages = 0, end = elfcore_end_pfn(e, f->block_size);

	if (end < f->max_mapnr)
		end = f->max_mapnr;
	for (uint64_t pfn = 0; pfn < end; pfn++) {
		bool ram = elfcore_is_ram(e, pfn, f->block_size);

		if (ram != dumpfile_bit(f, 0, pfn))
			difference_add(d, ram ? DIFF_BITMAP1_B : DIFF_BITMAP1_A, pfn);
		if (dumpfile_bit(f, 1, pfn) && !arrived_has(came, pfn))
			difference_add(d, DIFF_NEVER_CAME, pfn);
		if (!read_promised(dump, pfn, page, d, DIFF_UNREADABLE_A, DIFF_PHANTOM_A))
			continue;
		pages++;
		if (!elfcore_page(e, pfn, f->block_size, memory))
			difference_add(d, DIFF_UNREADABLE_B, pfn);
		else if (memcmp(page, memory, f->block_size) != 0)
			difference_add(d, DIFF_BYTES, pfn);
	}
	return pages;
}

static int compare_with_vmcore(const struct call *call, const char *path, const char *vmcore)
{
	struct arrived came;
	struct differences d = { 0 };
	struct dump dump;
	struct elfcore e;
	bool good = dump_open(&dump, path);
	uint64_t pages = 0;

	good = elfcore_open(&e, vmcore) && good;
	good = arrived_read(&came, call->arrived) && good;
	if (good) {
		compare_origin(&dump.file, &e, &d);
		check_dump(&dump, "A", &d, DIFF_DESCRIPTOR_A);
		pages = compare_with_memory(&dump, &e, &came, &d);
	}
	arrived_deinit(&came);
	dump_close(&dump);
	elfcore_close(&e);
	return good ? verdict(&d, pages, "pages compared") : UNUSABLE;
}

static int compare_bitmaps(const struct call *call, const char *path_a, const char *path_b)
{
	struct differences d = { 0 };
	struct dumpfile a, b;
	bool good = dumpfile_open(&a, path_a);
	uint64_t dumped = 0;

	good = dumpfile_open(&b, path_b) && good && a.block_size == b.block_size;
	if (good) {
		compare_headers(&d, &a, &b);
		for (uint64_t pfn = 0; pfn < a.max_mapnr || pfn < b.max_mapnr; pfn++) {
			compare_bit(&a, &b, 0, pfn, &d, DIFF_BITMAP1_A, DIFF_BITMAP1_B);
			compare_bit(&a, &b, 1, pfn, &d, DIFF_BITMAP2_A, DIFF_BITMAP2_B);
			dumped += dumpfile_bit(&a, 1, pfn);
		}
		good = take_expected(call, a.block_size, &d);
	}
	dumpfile_close(&a);
	dumpfile_close(&b);
	return good ? verdict(&d, dumped, "pages in the bitmaps") : UNUSABLE;
}

static int count_pages(const struct call *call, const char *path)
{
	struct elfcore vmcore;
	bool good = elfcore_open(&vmcore, path) &&
		    (call->kinds ? kinds_print(&vmcore) : counts_print(&vmcore, call->level, !call->blind));

	elfcore_close(&vmcore);
	return good ? EQUAL : UNUSABLE;
}

// What libkdumpfile makes of a dump, for people; only the level comes from the judge's own reading.
static void describe_headers(struct dump *dump)
{
	struct foreign *f = &dump->foreign;
	char text[4][128];

	printf("format: %s (%s)\n", foreign_text(f, "file.format", text[0], sizeof text[0]),
	       foreign_text(f, "file.description", text[1], sizeof text[1]));
	printf("kernel: %s, %s\n", foreign_text(f, "linux.uts.release", text[2], sizeof text[2]),
	       foreign_text(f, "linux.uts.machine", text[3], sizeof text[3]));
	printf("CPUs: %" PRIu64 "\n", foreign_number(f, "cpu.number"));
	printf("dump level: %" PRId32 "\n", dump->file.dump_level);
}

// Reads every page that bitmap 2 promises; the first one that does not come is told with the library's reason.
static uint64_t describe_pages(struct dump *dump, uint64_t *promised)
{
	static uint8_t page[LARGEST_PAGE];
	uint64_t lost = 0;

	*promised = 0;
	for (uint64_t pfn = 0; pfn < dump->file.max_mapnr; pfn++) {
		if (!dumpfile_bit(&dump->file, 1, pfn))
			continue;
		++*promised;
		if (foreign_page(&dump->foreign, pfn, page) != FOREIGN_OK && lost++ == 0)
			printf("page 0x%" PRIx64 " cannot be read: %s\n", pfn, dump->foreign.why);
	}
	return lost;
}

static int describe(const char *path)
{
	struct differences d = { 0 };
	uint64_t promised, lost;
	struct dump dump;
	int status = UNUSABLE;

	if (dump_open(&dump, path)) {
		describe_headers(&dump);
		check_dump(&dump, "the dump", &d, DIFF_DESCRIPTOR_A);
		lost = describe_pages(&dump, &promised);
		printf("pages in the 2nd bitmap: %" PRIu64 "\n", promised);
		if (lost == 0)
			printf("all %" PRIu64 " pages read\n", promised);
		else
			printf("%" PRIu64 " of %" PRIu64 " pages cannot be read\n", lost, promised);
		status = differences_report(&d) && lost == 0 ? EQUAL : DIFFERENT;
	}
	differences_deinit(&d);
	dump_close(&dump);
	return status;
}

// What a debugger asks first: the release in the dump's memory, by its virtual address.
static int show_release(const char *path)
{
	struct foreign f;
	char release[65];
	int status = UNUSABLE;

	if (foreign_open(&f, path) && foreign_release(&f, release, sizeof release)) {
		printf("release in memory: %s\n", release);
		status = EQUAL;
	}
	foreign_close(&f);
	return status;
}

static int usage(void)
{
	fputs("usage: kferry-judge A B [--level N] [--expected TABLE --kernel NAME --level N --vmcore FILE]\n"
	      "       kferry-judge --against-vmcore DUMP VMCORE [--arrived RANGES]\n"
	      "       kferry-judge --bitmaps A B [--level N --expected TABLE --kernel NAME --vmcore FILE]\n"
	      "       kferry-judge --describe DUMP\n"
	      "       kferry-judge --release DUMP\n"
	      "       kferry-judge --kinds VMCORE\n"
	      "       kferry-judge --counts VMCORE --level N [--blind]\n",
	      stderr);
	return UNUSABLE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "expected", required_argument, NULL, 'e' },    { "kernel", required_argument, NULL, 'k' },
		{ "level", required_argument, NULL, 'l' },       { "vmcore", required_argument, NULL, 'v' },
		{ "against-vmcore", no_argument, NULL, 'a' },    { "describe", no_argument, NULL, 'd' },
		{ "bitmaps", no_argument, NULL, 'b' },		 { "kinds", no_argument, NULL, 'n' },
		{ "counts", no_argument, NULL, 'c' },		 { "blind", no_argument, NULL, 'B' },
		{ "release", no_argument, NULL, 'r' },		 { "arrived", required_argument, NULL, 'A' },
		{ NULL, 0, NULL, 0 },
	};
	struct call call = { .level = -1 };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'e': call.expected = optarg; break;
		case 'k': call.kernel = optarg; break;
		case 'l': call.level = atoi(optarg); break;
		case 'v': call.vmcore = optarg; break;
		case 'A': call.arrived = optarg; break;
		case 'a': call.against_vmcore = true; break;
		case 'd': call.describe = true; break;
		case 'b': call.bitmaps = true; break;
		case 'n': call.kinds = true; break;
		case 'c': call.counts = true; break;
		case 'B': call.blind = true; break;
		case 'r': call.release = true; break;
		default: return usage();
		}
	}
	if (argc - optind != (call.describe || call.kinds || call.counts || call.release ? 1 : 2) ||
	    (call.expected && (!call.kernel || !call.vmcore)) || ((call.expected || call.counts) && call.level < 0))
		return usage();
	if (call.kinds || call.counts)
		return count_pages(&call, argv[optind]);
	if (call.bitmaps)
		return compare_bitmaps(&call, argv[optind], argv[optind + 1]);
	printf("judge: libkdumpfile %s\n", foreign_version());
	fflush(stdout);
	if (call.describe)
		return describe(argv[optind]);
	if (call.release)
		return show_release(argv[optind]);
	if (call.against_vmcore)
		return compare_with_vmcore(&call, argv[optind], argv[optind + 1]);
	return compare_dumps(&call, argv[optind], argv[optind + 1]);
}
