// SPDX-License-Identifier: GPL-2.0-or-later
// Disks that fail and machines that die: each call to the system fails in turn, and the power goes at each
// moment. What is left opens and holds only right pages, or does not look like a dump.
#include "receiver/store/journal.h"
#include "tests/unit/recv/judge.h"

static void make_plan(struct plan *p)
{
	plan_default(p);
	plan_add(p->vital, 255, 259);
	plan_add(p->vital, 606, 607);
	for (int i = 0; i < PLAN_WORDS; i++)
		p->kept[i] |= p->vital[i];
	p->batch_pages = 40;
}

static void after_a_fault(const char *name, struct rig *r, const struct plan *p)
{
	struct reader f;
	char path[300];

	if (r->status == KF_OK) {
		judge_rig(name, r, p, true);
		return;
	}
	CHECK_EQ(name, r->replies[KF_MSG_STORED], 0);
	snprintf(path, sizeof(path), "%s/%s", r->dir, rig_has(r, "vmcore") ? "vmcore" : "vmcore-incomplete");
	if (r->file[0]) {
		CHECK(name, !reader_open(&f, r->base, path));
		judge_reader(name, &f, p, false);
		reader_close(&f);
	}
	if (r->fail_on || !r->dir[0])
		return;
	/* A disk that failed once and works again: nothing may look finished. */
	CHECK(name, !rig_has(r, "vmcore"));
	if (r->file[0])
		judge_rig(name, r, p, false);
	if (!r->file[0] && rig_has(r, "vmcore-incomplete"))
		CHECK(name, reader_open(&f, r->base, path));
}

static unsigned int run_with_fault(const struct plan *p, const struct plan_stream *s, unsigned int at, bool on, int error)
{
	char name[80];
	unsigned int calls;
	struct rig r;

	snprintf(name, sizeof(name), "call %u fails with %s%s", at, strerrorname_np(error), on ? ", and all behind it" : "");
	rig_init(&r);
	r.seed = at;
	r.fail_at = at;
	r.fail_on = on;
	r.fail_errno = error;
	rig_run(&r, s->bytes, s->len);
	calls = r.calls;
	if (at && at <= calls)
		after_a_fault(name, &r, p);
	rig_deinit(&r);
	return calls;
}

static void every_call_fails(void **state)
{
	struct plan_stream s;
	struct plan p;
	unsigned int calls;

	(void)state;
	make_plan(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	calls = run_with_fault(&p, &s, 0, false, 0);
	assert_true(calls > 100);
	for (unsigned int i = 1; i <= calls + 10; i++) {
		run_with_fault(&p, &s, i, false, EIO);
		run_with_fault(&p, &s, i, true, ENOSPC);
	}
	plan_stream_free(&s);
}

/* A disk that has only what was synced, and of the rest any part. */
#define DISK_BYTES (8u << 20)
#define PENDING_MAX 4096

struct pending {
	uint8_t *bytes;		/* NULL: zeros */
	size_t len, at;
};

struct disk {
	const struct plan *plan;
	uint8_t *synced;	/* DISK_BYTES: what is there for sure */
	size_t len;
	int fd;			/* of the dump file */
	struct pending pending[PENDING_MAX];
	unsigned int count;
	uint64_t seed;
	unsigned int crashes, readable;
};

static bool is_named(int fd, const char *name)
{
	char link[64], target[300];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	return strstr(target, name) != NULL;
}

static bool is_dump(struct disk *d, int fd)
{
	if (d->fd < 0 && is_named(fd, "/vmcore-incomplete"))
		d->fd = fd;
	return d->fd == fd;
}

static void apply(uint8_t *image, size_t *len, const struct pending *p)
{
	assert_true(p->at + p->len <= DISK_BYTES);
	if (p->bytes)
		memcpy(image + p->at, p->bytes, p->len);
	else
		memset(image + p->at, 0, p->len);
	if (p->bytes && p->at + p->len > *len)
		*len = p->at + p->len;
}

/* The power goes now: some of what is not synced is there, some is not. */
static void crash(struct rig *r, struct disk *d)
{
	static uint8_t image[DISK_BYTES];
	struct reader f;
	size_t len = d->len;
	int fd;

	memcpy(image, d->synced, DISK_BYTES);
	for (unsigned int i = 0; i < d->count; i++)
		if (next_random(&d->seed) % 2)
			apply(image, &len, &d->pending[i]);
	fd = openat(r->base, "image", O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, image, len), (ssize_t)len);
	close(fd);
	d->crashes++;
	if (!reader_open(&f, r->base, "image")) {
		d->readable++;
		judge_reader("after a crash", &f, d->plan, false);
	} else if (len >= 8) {
		assert_memory_not_equal(image, "KDUMP", 5);
	}
	reader_close(&f);
}

static void sync_all(struct disk *d)
{
	for (unsigned int i = 0; i < d->count; i++) {
		apply(d->synced, &d->len, &d->pending[i]);
		free(d->pending[i].bytes);
	}
	d->count = 0;
}

/* Whatever a record that is on disk names is on disk too. */
static void check_journal(struct disk *d, int fd)
{
	const struct kf_file file = { .io = &kf_io_system, .name = "journal", .fd = fd };
	struct kf_journal_reader reader;
	struct kf_stored_pages pages;
	struct kf_record record;
	struct kf_error err;
	struct stat st;
	uint8_t *now = malloc(DISK_BYTES);
	ssize_t n = pread(d->fd, now, DISK_BYTES, 0);

	assert_true(now && n > 0 && !fstat(fd, &st));
	assert_int_equal(kf_journal_reader_init(&reader, &file, 0, (uint64_t)st.st_size, &err), KF_OK);
	while (kf_journal_next(&reader, &record, &err) == KF_OK) {
		if (record.type != KF_RECORD_PAGES)
			continue;
		assert_int_equal(kf_record_pages(&pages, &record, &err), KF_OK);
		assert_true(pages.at + pages.bytes <= d->len || !pages.bytes);
		assert_memory_equal(d->synced + pages.at, now + pages.at, pages.bytes);
	}
	assert_int_equal(reader.at, st.st_size);
	kf_journal_reader_deinit(&reader);
	free(now);
}

static void watch(struct rig *r, enum rig_change change, int fd, const void *bytes, size_t len, off_t at)
{
	struct disk *d = r->watch_ctx;
	struct pending *p = &d->pending[d->count];

	if (!is_dump(d, fd)) {
		if (change == RIG_SYNC && d->fd >= 0 && is_named(fd, "/journal"))
			check_journal(d, fd);
		return;
	}
	if (change == RIG_SYNC) {
		crash(r, d);
		sync_all(d);
		return;
	}
	assert_true(d->count < PENDING_MAX && change != RIG_CUT);
	*p = (struct pending){ .len = len, .at = (size_t)at };
	if (change == RIG_WRITE) {
		p->bytes = malloc(len);
		memcpy(p->bytes, bytes, len);
	}
	d->count++;
	if (next_random(&d->seed) % 8 == 0)
		crash(r, d);
}

static void power_goes(void **state)
{
	unsigned int crashes = 0, readable = 0;
	struct plan_stream s;
	struct plan p;

	(void)state;
	make_plan(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	for (uint64_t seed = 1; seed < 20; seed++) {
		struct disk d = { .plan = &p, .fd = -1, .seed = seed, .synced = calloc(1, DISK_BYTES) };
		struct rig r;

		rig_init(&r);
		r.seed = seed;
		r.watch = watch;
		r.watch_ctx = &d;
		rig_run(&r, s.bytes, s.len);
		assert_int_equal(r.status, KF_OK);
		crash(&r, &d);
		crashes += d.crashes;
		readable += d.readable;
		sync_all(&d);
		free(d.synced);
		rig_deinit(&r);
	}
	assert_true(crashes > 400 && readable > 200);
	plan_stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_fails),
		cmocka_unit_test(power_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
