// SPDX-License-Identifier: GPL-2.0-or-later
// A dump from a vmcore to a saved stream: what is in it, at every level, and that no size or thread changes its bytes.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "sender/dump/dump.h"
#include "tests/unit/image/printk.h"
#include "tests/unit/image/scene.h"
#include "tests/unit/stream/reading.h"

static struct scene scene;
static char stream_path[128];

/* Some pages here and there and the last ones are filled, the others are zeros but for what the machine has there. */
static void fill_pages(void)
{
	uint64_t first = machine_plain_pfn(&scene.m);
	uint8_t page[4096];

	for (uint64_t i = 0; i < 6000; i++) {
		uint64_t pfn = i < 5990 ? first + 3 * i : scene.max_mapnr - 6000 + i, seed = pfn;

		for (size_t at = 0; at < sizeof(page); at += 8) {
			uint64_t v = at % 256 ? pfn : next_random(&seed);

			memcpy(page + at, &v, 8);
		}
		core_put(&scene.m.core, pfn * 4096, page, sizeof(page));
	}
}

static void begin(const struct machine_plan *plan)
{
	scene_create(&scene, plan);
	scene_fill(&scene);
	fill_pages();
	machine_finish(&scene.m);
	snprintf(stream_path, sizeof(stream_path), "%s.stream", scene.m.core.path);
}

static void end(void)
{
	unlink(stream_path);
	scene_destroy(&scene);
}

static struct kf_dump_setup setup_of(unsigned int level, enum kf_wire_codec codec)
{
	struct kf_dump_setup setup = {
		.vmcore = scene.m.core.path, .target = { .scheme = KF_SCHEME_FILE }, .level = level, .rest = KF_REST_ZSTD,
		.wire = kf_codec_by_id(codec), .threads = 1, .cyclic_buffer = 64 << 10,
	};

	snprintf(setup.target.path, sizeof(setup.target.path), "%s", stream_path);
	return setup;
}

static enum kf_status send(const struct kf_dump_setup *setup, struct kf_error *err)
{
	struct kf_log silent = { .out = stderr, .program = "test" };

	unlink(stream_path);
	return kf_dump_run(setup, &silent, err);
}

/* The bytes of PFN as the vmcore has them. */
static void check_page(void *context, uint64_t pfn, const uint8_t *bytes, bool sent_as_zero)
{
	const struct reading *r = context;
	const struct core_segment *low = &scene.m.core.segments[1], *high = &scene.m.core.segments[2];
	const struct core_segment *s = pfn * 4096 < MACHINE_HIGH ? low : high;
	static const uint8_t zeros[4096];
	uint8_t wanted[4096] = { 0 };
	uint64_t at = pfn * 4096, left = s->paddr + s->filesz - at;

	assert_true(pread(scene.m.core.fd, wanted, left < 4096 ? left : 4096, (off_t)(s->offset + at - s->paddr)) >= 0);
	if (memcmp(bytes, wanted, 4096) != 0)
		fail_msg("%s: the bytes of pfn 0x%" PRIx64 " are others", r->name, pfn);
	CHECK_EQ(r->name, sent_as_zero, (r->dump.level & 1) && memcmp(wanted, zeros, sizeof(zeros)) == 0);
}

static void check_stream(struct reading *r, const char *name, unsigned int level)
{
	*r = (struct reading){ .name = name, .page = check_page, .context = r };
	reading_file(r, stream_path);
	CHECK(name, r->ended);
	CHECK_EQ(name, r->end.reason, KF_END_COMPLETE);
	CHECK_EQ(name, r->dump.max_mapnr, scene.max_mapnr);
	CHECK_EQ(name, r->dump.level, level);
	for (uint64_t pfn = 0; pfn < scene.max_mapnr; pfn++) {
		CHECK_EQ(name, r->ram[pfn], scene.class_of[pfn] != SCENE_HOLE);
		CHECK_EQ(name, r->kept[pfn], scene_at(&scene, pfn, level) == SCENE_KEPT);
	}
	CHECK_EQ(name, r->tally.unreadable, 0);
	CHECK_EQ(name, r->tally.undecided, 0);
}

static const struct machine_plan small = { .ram = (200ull << 20) + 0x3000, .levels = 4, .era = &era_6_12 };

static void every_level_and_codec(void **state)
{
	static const struct {
		unsigned int level;
		enum kf_wire_codec codec;
	} rows[] = {
		{ 0, KF_WIRE_LZ4 }, { 1, KF_WIRE_LZ4 }, { 1, KF_WIRE_NONE }, { 2, KF_WIRE_LZ4 }, { 4, KF_WIRE_LZ4 }, { 8, KF_WIRE_LZ4 },
		{ 16, KF_WIRE_LZ4 }, { 17, KF_WIRE_NONE }, { 30, KF_WIRE_LZ4 }, { 31, KF_WIRE_LZ4 }, { 31, KF_WIRE_NONE },
	};

	(void)state;
	begin(&small);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup = setup_of(rows[i].level, rows[i].codec);
		struct reading r;
		struct kf_error err;
		char name[64];

		snprintf(name, sizeof(name), "level %u, %s", rows[i].level, setup.wire->name);
		CHECK_OK(name, send(&setup, &err), &err);
		check_stream(&r, name, rows[i].level);
		CHECK_EQ(name, r.codec_batches[KF_WIRE_LZ4] > 0, rows[i].codec == KF_WIRE_LZ4);
		reading_free(&r);
	}
	end();
}

static char *file_bytes(const char *path, size_t len)
{
	char *bytes = malloc(len);
	int fd = open(path, O_RDONLY);

	assert_int_equal(read(fd, bytes, len), len);
	close(fd);
	return bytes;
}

/* All but END, which has times in it, is the same byte for byte. */
static void same_bytes_whatever_the_sizes(void **state)
{
	static const struct {
		const char *name;
		size_t cyclic_buffer;
		unsigned int threads;
		bool no_mmap;
	} rows[] = {
		{ "64 KiB, one thread", 64 << 10, 1, false }, { "1 KiB", 1 << 10, 1, false }, { "3 KiB", 3 << 10, 1, false },
		{ "all of it", 4 << 20, 1, false }, { "12 threads", 64 << 10, 12, false }, { "1 KiB, 3 threads, by read", 1 << 10, 3, true },
	};
	char *first = NULL;
	size_t first_len = 0;

	(void)state;
	begin(&small);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup = setup_of(31, KF_WIRE_LZ4);
		struct reading r;
		struct kf_error err;
		char *bytes;

		setup.cyclic_buffer = rows[i].cyclic_buffer;
		setup.threads = rows[i].threads;
		setup.no_mmap = rows[i].no_mmap;
		CHECK_OK(rows[i].name, send(&setup, &err), &err);
		check_stream(&r, rows[i].name, 31);
		bytes = file_bytes(stream_path, r.bytes_before_end);
		if (i == 0) {
			first = bytes;
			first_len = r.bytes_before_end;
		} else {
			CHECK_EQ(rows[i].name, r.bytes_before_end, first_len);
			CHECK(rows[i].name, memcmp(bytes, first, first_len) == 0);
			free(bytes);
		}
		reading_free(&r);
	}
	free(first);
	end();
}

/* A huge page over many stretches, and windows that are entered with it. */
static void a_huge_page(void **state)
{
	struct kf_dump_setup setup;
	struct reading r;
	struct kf_error err;

	(void)state;
	begin(&(struct machine_plan){ .ram = (2ull << 30) + (33ull << 20), .levels = 5, .era = &era_6_1 });
	setup = setup_of(31, KF_WIRE_LZ4);
	setup.cyclic_buffer = 1 << 10;
	CHECK_OK("huge", send(&setup, &err), &err);
	check_stream(&r, "huge", 31);
	reading_free(&r);
	end();
}

static void what_stands_before_the_pages(void **state)
{
	struct kf_dump_setup setup;
	struct printk_ring ring;
	struct reading r;
	struct kf_error err;

	(void)state;
	begin(&small);
	printk_create(&ring, &scene.m, 4, 12, 0, 0);
	printk_add(&ring, 1500000, 0x80000001, "Kernel panic", 12);
	machine_finish(&scene.m);
	setup = setup_of(17, KF_WIRE_LZ4);
	setup.rest = KF_REST_ZLIB;
	CHECK_OK("send", send(&setup, &err), &err);
	check_stream(&r, "intro", 17);
	assert_int_equal(r.dump.rest, KF_REST_ZLIB);
	assert_int_equal(r.dump.page_shift, 12);
	assert_int_equal(r.dump.nr_cpus, 2);
	assert_true(r.dump.phys_base == MACHINE_PHYS_BASE);
	assert_int_equal(r.dump.crash_time, 1700000000);
	assert_string_equal(r.dump.uts[KF_UTS_RELEASE], "6.12.0-test");
	assert_int_equal(r.dump.notes_bytes, scene.m.core.note_bytes);
	assert_memory_equal(r.notes, scene.m.core.notes, scene.m.core.note_bytes);
	assert_int_equal(r.dump.vmcoreinfo_bytes, strlen(scene.m.info));
	assert_memory_equal(r.notes + r.dump.vmcoreinfo_offset, scene.m.info, strlen(scene.m.info));
	assert_string_equal(r.text, scene.m.info);
	assert_string_equal(r.log, "[    0.001500] [      C1] Kernel panic\n");
	assert_false(r.log_unavailable);
	reading_free(&r);
	end();
}

static void a_log_that_is_not_there(void **state)
{
	struct kf_dump_setup setup;
	struct reading r;
	struct kf_error err;

	(void)state;
	begin(&small);
	setup = setup_of(31, KF_WIRE_LZ4);
	CHECK_OK("send", send(&setup, &err), &err);
	check_stream(&r, "no log", 31);
	assert_true(r.log_unavailable);
	assert_string_equal(r.log, "");
	reading_free(&r);
	end();
}

/* A vmcore that ends early: what is there goes, what is not is listed, and the end says so. */
static void a_short_vmcore(void **state)
{
	struct kf_dump_setup setup;
	struct reading r = { .name = "short" };
	struct kf_error err;
	uint64_t lost;

	(void)state;
	begin(&small);
	setup = setup_of(1, KF_WIRE_LZ4);
	assert_int_equal(ftruncate(scene.m.core.fd, (off_t)scene.m.core.end - 0x10800), 0);
	CHECK_REFUSED("short", send(&setup, &err), KF_INCOMPLETE, &err, "not whole");
	reading_file(&r, stream_path);
	assert_int_equal(r.end.reason, KF_END_INPUT);
	lost = r.tally.unreadable;
	assert_int_equal(lost, 0x11);		/* the page that is cut in half is lost too */
	for (uint64_t pfn = 0; pfn < scene.max_mapnr; pfn++)
		assert_int_equal(r.unreadable[pfn], pfn >= scene.max_mapnr - lost);
	reading_free(&r);
	end();
}

static void without_vmcoreinfo(void **state)
{
	struct kf_dump_setup setup;
	struct reading r = { .name = "no VMCOREINFO" };
	struct kf_error err;

	(void)state;
	begin(&small);
	scene.m.core.note_bytes = 0;
	core_add_note(&scene.m.core, "CORE", 1, "x", 1);
	core_finish(&scene.m.core);
	setup = setup_of(31, KF_WIRE_LZ4);
	CHECK_REFUSED("31", send(&setup, &err), KF_INVALID, &err, "-i FILE");
	setup = setup_of(2, KF_WIRE_LZ4);
	CHECK_REFUSED("2", send(&setup, &err), KF_INVALID, &err, "no VMCOREINFO");
	setup = setup_of(1, KF_WIRE_LZ4);
	CHECK_OK("1", send(&setup, &err), &err);
	reading_file(&r, stream_path);
	for (uint64_t pfn = 0; pfn < r.dump.max_mapnr; pfn++)
		assert_int_equal(r.kept[pfn], r.ram[pfn]);
	assert_null(r.text);
	reading_free(&r);
	end();
}

/* -i: the text comes from a file, unless it is of another kernel. */
static void vmcoreinfo_from_a_file(void **state)
{
	static const struct {
		const char *name, *key, *value;
		bool own;		/* the vmcore has its own text too */
		enum kf_status status;
		const char *why;
	} rows[] = {
		{ "for a vmcore without", "OSRELEASE", "6.12.0-test", false, KF_OK, "" },
		{ "beside its own", "OSRELEASE", "6.12.0-test", true, KF_OK, "" },
		{ "of another release", "OSRELEASE", "6.12.0-other", true, KF_MISMATCH, "it is of kernel 6.12.0-other" },
		{ "of another release, by memory", "OSRELEASE", "6.12.0-other", false, KF_MISMATCH, "the memory of 6.12.0-test" },
		{ "of another build", "BUILD-ID", "abcdef", true, KF_MISMATCH, "build id" },
		{ "that is none", "OSRELEASE", NULL, true, KF_INVALID, "no OSRELEASE" },
	};
	char path[160];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup;
		struct kf_error err;
		enum kf_status st;
		FILE *f;

		begin(&small);
		machine_key(&scene.m, "BUILD-ID", "0123");
		machine_finish(&scene.m);
		if (!rows[i].own) {
			scene.m.core.note_bytes = 0;
			core_finish(&scene.m.core);
		}
		if (rows[i].value)
			machine_key(&scene.m, rows[i].key, "%s", rows[i].value);
		else
			machine_drop_key(&scene.m, rows[i].key);
		snprintf(path, sizeof(path), "%s.info", scene.m.core.path);
		f = fopen(path, "w");
		fputs(scene.m.info, f);
		fclose(f);
		setup = setup_of(31, KF_WIRE_LZ4);
		setup.vmcoreinfo = path;
		st = send(&setup, &err);
		if (rows[i].status) {
			CHECK_REFUSED(rows[i].name, st, rows[i].status, &err, rows[i].why);
		} else {
			struct reading r;

			CHECK_OK(rows[i].name, st, &err);
			check_stream(&r, rows[i].name, 31);
			reading_free(&r);
		}
		unlink(path);
		end();
	}
}

static void refusals(void **state)
{
	struct kf_dump_setup setup;
	struct kf_error err;
	struct kf_log silent = { .out = stderr, .program = "test" };

	(void)state;
	begin(&small);
	setup = setup_of(31, KF_WIRE_LZ4);
	CHECK_OK("first", send(&setup, &err), &err);
	CHECK_REFUSED("a file that is there", kf_dump_run(&setup, &silent, &err), KF_FAILED, &err, "there is such a file");
	setup.target.scheme = KF_SCHEME_SSH;
	CHECK_REFUSED("ssh", kf_dump_run(&setup, &silent, &err), KF_ABSENT, &err, "no ssh:// targets");
	setup = setup_of(31, KF_WIRE_LZ4);
	setup.vmcore = "/nonexistent";
	CHECK_REFUSED("no vmcore", send(&setup, &err), KF_FAILED, &err, "/nonexistent: No such file");
	assert_int_equal(access(stream_path, F_OK), -1);	/* no target was made for it */
	end();
}

static void dry_run(void **state)
{
	struct kf_dump_setup setup;
	struct kf_error err;

	(void)state;
	begin(&small);
	setup = setup_of(31, KF_WIRE_LZ4);
	setup.dry_run = true;
	CHECK_OK("dry run", send(&setup, &err), &err);
	assert_int_equal(access(stream_path, F_OK), -1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_and_codec),
		cmocka_unit_test(same_bytes_whatever_the_sizes),
		cmocka_unit_test(a_huge_page),
		cmocka_unit_test(what_stands_before_the_pages),
		cmocka_unit_test(a_log_that_is_not_there),
		cmocka_unit_test(a_short_vmcore),
		cmocka_unit_test(without_vmcoreinfo),
		cmocka_unit_test(vmcoreinfo_from_a_file),
		cmocka_unit_test(refusals),
		cmocka_unit_test(dry_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
