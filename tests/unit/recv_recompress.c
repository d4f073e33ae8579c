// SPDX-License-Identifier: GPL-2.0-or-later
// A dump that was stored quickly is packed anew: the same pages at every moment, whatever fails; and when it is done at all.
#include <inttypes.h>

#include "receiver/store/manifest_read.h"
#include "receiver/stream/pressure.h"
#include "receiver/stream/recompress.h"
#include "receiver/stream/verify.h"
#include "tests/unit/recv/judge.h"

struct fixture {
	struct plan plan;
	struct plan_stream stream;
	struct rig rig;
};

static void fixture_init(struct fixture *f, enum kf_recompress_when when)
{
	plan_default(&f->plan);
	plan_stream_make(&f->stream, &f->plan, NULL, NULL);
	rig_init(&f->rig);
	f->rig.setup.recompress = when;
	rig_run(&f->rig, f->stream.bytes, f->stream.len);
	assert_int_equal(f->rig.status, KF_OK);
}

static void fixture_deinit(struct fixture *f)
{
	rig_deinit(&f->rig);
	plan_stream_free(&f->stream);
}

static bool manifest_has(struct rig *r, const char *what)
{
	char text[16384];

	rig_text(r, "manifest.json", text, sizeof(text));
	return strstr(text, what) != NULL;
}

/* All of the receiver's own eyes, too. */
static void check_whole(const char *name, struct fixture *f)
{
	char path[400];
	struct kf_error err;
	FILE *nowhere = fopen("/dev/null", "w");

	judge_rig(name, &f->rig, &f->plan, true);
	snprintf(path, sizeof(path), "%s/%s", f->rig.path, f->rig.dir);
	CHECK_OK(name, kf_verify_dump(nowhere, path, &err), &err);
	fclose(nowhere);
}

/* As kf_behind does it, but in one thread. */
static enum kf_status recompress(struct fixture *f, struct kf_error *err)
{
	struct kf_recompress work;
	struct kf_sum128 sum = { 0 };
	enum kf_status st = kf_recompress_init(&work, &f->rig.io, f->rig.base, f->rig.dir, err);

	for (uint64_t i = 0; !st && i < work.repack.pieces; i++)
		st = kf_repack_piece(&work.repack, f->rig.packer, work.repack.pieces - 1 - i, &sum, err);
	if (!st)
		st = kf_recompress_finish(&work, &sum, err);
	if (st && st != KF_ABSENT)
		kf_recompress_give_up(&work, err);
	kf_recompress_deinit(&work);
	return st;
}

/* Descriptors of the file that are of one codec. */
static unsigned int with_flag(struct fixture *f, uint32_t flag)
{
	struct kf_kdump_descriptor d;
	unsigned int n = 0, pages = 0;
	struct reader r;
	char path[300];

	snprintf(path, sizeof(path), "%s/vmcore", f->rig.dir);
	assert_null(reader_open(&r, f->rig.base, path));
	for (uint64_t pfn = 0; pfn < PLAN_PFNS; pfn++)
		pages += reader_has(&r, pfn);
	for (unsigned int i = 0; i < pages; i++) {
		memcpy(&d, r.file + r.table + i * sizeof(d), sizeof(d));
		n += d.flags == flag;
	}
	reader_close(&r);
	return n;
}

static void packed_anew(void **state)
{
	struct fixture f;
	struct kf_error err;
	unsigned int quick;

	(void)state;
	fixture_init(&f, KF_RECOMPRESS_ALWAYS);
	quick = with_flag(&f, KF_REST_LZO);
	assert_true(quick > 50 && !with_flag(&f, KF_REST_ZSTD));
	assert_true(rig_has(&f.rig, "recompress") && manifest_has(&f.rig, "\"waiting\"") && manifest_has(&f.rig, "\"quick\""));
	check_whole("before", &f);
	CHECK_OK("recompress", recompress(&f, &err), &err);
	assert_true(with_flag(&f, KF_REST_ZSTD) >= quick && !with_flag(&f, KF_REST_LZO));
	assert_false(rig_has(&f.rig, "recompress") || rig_has(&f.rig, "vmcore-recompressing"));
	assert_true(manifest_has(&f.rig, "\"done\"") && !manifest_has(&f.rig, "\"quick\""));
	check_whole("after", &f);
	CHECK_REFUSED("once more", recompress(&f, &err), KF_ABSENT, &err, "not to be");
	fixture_deinit(&f);
}

/* What nobody asked for, and what nothing had to be packed quickly for, leaves no trace. */
static void nothing_to_do(void **state)
{
	static const enum kf_recompress_when when[] = { KF_RECOMPRESS_NEVER, KF_RECOMPRESS_AUTO };

	(void)state;
	for (size_t i = 0; i < COUNT(when); i++) {
		struct fixture f;

		fixture_init(&f, when[i]);
		assert_int_equal(with_flag(&f, KF_REST_LZO), 0);
		assert_false(rig_has(&f.rig, "recompress") || manifest_has(&f.rig, "recompress"));
		fixture_deinit(&f);
	}
}

/* The call that fails leaves the old dump or the new one. Where it could still tell so, nothing else. */
static void every_call_fails(void **state)
{
	unsigned int calls = 1, given_up = 0, done = 0;

	(void)state;
	for (unsigned int at = 0; at <= calls; at++)		/* 0: none fails, and so all are counted */
		for (int on = 0; on < 2; on++) {
			struct fixture f;
			struct kf_error err;
			char name[60];
			enum kf_status st;

			fixture_init(&f, KF_RECOMPRESS_ALWAYS);
			snprintf(name, sizeof(name), "call %u fails%s", at, on ? ", and all behind it" : "");
			f.rig.calls = 0;
			f.rig.fail_at = at;
			f.rig.fail_on = on;
			f.rig.fail_errno = on ? ENOSPC : EIO;
			st = recompress(&f, &err);
			calls = f.rig.calls > calls ? f.rig.calls : calls;
			f.rig.fail_at = 0;
			check_whole(name, &f);
			if (st && st != KF_ABSENT && !on)
				CHECK(name, rig_has(&f.rig, "recompress") || !rig_has(&f.rig, "vmcore-recompressing"));
			/* Whatever is marked still can be done. */
			if (rig_has(&f.rig, "recompress") && manifest_has(&f.rig, "\"waiting\""))
				CHECK_OK(name, recompress(&f, &err), &err);
			check_whole(name, &f);
			given_up += manifest_has(&f.rig, "\"given up\"");
			done += manifest_has(&f.rig, "\"done\"");
			fixture_deinit(&f);
		}
	print_message("%u calls: %u times given up, %u times done\n", calls, given_up, done);
	assert_true(calls > 50 && given_up > 20 && done > 20);
}

/* A killed one is begun again, also where its file is half there. */
static void begun_again(void **state)
{
	struct kf_recompress work, other;
	struct kf_sum128 sum = { 0 };
	struct kf_error err;
	struct fixture f;

	(void)state;
	fixture_init(&f, KF_RECOMPRESS_ALWAYS);
	CHECK_OK("begin", kf_recompress_init(&work, &f.rig.io, f.rig.base, f.rig.dir, &err), &err);
	CHECK_OK("piece", kf_repack_piece(&work.repack, f.rig.packer, 0, &sum, &err), &err);
	CHECK_REFUSED("another process", kf_recompress_init(&other, &f.rig.io, f.rig.base, f.rig.dir, &err), KF_ABSENT, &err, "another kferry-recv");
	kf_recompress_deinit(&other);
	kf_recompress_deinit(&work);
	assert_true(rig_has(&f.rig, "vmcore-recompressing"));
	check_whole("killed", &f);
	CHECK_OK("again", recompress(&f, &err), &err);
	check_whole("again", &f);
	fixture_deinit(&f);
}

/* A page that is no longer what came is not carried over. */
static void damaged(void **state)
{
	struct kf_kdump_descriptor d = { 0 };
	struct kf_error err;
	struct fixture f;
	struct reader r;
	char path[300];
	int fd;

	(void)state;
	fixture_init(&f, KF_RECOMPRESS_ALWAYS);
	snprintf(path, sizeof(path), "%s/vmcore", f.rig.dir);
	assert_null(reader_open(&r, f.rig.base, path));
	for (unsigned int i = 0; d.flags != KF_REST_RAW || d.offset <= 4 * 4096; i++)
		memcpy(&d, r.file + r.table + i * sizeof(d), sizeof(d));
	reader_close(&r);
	fd = openat(f.rig.base, path, O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)d.offset + 77), 1);
	close(fd);
	CHECK_REFUSED("damaged", recompress(&f, &err), KF_INVALID, &err, "digest");
	assert_true(manifest_has(&f.rig, "\"given up\"") && !rig_has(&f.rig, "recompress") && !rig_has(&f.rig, "vmcore-recompressing"));
	fixture_deinit(&f);
}

static off_t little_room(void *ctx, int fd)
{
	(void)ctx, (void)fd;
	return 4096;
}

static void no_room(void **state)
{
	struct kf_io_ops ops = *kf_io_system.ops;
	const struct kf_io io = { .ops = &ops };
	struct kf_recompress work;
	struct kf_error err;
	struct fixture f;

	(void)state;
	ops.room = little_room;
	fixture_init(&f, KF_RECOMPRESS_ALWAYS);
	CHECK_REFUSED("no room", kf_recompress_init(&work, &io, f.rig.base, f.rig.dir, &err), KF_REFUSED, &err, "4096 bytes left");
	kf_recompress_give_up(&work, &err);
	kf_recompress_deinit(&work);
	check_whole("no room", &f);
	assert_true(manifest_has(&f.rig, "4096 bytes left"));
	fixture_deinit(&f);
}

static void pressure(void **state)
{
	static const struct {
		const char *name;
		unsigned int busy, idle, times, patience;
		bool high;
	} rows[] = {
		{ "a burst that waited in a socket", 60, 300, 20, 0, false },
		{ "all the time", 200, 0, 1, 0, true },
		{ "all the time, but not for long", 200, 0, 1, 100, false },
		{ "all the time, and long enough", 400, 0, 1, 100, true },
		{ "nearly all the time", 40, 1, 20, 0, true },
		{ "half of the time", 1, 1, 1000, 0, false },
		{ "it was so, and is over", 200, 100, 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kf_pressure p = { 0 };
		bool high = false;
		uint64_t now = 1000;

		for (unsigned int t = 0; t < rows[i].times; t++) {
			for (unsigned int n = 0; n < rows[i].busy; n++)
				high = kf_pressure_note(&p, true, now++, rows[i].patience);
			for (unsigned int n = 0; n < rows[i].idle; n++)
				high = kf_pressure_note(&p, false, now++, rows[i].patience);
		}
		CHECK_EQ(rows[i].name, high, rows[i].high);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_anew),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(begun_again),
		cmocka_unit_test(damaged),
		cmocka_unit_test(no_room),
		cmocka_unit_test(pressure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
