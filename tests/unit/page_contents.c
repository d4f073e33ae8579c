// SPDX-License-Identifier: GPL-2.0-or-later
// Page contents on their way into batches: fractional pages, pages in two pieces, zeros, and what cannot be read.
#include "tests/unit/unit.h"

#include <unistd.h>

#include "sender/dump/pages.h"
#include "sender/vmcore/guard.h"
#include "tests/unit/image/core.h"
#include "tests/unit/wire/canned.h"

/* Pages 1 to 3, of which the last ends in its middle; 5 in two halves; 8 to 1031. */
static struct core c;
static struct kf_vmcore vc;
static struct canned wire;
static struct kf_pipeline *pipeline;
static struct kf_pages pages;

static void fill(uint64_t paddr, size_t len, uint8_t value)
{
	uint8_t *bytes = malloc(len);

	memset(bytes, value, len);
	core_put(&c, paddr, bytes, len);
	free(bytes);
}

static void no_tick(void *context)
{
	(void)context;
}

static int begin(void **state)
{
	struct kf_error err;

	(void)state;
	core_create(&c);
	core_add_segment(&c, 0x1000, 0, 0x2800, 0x2800);
	core_add_segment(&c, 0x5000, 0, 0x800, 0x800);
	core_add_segment(&c, 0x5800, 0, 0x800, 0x800);
	core_add_segment(&c, 0x8000, 0, 1024 * 4096, 1024 * 4096);
	core_finish(&c);
	fill(0x1000, 0x2800, 1);
	fill(0x5000, 0x800, 2);
	fill(0x5800, 0x800, 3);
	for (uint64_t pfn = 8; pfn < 1032; pfn += 2)
		fill(pfn * 4096 + 4095, 1, 4);	/* every other page, and there only the last byte */
	CHECK_OK("open", kf_vmcore_open(&vc, c.path, &err), &err);
	canned_init(&wire, false);
	return 0;
}

static void start(bool find_zero, bool by_read)
{
	struct kf_pipeline_setup setup = {
		.transport = &wire.transport, .encoding = { KF_WIRE_NONE, KF_REST_ZSTD, 12 }, .threads = 1, .tick = no_tick,
	};
	struct kf_error err;

	vc.needs_pread = by_read;
	CHECK_OK("guard", kf_guard_install(&err), &err);	/* here, as cmocka takes SIGBUS before each test */
	CHECK_OK("pipeline", kf_pipeline_create(&pipeline, &setup, &err), &err);
	kf_pages_init(&pages, &vc, pipeline, 12, find_zero);
}

static void stop(void)
{
	kf_pages_deinit(&pages);
	kf_pipeline_destroy(pipeline, NULL);
}

static int end(void **state)
{
	(void)state;
	canned_free(&wire);
	kf_vmcore_close(&vc);
	core_destroy(&c);
	return 0;
}

static void send(uint64_t first, uint64_t stop_at)
{
	struct kf_error err;

	CHECK_OK("send", kf_pages_send(&pages, first, stop_at, &err), &err);
}

static void pages_that_are_not_whole(void **state)
{
	(void)state;
	for (unsigned int by_read = 0; by_read < 2; by_read++) {
		start(true, by_read);
		send(1, 4);
		send(5, 6);
		assert_int_equal(pages.slot->pages, 4);
		assert_int_equal(pages.slot->raw[2 * 4096 + 0x7ff], 1);
		assert_int_equal(pages.slot->raw[2 * 4096 + 0x800], 0);	/* behind the segment's end */
		assert_int_equal(pages.slot->raw[3 * 4096 + 0x7ff], 2);
		assert_int_equal(pages.slot->raw[3 * 4096 + 0x800], 3);
		assert_int_equal(pages.unreadable_pages, 0);
		stop();
	}
}

static void zeros_are_told_apart(void **state)
{
	(void)state;
	for (unsigned int by_read = 0; by_read < 2; by_read++) {
		start(true, by_read);
		send(8, 28);
		assert_int_equal(pages.zero, 10);
		assert_int_equal(pages.raw_bytes, 10 * 4096);
		assert_int_equal(pages.slot->run_count, 20);
		assert_int_equal(kf_run_at(pages.slot->runs, 0).kind, KF_RUN_DATA);
		assert_int_equal(kf_run_at(pages.slot->runs, 1).kind, KF_RUN_ZERO);
		stop();
		start(false, by_read);
		send(8, 28);
		assert_int_equal(pages.zero, 0);
		assert_int_equal(pages.raw_bytes, 20 * 4096);
		assert_int_equal(pages.slot->run_count, 1);
		stop();
	}
}

static void memory_that_is_not_there(void **state)
{
	(void)state;
	start(true, false);
	send(4, 5);
	send(6, 9);
	assert_int_equal(pages.unreadable_pages, 3);
	assert_int_equal(pages.unreadable.count, 2);	/* [4, 5) and [6, 8) */
	assert_int_equal(pages.unreadable.last.first, 6);
	assert_int_equal(pages.unreadable.last.end, 8);
	assert_int_equal(pages.slot->pages, 1);
	stop();
}

static void batches_fill_up(void **state)
{
	struct kf_pipeline_totals totals;
	struct kf_error err;

	(void)state;
	start(false, false);
	send(8, 1032);
	kf_pages_flush(&pages);
	kf_pages_flush(&pages);		/* nothing to flush */
	CHECK_OK("drain", kf_pipeline_drain(pipeline, &totals, &err), &err);
	assert_int_equal(totals.batches, 1024 / (KF_SLOT_RAW / 4096));
	assert_int_equal(totals.raw_bytes, 1024 * 4096);
	stop();
}

/* The file is cut while it is mapped: SIGBUS, then a read that fails, then a page that is listed. */
static void cut_while_mapped(void **state)
{
	(void)state;
	for (unsigned int by_read = 0; by_read < 2; by_read++) {
		assert_int_equal(ftruncate(c.fd, (off_t)c.end), 0);
		start(true, by_read);
		send(8, 10);
		assert_int_equal(ftruncate(c.fd, (off_t)(c.segments[3].offset + 100 * 4096 + 10)), 0);
		send(10, 1032);
		assert_int_equal(pages.unreadable_pages, 1024 - 100);
		assert_int_equal(pages.unreadable.count, 1);
		assert_int_equal(pages.unreadable.last.first, 108);
		assert_int_equal(pages.unreadable.last.end, 1032);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages_that_are_not_whole, begin, end),
		cmocka_unit_test_setup_teardown(zeros_are_told_apart, begin, end),
		cmocka_unit_test_setup_teardown(memory_that_is_not_there, begin, end),
		cmocka_unit_test_setup_teardown(batches_fill_up, begin, end),
		cmocka_unit_test_setup_teardown(cut_while_mapped, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
