// SPDX-License-Identifier: GPL-2.0-or-later
// A dump from a vmcore to a saved stream: what is in it at every level, and that no size or thread changes its bytes.
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "proto/names.h"
#include "tests/unit/stream/sending.h"

static struct sending s;

static void every_level_and_codec(void **state)
{
	static const struct {
		unsigned int level;
		enum kf_wire_codec codec;
		enum kf_rest_codec rest;
	} rows[] = {
		{ 0, KF_WIRE_LZ4, KF_REST_ZSTD }, { 1, KF_WIRE_LZ4, KF_REST_ZSTD }, { 1, KF_WIRE_NONE, KF_REST_ZSTD },
		{ 2, KF_WIRE_LZ4, KF_REST_ZSTD }, { 4, KF_WIRE_LZ4, KF_REST_ZSTD }, { 8, KF_WIRE_LZ4, KF_REST_ZSTD },
		{ 16, KF_WIRE_LZ4, KF_REST_ZSTD }, { 17, KF_WIRE_NONE, KF_REST_ZSTD }, { 30, KF_WIRE_LZ4, KF_REST_ZSTD },
		{ 31, KF_WIRE_LZ4, KF_REST_ZSTD }, { 31, KF_WIRE_NONE, KF_REST_ZSTD }, { 1, KF_WIRE_ZSTD, KF_REST_ZSTD },
		{ 31, KF_WIRE_ZSTD, KF_REST_LZO }, { 1, KF_WIRE_PAGES, KF_REST_ZSTD }, { 1, KF_WIRE_PAGES, KF_REST_ZLIB },
		{ 1, KF_WIRE_PAGES, KF_REST_LZO }, { 0, KF_WIRE_PAGES, KF_REST_ZLIB },
	};

	(void)state;
	sending_create(&s, &sending_small);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup = sending_setup(&s, rows[i].level, rows[i].codec);
		struct reading r;
		struct kf_error err;
		char name[64];

		setup.rest = rows[i].rest;
		snprintf(name, sizeof(name), "level %u, %s, %s", rows[i].level, kf_wire_codec_name(setup.wire), kf_rest_codec_name(setup.rest));
		CHECK_OK(name, sending_run(&s, &setup, &err), &err);
		sending_check(&s, &r, name, rows[i].level);
		for (unsigned int codec = KF_WIRE_LZ4; codec < KF_WIRE_CODECS; codec++)
			CHECK_EQ(name, r.codec_batches[codec] > 0, rows[i].codec == codec);
		reading_free(&r);
	}
	sending_destroy(&s);
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
	sending_create(&s, &sending_small);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_dump_setup setup = sending_setup(&s, 31, KF_WIRE_LZ4);
		struct reading r;
		struct kf_error err;
		char *bytes;

		setup.cyclic_buffer = rows[i].cyclic_buffer;
		setup.threads = rows[i].threads;
		setup.no_mmap = rows[i].no_mmap;
		CHECK_OK(rows[i].name, sending_run(&s, &setup, &err), &err);
		sending_check(&s, &r, rows[i].name, 31);
		bytes = file_bytes(s.path, r.bytes_before_end);
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
	sending_destroy(&s);
}

/* A huge page over many stretches, and windows that are entered with it. */
static void a_huge_page(void **state)
{
	struct kf_dump_setup setup;
	struct reading r;
	struct kf_error err;

	(void)state;
	sending_create(&s, &(struct machine_plan){ .ram = (2ull << 30) + (33ull << 20), .levels = 5, .era = &era_6_1 });
	setup = sending_setup(&s, 31, KF_WIRE_LZ4);
	setup.cyclic_buffer = 1 << 10;
	CHECK_OK("huge", sending_run(&s, &setup, &err), &err);
	sending_check(&s, &r, "huge", 31);
	reading_free(&r);
	sending_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_and_codec),
		cmocka_unit_test(same_bytes_whatever_the_sizes),
		cmocka_unit_test(a_huge_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
