// SPDX-License-Identifier: GPL-2.0-or-later
// What a dump makes of its input: notes, log and names, a vmcore that is cut, VMCOREINFO that lacks or is another's.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "tests/unit/image/printk.h"
#include "tests/unit/stream/sending.h"

static struct sending s;

static void what_stands_before_the_pages(void **state)
{
	struct kf_dump_setup setup;
	struct printk_ring ring;
	struct reading r;
	struct kf_error err;

	(void)state;
	sending_create(&s, &sending_small);
	printk_create(&ring, &s.scene.m, 4, 12, 0, 0);
	printk_add(&ring, 1500000, 0x80000001, "Kernel panic", 12);
	machine_finish(&s.scene.m);
	setup = sending_setup(&s, 17, KF_WIRE_LZ4);
	setup.rest = KF_REST_ZLIB;
	CHECK_OK("send", sending_run(&s, &setup, &err), &err);
	sending_check(&s, &r, "intro", 17);
	assert_int_equal(r.dump.rest, KF_REST_ZLIB);
	assert_int_equal(r.dump.page_shift, 12);
	assert_int_equal(r.dump.nr_cpus, 2);
	assert_true(r.dump.phys_base == MACHINE_PHYS_BASE);
	assert_int_equal(r.dump.crash_time, 1700000000);
	assert_string_equal(r.dump.uts[KF_UTS_RELEASE], "6.12.0-test");
	assert_int_equal(r.dump.notes_bytes, s.scene.m.core.note_bytes);
	assert_memory_equal(r.notes, s.scene.m.core.notes, s.scene.m.core.note_bytes);
	assert_int_equal(r.dump.vmcoreinfo_bytes, strlen(s.scene.m.info));
	assert_memory_equal(r.notes + r.dump.vmcoreinfo_offset, s.scene.m.info, strlen(s.scene.m.info));
	assert_string_equal(r.text, s.scene.m.info);
	assert_string_equal(r.log, "[    0.001500] [      C1] Kernel panic\n");
	assert_false(r.log_unavailable);
	reading_free(&r);
	sending_destroy(&s);
}

static void a_log_that_is_not_there(void **state)
{
	struct kf_dump_setup setup;
	struct reading r;
	struct kf_error err;

	(void)state;
	sending_create(&s, &sending_small);
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	CHECK_OK("send", sending_run(&s, &setup, &err), &err);
	sending_check(&s, &r, "no log", 31);
	assert_true(r.log_unavailable);
	assert_string_equal(r.log, "");
	reading_free(&r);
	sending_destroy(&s);
}

/* A vmcore that ends early: what is there goes, what is not is listed, and the end says so. */
static void a_short_vmcore(void **state)
{
	struct kf_dump_setup setup;
	struct reading r = { .name = "short" };
	struct kf_error err;
	uint64_t lost;

	(void)state;
	sending_create(&s, &sending_small);
	setup = sending_setup(&s, 1, KF_WIRE_LZ4);
	assert_int_equal(ftruncate(s.scene.m.core.fd, (off_t)s.scene.m.core.end - 0x10800), 0);
	CHECK_REFUSED("short", sending_run(&s, &setup, &err), KF_INCOMPLETE, &err, "not whole");
	reading_file(&r, s.path);
	assert_int_equal(r.end.reason, KF_END_INPUT);
	lost = r.tally.unreadable;
	assert_int_equal(lost, 0x11);		/* the page that is cut in half is lost too */
	for (uint64_t pfn = 0; pfn < s.scene.max_mapnr; pfn++)
		assert_int_equal(r.unreadable[pfn], pfn >= s.scene.max_mapnr - lost);
	reading_free(&r);
	sending_destroy(&s);
}

static void without_vmcoreinfo(void **state)
{
	struct kf_dump_setup setup;
	struct reading r = { .name = "no VMCOREINFO" };
	struct kf_error err;

	(void)state;
	sending_create(&s, &sending_small);
	s.scene.m.core.note_bytes = 0;
	core_add_note(&s.scene.m.core, "CORE", 1, "x", 1);
	core_finish(&s.scene.m.core);
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	CHECK_REFUSED("31", sending_run(&s, &setup, &err), KF_INVALID, &err, "-i FILE");
	setup = sending_setup(&s, 2, KF_WIRE_LZ4);
	CHECK_REFUSED("2", sending_run(&s, &setup, &err), KF_INVALID, &err, "no VMCOREINFO");
	setup = sending_setup(&s, 1, KF_WIRE_LZ4);
	CHECK_OK("1", sending_run(&s, &setup, &err), &err);
	reading_file(&r, s.path);
	for (uint64_t pfn = 0; pfn < r.dump.max_mapnr; pfn++)
		assert_int_equal(r.kept[pfn], r.ram[pfn]);
	assert_null(r.text);
	reading_free(&r);
	sending_destroy(&s);
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

		sending_create(&s, &sending_small);
		machine_key(&s.scene.m, "BUILD-ID", "0123");
		machine_finish(&s.scene.m);
		if (!rows[i].own) {
			s.scene.m.core.note_bytes = 0;
			core_finish(&s.scene.m.core);
		}
		if (rows[i].value)
			machine_key(&s.scene.m, rows[i].key, "%s", rows[i].value);
		else
			machine_drop_key(&s.scene.m, rows[i].key);
		snprintf(path, sizeof(path), "%s.info", s.scene.m.core.path);
		f = fopen(path, "w");
		fputs(s.scene.m.info, f);
		fclose(f);
		setup = sending_setup(&s, 31, KF_WIRE_LZ4);
		setup.vmcoreinfo = path;
		st = sending_run(&s, &setup, &err);
		if (rows[i].status) {
			CHECK_REFUSED(rows[i].name, st, rows[i].status, &err, rows[i].why);
		} else {
			struct reading r;

			CHECK_OK(rows[i].name, st, &err);
			sending_check(&s, &r, rows[i].name, 31);
			reading_free(&r);
		}
		unlink(path);
		sending_destroy(&s);
	}
}

static void refusals(void **state)
{
	struct kf_dump_setup setup;
	struct kf_error err;
	struct kf_log silent = { .out = stderr, .program = "test" };

	(void)state;
	sending_create(&s, &sending_small);
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	CHECK_OK("first", sending_run(&s, &setup, &err), &err);
	CHECK_REFUSED("a file that is there", kf_dump_run(&setup, &silent, &err), KF_FAILED, &err, "there is such a file");
	s.target.scheme = KF_SCHEME_TLS;
	CHECK_REFUSED("tls without a key", kf_dump_run(&setup, &silent, &err), KF_REFUSED, &err, "needs --psk ID:FILE");
	s.target.scheme = KF_SCHEME_FILE;
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	setup.vmcore = "/nonexistent";
	CHECK_REFUSED("no vmcore", sending_run(&s, &setup, &err), KF_FAILED, &err, "/nonexistent: No such file");
	assert_int_equal(access(s.path, F_OK), -1);	/* no target was made for it */
	sending_destroy(&s);
}

static void dry_run(void **state)
{
	struct kf_dump_setup setup;
	struct kf_error err;

	(void)state;
	sending_create(&s, &sending_small);
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	setup.dry_run = true;
	CHECK_OK("dry run", sending_run(&s, &setup, &err), &err);
	assert_int_equal(access(s.path, F_OK), -1);
	sending_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
