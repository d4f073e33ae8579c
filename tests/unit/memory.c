// SPDX-License-Identifier: GPL-2.0-or-later
// Physical memory read and mapped: across pieces and holes, at fractional ends, from a file that was cut after opening.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/vmcore/guard.h"
#include "sender/vmcore/map.h"
#include "sender/vmcore/physread.h"
#include "tests/unit/image/core.h"

/*
 * [0x1000, 0x3400) ends inside page 3, [0x3c00, 0x5000) begins inside it; then a hole; [0x10000, 0x14000), of which
 * the last page has no bytes in the file; 16 MiB from 0x1000000 on.
 */
#define LARGE 0x1000000ull
#define LARGE_BYTES 0x1000000ull

static struct core c;
static struct kf_vmcore vc;

static uint8_t byte_at(uint64_t paddr)
{
	return (uint8_t)(paddr * 7 + (paddr >> 8) + (paddr >> 16) * 3 + 1);
}

static bool in_file(uint64_t paddr)
{
	return (paddr >= 0x1000 && paddr < 0x3400) || (paddr >= 0x3c00 && paddr < 0x5000) ||
	       (paddr >= 0x10000 && paddr < 0x13000) || (paddr >= LARGE && paddr < LARGE + LARGE_BYTES);
}

static void fill(uint64_t from, uint64_t to)
{
	static uint8_t bytes[1 << 16];

	while (from < to) {
		size_t n = to - from < sizeof(bytes) ? (size_t)(to - from) : sizeof(bytes);

		for (size_t i = 0; i < n; i++)
			bytes[i] = byte_at(from + i);
		core_put(&c, from, bytes, n);
		from += n;
	}
}

static int make(void **state)
{
	struct kf_error err;

	(void)state;
	core_create(&c);
	core_add_segment(&c, 0x1000, 0, 0x2400, 0x2400);
	core_add_segment(&c, 0x3c00, 0, 0x1400, 0x1400);
	core_add_segment(&c, 0x10000, 0, 0x4000, 0x3000);
	core_add_segment(&c, LARGE, 0, LARGE_BYTES, LARGE_BYTES);
	core_finish(&c);
	fill(0x1000, 0x3400);
	fill(0x3c00, 0x5000);
	fill(0x10000, 0x13000);
	fill(LARGE, LARGE + LARGE_BYTES);
	CHECK_OK("open", kf_vmcore_open(&vc, c.path, &err), &err);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	kf_vmcore_close(&vc);
	core_destroy(&c);
	return 0;
}

static void check_read(uint64_t paddr, size_t len)
{
	uint8_t *out = malloc(len);
	char name[64];
	bool any = false;

	snprintf(name, sizeof(name), "%zu bytes at 0x%" PRIx64, len, paddr);
	for (size_t i = 0; i < len; i++)
		any = any || in_file(paddr + i);
	CHECK_EQ(name, kf_phys_read(&vc, paddr, out, len), any);
	for (size_t i = 0; any && i < len; i++)
		CHECK_EQ(name, out[i], in_file(paddr + i) ? byte_at(paddr + i) : 0);
	free(out);
}

static void reads_of_every_kind(void **state)
{
	static const uint64_t starts[] = {
		0, 0xfff, 0x1000, 0x2fff, 0x3000, 0x33ff, 0x3400, 0x3bff, 0x3c00, 0x4fff, 0x5000, 0xf000, 0x10000, 0x12fff, 0x13000,
		LARGE - 1, LARGE, LARGE + LARGE_BYTES - 1, LARGE + LARGE_BYTES, UINT64_MAX - 4096,
	};
	static const size_t lens[] = { 1, 2, 0x3ff, 0x400, 0x7ff, 0x800, 0x801, 4096, 4097, 20000 };

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++)
		for (size_t k = 0; k < COUNT(lens) && starts[i] + lens[k] > starts[i]; k++)
			check_read(starts[i], lens[k]);
}

struct sight {
	const uint8_t *bytes;
	uint64_t paddr;
	size_t len;
	bool right;
};

static void look(void *arg)
{
	struct sight *s = arg;

	s->right = true;
	for (size_t i = 0; i < s->len; i += 61)
		s->right = s->right && s->bytes[i] == byte_at(s->paddr + i);
}

static void maps_what_it_can(void **state)
{
	static const struct {
		uint64_t paddr;
		size_t want, least;	/* 0: cannot be mapped */
	} rows[] = {
		{ 0x1000, 4096, 4096 }, { 0x2000, 4096, 4096 }, { 0x3000, 4096, 0x400 }, { 0x3400, 4096, 0 }, { 0x3bff, 1, 0 },
		{ 0x3c00, 4096, 4096 }, { 0x5000, 4096, 0 }, { 0, 4096, 0 }, { 0x12000, 4096, 4096 }, { 0x13000, 4096, 0 },
		{ LARGE + 0x123456, 1 << 21, 1 << 21 }, { LARGE, 1, 1 }, { LARGE + LARGE_BYTES - 100, 4096, 100 },
		{ LARGE + LARGE_BYTES, 1, 0 }, { UINT64_MAX, 1, 0 },
	};
	struct kf_map map;

	(void)state;
	kf_map_init(&map, &vc);
	for (unsigned int round = 0; round < 2; round++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct sight s = { .paddr = rows[i].paddr };
			char name[64];

			snprintf(name, sizeof(name), "0x%" PRIx64, rows[i].paddr);
			s.bytes = kf_map_at(&map, rows[i].paddr, rows[i].want, &s.len);
			CHECK_EQ(name, s.bytes != NULL, rows[i].least != 0);
			if (!s.bytes)
				continue;
			CHECK(name, s.len >= rows[i].least);
			CHECK(name, rows[i].least == rows[i].want || s.len == rows[i].least);
			CHECK(name, map.len <= KF_MAP_BYTES);
			CHECK(name, kf_guarded(look, &s) && s.right);
		}
	kf_map_deinit(&map);
}

static void slides_through_all(void **state)
{
	struct kf_map map;

	(void)state;
	kf_map_init(&map, &vc);
	for (uint64_t at = 0; at < LARGE_BYTES; at += 0x53000) {
		struct sight s = { .paddr = LARGE + at };

		s.bytes = kf_map_at(&map, s.paddr, 4096, &s.len);
		assert_non_null(s.bytes);
		assert_true(kf_guarded(look, &s) && s.right);
	}
	kf_map_deinit(&map);
}

static void may_be_told_not_to_map(void **state)
{
	struct kf_vmcore unmapped = vc;
	struct kf_map map;
	size_t len;

	(void)state;
	unmapped.needs_pread = true;
	kf_map_init(&map, &unmapped);
	assert_null(kf_map_at(&map, 0x1000, 4096, &len));
	kf_map_deinit(&map);
}

static void mapping_that_fails_is_not_tried_again(void **state)
{
	struct kf_vmcore closed = vc;
	struct kf_map map;
	size_t len;

	(void)state;
	closed.fd = -1;
	kf_map_init(&map, &closed);
	assert_null(kf_map_at(&map, 0x1000, 4096, &len));
	assert_true(map.broken);
	kf_map_deinit(&map);
}

/* Last, as it damages the file: SIGBUS is survived, and says which reads were not whole. */
static void file_cut_after_opening(void **state)
{
	struct sight lost = { .paddr = LARGE + 0x800000 }, there = { .paddr = LARGE };
	struct kf_map map;
	struct kf_error err;
	uint8_t page[4096];

	(void)state;
	CHECK_OK("guard", kf_guard_install(&err), &err);	/* here, as cmocka takes SIGBUS before each test */
	assert_int_equal(ftruncate(c.fd, (off_t)(c.segments[3].offset + 0x400000)), 0);
	kf_map_init(&map, &vc);
	for (unsigned int round = 0; round < 3; round++) {	/* the signal must not stay blocked */
		lost.bytes = kf_map_at(&map, lost.paddr, 4096, &lost.len);
		assert_non_null(lost.bytes);
		assert_false(kf_guarded(look, &lost));
		there.bytes = kf_map_at(&map, there.paddr, 4096, &there.len);
		there.len = 4096;
		assert_true(kf_guarded(look, &there) && there.right);
	}
	kf_map_deinit(&map);
	assert_false(kf_phys_read(&vc, lost.paddr, page, sizeof(page)));
	assert_true(kf_phys_read(&vc, there.paddr, page, sizeof(page)));
	/* A page of which a part is behind the end is not read as zeros. */
	assert_int_equal(ftruncate(c.fd, (off_t)(c.segments[3].offset + 0x100)), 0);
	assert_false(kf_phys_read(&vc, LARGE, page, sizeof(page)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_of_every_kind),
		cmocka_unit_test(maps_what_it_can),
		cmocka_unit_test(slides_through_all),
		cmocka_unit_test(may_be_told_not_to_map),
		cmocka_unit_test(mapping_that_fails_is_not_tried_again),
		cmocka_unit_test(file_cut_after_opening),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
