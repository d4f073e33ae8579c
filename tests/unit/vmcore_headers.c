// SPDX-License-Identifier: GPL-2.0-or-later
// The headers of a vmcore: what is no vmcore, one cut at every header boundary, odd and damaged program headers.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "sender/vmcore/notes.h"
#include "sender/vmcore/physread.h"
#include "sender/vmcore/ram.h"
#include "sender/vmcore/vmcore.h"
#include "tests/unit/image/core.h"

static struct core c;
static struct kf_vmcore vc;
static struct kf_error err;

/* Two PT_LOADs and a note. */
static int make_core(void **state)
{
	(void)state;
	core_create(&c);
	core_add_segment(&c, 0x1000000, 0xffffffff81000000, 0x4000, 0x4000);
	core_add_segment(&c, 0x100000, 0xffff888000100000, 0x10000, 0x10000);
	core_add_note(&c, "CORE", 1, "0123456789", 10);
	core_finish(&c);
	return 0;
}

static int drop_core(void **state)
{
	(void)state;
	core_destroy(&c);
	return 0;
}

static enum kf_status open_it(void)
{
	enum kf_status st = kf_vmcore_open(&vc, c.path, &err);

	if (st)
		assert_int_equal(vc.fd, -1);	/* nothing is left open */
	return st;
}

static void what_is_there(void **state)
{
	(void)state;
	CHECK_OK("open", open_it(), &err);
	assert_int_equal(vc.segment_count, 2);
	assert_int_equal(vc.segments[0].paddr, 0x1000000);
	assert_true(vc.segments[0].vaddr == 0xffffffff81000000);
	assert_int_equal(vc.piece_count, 2);
	assert_int_equal(vc.pieces[0].start, 0x100000);	/* ascending, unlike the headers */
	assert_int_equal(vc.pieces[0].end, 0x110000);
	assert_int_equal(vc.pieces[0].offset, c.segments[1].offset);
	assert_int_equal(vc.machine, 62);
	assert_int_equal(vc.notes_offset, CORE_NOTES_AT);
	assert_int_equal(vc.notes_bytes, c.note_bytes);
	assert_false(vc.short_file);
	kf_vmcore_close(&vc);
}

static void which_piece(void **state)
{
	static const struct {
		uint64_t paddr, start;	/* start 0: none */
	} rows[] = {
		{ 0, 0x100000 }, { 0xfffff, 0x100000 }, { 0x100000, 0x100000 }, { 0x10ffff, 0x100000 }, { 0x110000, 0x1000000 },
		{ 0x1003fff, 0x1000000 }, { 0x1004000, 0 }, { UINT64_MAX, 0 },
	};

	(void)state;
	CHECK_OK("open", open_it(), &err);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kf_piece *p = kf_piece_at(&vc, rows[i].paddr);

		assert_int_equal(p ? p->start : 0, rows[i].start);
	}
	kf_vmcore_close(&vc);
}

static void no_vmcores(void **state)
{
	static const struct {
		const char *name;
		uint64_t at;
		unsigned int width;
		uint64_t value;
		const char *refusal;
	} rows[] = {
		{ "another magic", 0, 4, 0x46454c7e, "not an ELF file" },
		{ "zeros", 0, 8, 0, "not an ELF file" },
		{ "a program", CORE_E_TYPE, 2, 2, "not a core file" },
		{ "32 bits", CORE_E_CLASS, 1, 1, "only 64-bit little-endian" },
		{ "big endian", CORE_E_DATA, 1, 2, "" },
		{ "no program headers", CORE_E_PHNUM, 2, 0, "program headers" },
		{ "program headers beyond the file", CORE_E_PHOFF, 8, 1ull << 40, "" },
		{ "PT_LOADs that are none", CORE_E_PHNUM, 2, 1, "no PT_LOAD" },
		{ "more bytes than memory", 64 + 56 + CORE_P_MEMSZ, 8, 0x3fff, "impossible sizes" },
		{ "memory that wraps round", 64 + 56 + CORE_P_PADDR, 8, UINT64_MAX - 0x1000, "impossible sizes" },
		{ "bytes that wrap round", 64 + 56 + CORE_P_OFFSET, 8, UINT64_MAX - 0x1000, "impossible sizes" },
		{ "memory beyond sense", 64 + 56 + CORE_P_PADDR, 8, 1ull << 60, "impossible sizes" },
		{ "notes beyond sense", 64 + CORE_P_FILESZ, 8, (1ull << 30) + 1, "notes end" },
		{ "notes behind the end", 64 + CORE_P_OFFSET, 8, 1ull << 40, "notes end" },
		{ "notes that wrap round", 64 + CORE_P_OFFSET, 8, UINT64_MAX - 8, "notes end" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		core_finish(&c);
		core_poke(&c, rows[i].at, rows[i].width, rows[i].value);
		CHECK_REFUSED(rows[i].name, open_it(), KF_INVALID, &err, rows[i].refusal);
		CHECK(rows[i].name, strncmp(err.text, c.path, strlen(c.path)) == 0);
	}
	core_finish(&c);
}

static void files_that_are_none(void **state)
{
	(void)state;
	CHECK_REFUSED("absent", kf_vmcore_open(&vc, "/nonexistent/vmcore", &err), KF_FAILED, &err, "No such file");
	CHECK_REFUSED("a directory", kf_vmcore_open(&vc, "/tmp", &err), KF_INVALID, &err, "");
	CHECK_REFUSED("nothing in it", kf_vmcore_open(&vc, "/dev/null", &err), KF_INVALID, &err, "not an ELF file");
}

static void cut_inside_the_headers(void **state)
{
	const uint64_t cuts[] = {
		0, 1, 4, 16, 63, 64, 65, core_phdr(0) + 55, core_phdr(1), core_phdr(1) + 1, core_phdr(2), core_phdr(2) + 55,
		core_phdr(3), CORE_NOTES_AT - 1, CORE_NOTES_AT, CORE_NOTES_AT + 1, CORE_NOTES_AT + c.note_bytes - 1,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cuts); i++) {
		char name[64];

		snprintf(name, sizeof(name), "cut at byte %" PRIu64, cuts[i]);
		core_finish(&c);
		assert_int_equal(ftruncate(c.fd, (off_t)cuts[i]), 0);
		CHECK_REFUSED(name, open_it(), KF_INVALID, &err, c.path);
	}
	core_finish(&c);
}

/* Headers are whole, memory is not: what is there can go, but the dump will not be called whole. */
static void cut_behind_the_headers(void **state)
{
	const uint64_t first = c.segments[0].offset;
	uint8_t bytes[2];

	(void)state;
	assert_int_equal(ftruncate(c.fd, (off_t)first), 0);
	CHECK_REFUSED("no memory at all", open_it(), KF_INVALID, &err, "no memory is in it");
	assert_int_equal(ftruncate(c.fd, (off_t)first + 1), 0);
	CHECK_OK("one byte", open_it(), &err);
	assert_true(vc.short_file);
	assert_true(kf_phys_read(&vc, 0x1000000, bytes, 1));
	assert_false(kf_phys_read(&vc, 0x1000000, bytes, 2));	/* not zeros: unreadable */
	kf_vmcore_close(&vc);
	assert_int_equal(ftruncate(c.fd, (off_t)c.end - 1), 0);
	CHECK_OK("one byte lacks", open_it(), &err);
	assert_true(vc.short_file);
	assert_true(kf_phys_read(&vc, 0x10fffd, bytes, 2));
	assert_false(kf_phys_read(&vc, 0x10fffe, bytes, 2));
	kf_vmcore_close(&vc);
	core_finish(&c);
	CHECK_OK("whole", open_it(), &err);
	assert_false(vc.short_file);
	kf_vmcore_close(&vc);
}

static void without_notes(void **state)
{
	struct kf_notes notes;

	(void)state;
	core_poke(&c, core_phdr(0) + CORE_P_TYPE, 4, 0);
	CHECK_OK("no PT_NOTE", open_it(), &err);
	assert_int_equal(vc.notes_bytes, 0);
	CHECK_OK("scan", kf_notes_scan(&notes, &vc, &err), &err);
	assert_int_equal(notes.nr_cpus, 0);
	assert_int_equal(notes.vmcoreinfo_bytes, 0);
	assert_false(notes.has_text);
	kf_vmcore_close(&vc);
	core_finish(&c);
}

static void headers_elsewhere(void **state)
{
	uint8_t headers[3 * CORE_PHDR_BYTES];

	(void)state;
	assert_int_equal(pread(c.fd, headers, sizeof(headers), CORE_EHDR_BYTES), sizeof(headers));
	assert_int_equal(pwrite(c.fd, headers, sizeof(headers), 0x3000), sizeof(headers));
	core_poke(&c, CORE_E_PHOFF, 8, 0x3000);
	for (uint64_t at = CORE_EHDR_BYTES; at < CORE_EHDR_BYTES + sizeof(headers); at += 8)
		core_poke(&c, at, 8, 0);
	CHECK_OK("e_phoff", open_it(), &err);
	assert_int_equal(vc.segment_count, 2);
	kf_vmcore_close(&vc);
	core_finish(&c);
}

/* More headers than 16 bits count: section header 0 has their number. */
static void many_headers(void **state)
{
	(void)state;
	core_poke(&c, CORE_E_PHNUM, 2, 0xffff);
	core_poke(&c, 40, 8, 0x3000);		/* e_shoff */
	core_poke(&c, 58, 2, 64);		/* e_shentsize */
	core_poke(&c, 60, 2, 1);		/* e_shnum */
	core_poke(&c, 0x3000 + 44, 4, 3);	/* sh_info */
	CHECK_OK("PN_XNUM", open_it(), &err);
	assert_int_equal(vc.segment_count, 2);
	kf_vmcore_close(&vc);
	core_poke(&c, 40, 8, 0);
	core_poke(&c, 58, 4, 0);
	core_finish(&c);
}

/* The piece's bytes stand where one of the segments has them. */
static bool stands_in_file(const struct core *own, const struct kf_piece *p)
{
	for (size_t i = 0; i < own->segment_count; i++) {
		const struct core_segment *s = &own->segments[i];

		if (p->start >= s->paddr && p->end <= s->paddr + s->filesz && p->offset == s->offset + (p->start - s->paddr))
			return true;
	}
	return false;
}

static void overlapping_memory(void **state)
{
	static const struct {
		const char *name;
		struct core_segment a, b;
		size_t pieces;
		uint64_t start[2], end[2];
	} rows[] = {
		{ "the image inside the rest", { 0x2000, 0, 0x1000, 0x1000, 0 }, { 0x1000, 0, 0x4000, 0x4000, 0 }, 1, { 0x1000 }, { 0x5000 } },
		{ "the same twice", { 0x1000, 0, 0x1000, 0x1000, 0 }, { 0x1000, 0, 0x1000, 0x1000, 0 }, 1, { 0x1000 }, { 0x2000 } },
		{ "one behind the other's start", { 0x1000, 0, 0x2000, 0x2000, 0 }, { 0x2000, 0, 0x2000, 0x2000, 0 }, 2,
		  { 0x1000, 0x3000 }, { 0x3000, 0x4000 } },
		{ "the same start", { 0x1000, 0, 0x1000, 0x1000, 0 }, { 0x1000, 0, 0x3000, 0x3000, 0 }, 1, { 0x1000 }, { 0x4000 } },
		{ "touching", { 0x1000, 0, 0x1000, 0x1000, 0 }, { 0x2000, 0, 0x1000, 0x1000, 0 }, 2, { 0x1000, 0x2000 }, { 0x2000, 0x3000 } },
		{ "without bytes in the file", { 0x1000, 0, 0x1000, 0, 0 }, { 0x2000, 0, 0x1000, 0x1000, 0 }, 1, { 0x2000 }, { 0x3000 } },
		{ "of no length", { 0x8000, 0, 0, 0, 0 }, { 0x2000, 0, 0x1000, 0x1000, 0 }, 1, { 0x2000 }, { 0x3000 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct core own;

		core_create(&own);
		core_add_segment(&own, rows[i].a.paddr, 0, rows[i].a.memsz, rows[i].a.filesz);
		core_add_segment(&own, rows[i].b.paddr, 0, rows[i].b.memsz, rows[i].b.filesz);
		core_finish(&own);
		CHECK_OK(rows[i].name, kf_vmcore_open(&vc, own.path, &err), &err);
		CHECK_EQ(rows[i].name, vc.piece_count, rows[i].pieces);
		for (size_t k = 0; k < rows[i].pieces; k++) {
			CHECK_EQ(rows[i].name, vc.pieces[k].start, rows[i].start[k]);
			CHECK_EQ(rows[i].name, vc.pieces[k].end, rows[i].end[k]);
			CHECK(rows[i].name, stands_in_file(&own, &vc.pieces[k]));
		}
		kf_vmcore_close(&vc);
		core_destroy(&own);
	}
}

/* A physical address of all ones is "unknown", as /proc/kcore has it. */
static void unknown_address(void **state)
{
	(void)state;
	core_poke(&c, core_phdr(1) + CORE_P_PADDR, 8, UINT64_MAX);
	CHECK_OK("unknown", open_it(), &err);
	assert_int_equal(vc.segment_count, 1);
	kf_vmcore_close(&vc);
	core_finish(&c);
}

/* Any bytes in the headers: it is refused with a line, or what it says of memory is in order. */
static void noise_in_the_headers(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (unsigned int round = 0; round < 5000; round++) {
		struct kf_ram ram;

		core_finish(&c);
		for (uint64_t n = next_random(&seed) % 6; n > 0; n--)
			core_poke(&c, next_random(&seed) % core_phdr(3), 1u << next_random(&seed) % 4, next_random(&seed) >> next_random(&seed) % 64);
		if (open_it()) {
			assert_true(err.text[0] && err.status == KF_INVALID);
			continue;
		}
		for (size_t i = 0; i < vc.piece_count; i++) {
			assert_true(vc.pieces[i].start < vc.pieces[i].end);
			assert_true(i == 0 || vc.pieces[i - 1].end <= vc.pieces[i].start);
		}
		CHECK_OK("ram", kf_ram_init(&ram, &vc, 12, &err), &err);
		assert_true(kf_range_set_pages(&ram.data, 0, KF_PFN_MAX) <= kf_range_set_pages(&ram.ram, 0, KF_PFN_MAX));
		assert_true(ram.max_mapnr <= KF_PFN_MAX);
		kf_ram_deinit(&ram);
		kf_vmcore_close(&vc);
	}
	core_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there),
		cmocka_unit_test(which_piece),
		cmocka_unit_test(no_vmcores),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(cut_inside_the_headers),
		cmocka_unit_test(cut_behind_the_headers),
		cmocka_unit_test(without_notes),
		cmocka_unit_test(headers_elsewhere),
		cmocka_unit_test(many_headers),
		cmocka_unit_test(overlapping_memory),
		cmocka_unit_test(unknown_address),
		cmocka_unit_test(noise_in_the_headers),
	};

	return cmocka_run_group_tests(tests, make_core, drop_core);
}
