// SPDX-License-Identifier: GPL-2.0-or-later
// Notes of a vmcore: CPUs counted, VMCOREINFO found, device dumps passed over, damage survived.
#include "tests/unit/unit.h"

#include "sender/vmcore/notes.h"
#include "tests/unit/image/core.h"

static struct core c;
static struct kf_vmcore vc;
static struct kf_notes notes;
static struct kf_error err;

static void begin(void)
{
	core_create(&c);
	core_add_segment(&c, 0x1000, 0, 0x1000, 0x1000);
}

/* Writes the file, scans it and leaves it open. */
static enum kf_status scan(void)
{
	enum kf_status st;

	core_finish(&c);
	CHECK_OK("open", kf_vmcore_open(&vc, c.path, &err), &err);
	st = kf_notes_scan(&notes, &vc, &err);
	return st;
}

static void end(void)
{
	kf_vmcore_close(&vc);
	core_destroy(&c);
}

static void usual_notes(void **state)
{
	static const char text[] = "OSRELEASE=6.1\n";
	uint8_t prstatus[336] = { 0 };
	char back[sizeof(text)];

	(void)state;
	begin();
	core_add_note(&c, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&c, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&c, "CORE", 1, prstatus, sizeof(prstatus));
	core_add_note(&c, "VMCOREINFO", 0, text, sizeof(text) - 1);
	CHECK_OK("scan", scan(), &err);
	assert_int_equal(notes.nr_cpus, 3);
	assert_true(notes.has_text);
	assert_int_equal(notes.vmcoreinfo_bytes, sizeof(text) - 1);
	CHECK_OK("read", kf_notes_read(&vc, notes.vmcoreinfo_offset, back, sizeof(text) - 1, &err), &err);
	assert_memory_equal(back, text, sizeof(text) - 1);
	end();
}

/* Names and types that only look like what is sought, lengths that need padding, and a device's own dump. */
static void among_others(void **state)
{
	static uint8_t device[20000];

	(void)state;
	begin();
	core_add_note(&c, "LINUX", 0x700, device, sizeof(device));
	core_add_note(&c, "CORE", 2, "x", 1);
	core_add_note(&c, "LINUX", 1, "xy", 2);
	core_add_note(&c, "VMCOREINFO_XEN", 0, "no", 2);
	core_add_note(&c, "VMCOREINFO", 1, "no", 2);
	core_add_note(&c, "CORE", 1, "xyz", 3);
	core_add_note(&c, "a name that is longer than any that is sought", 0, "no", 2);
	core_add_note(&c, "VMCOREINFO", 0, "first", 5);
	core_add_note(&c, "VMCOREINFO", 0, "second one", 10);
	CHECK_OK("scan", scan(), &err);
	assert_int_equal(notes.nr_cpus, 1);
	assert_int_equal(notes.vmcoreinfo_bytes, 5);
	end();
}

static void empty_vmcoreinfo(void **state)
{
	(void)state;
	begin();
	core_add_note(&c, "VMCOREINFO", 0, "", 0);
	CHECK_OK("scan", scan(), &err);
	assert_true(notes.has_text);
	assert_int_equal(notes.vmcoreinfo_bytes, 0);
	end();
}

/* The walk ends at damage with what it found before. */
static void damaged_sizes(void **state)
{
	static const struct {
		const char *name;
		size_t at;		/* in the second note */
		uint32_t value;
	} rows[] = {
		{ "name beyond the notes", 0, 0x10000 }, { "name of 4 GiB", 0, UINT32_MAX }, { "desc beyond the notes", 4, 0x10000 },
		{ "desc of 4 GiB", 4, UINT32_MAX }, { "desc one byte too long", 4, 8 + 24 + 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t second;

		begin();
		core_add_note(&c, "CORE", 1, "1234", 4);
		second = c.note_bytes;
		core_add_note(&c, "CORE", 1, "12345678", 8);
		core_add_note(&c, "VMCOREINFO", 0, "", 0);
		memcpy(c.notes + second + rows[i].at, &rows[i].value, 4);
		CHECK_OK(rows[i].name, scan(), &err);
		CHECK_EQ(rows[i].name, notes.nr_cpus, 1);
		CHECK(rows[i].name, !notes.has_text);
		end();
	}
}

static void padding_ends_them(void **state)
{
	(void)state;
	begin();
	core_add_note(&c, "CORE", 1, "1234", 4);
	c.note_bytes += 64;
	core_add_note(&c, "CORE", 1, "1234", 4);
	CHECK_OK("scan", scan(), &err);
	assert_int_equal(notes.nr_cpus, 1);
	end();
}

static void a_text_beyond_sense(void **state)
{
	uint32_t head[3] = { 11, (1u << 20) + 1, 0 };

	(void)state;
	begin();
	memcpy(c.notes, head, sizeof(head));
	memcpy(c.notes + 12, "VMCOREINFO", 11);
	c.note_bytes = 24;
	core_finish(&c);
	/* PT_NOTE says that it is as long as that, and so does the file. */
	core_poke(&c, core_phdr(0) + CORE_P_FILESZ, 8, 24 + (1u << 20) + 4);
	core_poke(&c, c.end + (2u << 20), 1, 0);
	CHECK_OK("open", kf_vmcore_open(&vc, c.path, &err), &err);
	CHECK_REFUSED("scan", kf_notes_scan(&notes, &vc, &err), KF_INVALID, &err, "not credible");
	end();
}

static void reading_beyond(void **state)
{
	uint8_t byte;

	(void)state;
	begin();
	core_add_note(&c, "CORE", 1, "1234", 4);
	CHECK_OK("scan", scan(), &err);
	CHECK_REFUSED("beyond the file", kf_notes_read(&vc, 1ull << 40, &byte, 1, &err), KF_INVALID, &err, "notes end early");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_notes),
		cmocka_unit_test(among_others),
		cmocka_unit_test(empty_vmcoreinfo),
		cmocka_unit_test(damaged_sizes),
		cmocka_unit_test(padding_ends_them),
		cmocka_unit_test(a_text_beyond_sense),
		cmocka_unit_test(reading_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
