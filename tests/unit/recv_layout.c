// SPDX-License-Identifier: GPL-2.0-or-later
// Where things lie in a dump file, and the bytes of its headers, against numbers worked out by hand.
#include "tests/unit/recv/rig.h"

#include "receiver/kdump/dumpfile.h"
#include "receiver/kdump/format.h"

static void layouts(void **state)
{
	static const struct {
		const char *name;
		uint32_t shift;
		uint64_t max_mapnr, notes;
		uint64_t zero_page, bitmap;
	} table[] = {
		{ "the smallest", 12, 1, 0, 8192, 4096 },
		{ "notes that fill block 1", 12, 32768, 4096 - 104, 8192, 4096 },
		{ "one byte more of each", 12, 32769, 4096 - 103, 12288, 8192 },
		{ "4 GiB", 12, 0x140000, 3664, 8192, 0x28000 },
		{ "64 KiB pages", 16, 0x140000, 3664, 131072, 0x30000 },
		{ "64 TiB", 12, 1ull << 34, 1 << 20, 4096 + 1048576 + 4096, 1ull << 31 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct kf_dump dump = { .page_shift = table[i].shift, .max_mapnr = table[i].max_mapnr, .notes_bytes = table[i].notes };
		struct kf_layout l;

		kf_layout_of(&l, &dump);
		CHECK_EQ(table[i].name, l.block, 1u << table[i].shift);
		CHECK_EQ(table[i].name, l.notes_at, l.block + 104);
		CHECK_EQ(table[i].name, l.zero_page_at, table[i].zero_page);
		CHECK_EQ(table[i].name, l.data_at, table[i].zero_page + l.block);
		CHECK_EQ(table[i].name, l.bitmap, table[i].bitmap);
		CHECK_EQ(table[i].name, kf_layout_table_bytes(&l, 1000), 2 * table[i].bitmap + 24000);
	}
}

static void far_tables(void **state)
{
	const struct kf_dump dump = { .page_shift = 12, .max_mapnr = 1 };
	struct kf_layout l;
	struct kf_error err;
	int32_t blocks;

	(void)state;
	kf_layout_of(&l, &dump);
	CHECK_OK("block 3", kf_layout_sub_hdr_size(&l, 3 * 4096, &blocks, &err), &err);
	assert_int_equal(blocks, 2);
	CHECK_OK("the last one", kf_layout_sub_hdr_size(&l, 4096ull << 31, &blocks, &err), &err);
	assert_int_equal(blocks, INT32_MAX);
	CHECK_REFUSED("beyond 8 TiB", kf_layout_sub_hdr_size(&l, (4096ull << 31) + 4096, &blocks, &err), KF_REFUSED, &err,
		      "cannot point");
}

static uint64_t at(const uint8_t *file, size_t offset, unsigned int bytes)
{
	return kf_le_at(file + offset, bytes);
}

static void headers(void **state)
{
	const struct kf_dump dump = {
		.page_shift = 12, .nr_cpus = 3, .max_mapnr = (1ull << 32) + 5, .phys_base = (uint64_t)-4096,
		.crash_time = 1700000001, .notes_bytes = 5000, .vmcoreinfo_offset = 100, .vmcoreinfo_bytes = 200,
		.level = 17, .rest = KF_REST_ZLIB, .uts = { "Linux", "n", "r", "v", "x86_64", "d" },
	};
	struct kf_dumpfile d;
	uint8_t file[16384];
	struct kf_error err;
	struct rig r;

	(void)state;
	rig_init(&r);
	CHECK_OK("create", kf_dumpfile_create(&d, &r.io, r.base, "f", &dump, &err), &err);
	CHECK_OK("notes", kf_dumpfile_put_notes(&d, 4998, "xy", 2, &err), &err);
	CHECK_OK("begin", kf_dumpfile_begin(&d, &err), &err);
	assert_false(d.opens);
	CHECK_OK("flip", kf_dumpfile_flip(&d, 1 << 20, false, &err), &err);
	assert_true(d.opens);
	assert_int_equal(pread(d.file.fd, file, sizeof(file), 0), 4096 + 104 + 5000 + 3088 + 4096);
	assert_memory_equal(file, "KDUMP   \6\0\0\0Linux\0", 18);
	assert_memory_equal(file + 12 + 4 * 65, "x86_64\0", 7);
	assert_int_equal(at(file, 402, 6), 0);
	assert_int_equal(at(file, 408, 8), 1700000001);
	assert_int_equal(at(file, 416, 8), 0);
	assert_int_equal(at(file, 424, 4), 9);			/* zlib, incomplete */
	assert_int_equal(at(file, 428, 4), 4096);
	assert_int_equal(at(file, 432, 4), 255);		/* (1 + 255) blocks is 1 MiB */
	assert_int_equal(at(file, 436, 4), 2 * 131073);
	assert_int_equal(at(file, 440, 4), UINT32_MAX);		/* clamped */
	assert_int_equal(at(file, 460, 4), 3);
	assert_int_equal(at(file, 4096, 8), -4096);
	assert_int_equal(at(file, 4104, 4), 17);
	assert_int_equal(at(file, 4096 + 32, 8), 4096 + 104 + 100);
	assert_int_equal(at(file, 4096 + 40, 8), 200);
	assert_int_equal(at(file, 4096 + 48, 8), 4096 + 104);
	assert_int_equal(at(file, 4096 + 56, 8), 5000);
	assert_int_equal(at(file, 4096 + 96, 8), (1ull << 32) + 5);
	assert_memory_equal(file + 4096 + 104 + 4998, "xy", 2);
	CHECK_OK("flip", kf_dumpfile_flip(&d, 1 << 20, true, &err), &err);
	assert_int_equal(pread(d.file.fd, file, 512, 0), 512);
	assert_int_equal(at(file, 424, 4), 1);
	kf_dumpfile_close(&d);
	rig_deinit(&r);
}

static void places(void **state)
{
	struct kf_dumpfile d;

	(void)state;
	atomic_init(&d.end, 100);
	assert_int_equal(kf_dumpfile_take(&d, 50, 1), 100);
	assert_int_equal(kf_dumpfile_take(&d, 10, 4096), 4096);
	assert_int_equal(kf_dumpfile_take(&d, 1, 1), 4106);
	assert_int_equal(kf_dumpfile_take(&d, 0, 1), 4107);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts),
		cmocka_unit_test(far_tables),
		cmocka_unit_test(headers),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
