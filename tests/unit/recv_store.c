// SPDX-License-Identifier: GPL-2.0-or-later
// Directories, files and manifests: names that no peer decides, and files that are whole or not there.
#include "tests/unit/recv/rig.h"

#include <jansson.h>
#include <sys/stat.h>

#include "receiver/store/dumpdir.h"
#include "receiver/store/file.h"
#include "receiver/store/manifest_json.h"

static void names(void **state)
{
	static const struct { const char *host, *wanted; } table[] = {
		{ "192.0.2.7", "192.0.2.7-2023-11-14-" },
		{ "2001:db8::1", "2001-db8--1-2023-11-14-" },
		{ "::1", "0--1-2023-11-14-" },
		{ "fe80::1%eth0", "fe80--1eth0-2023-11-14-" },
		{ "../../etc", "0....etc-2023-11-14-" },
		{ ".", "0.-2023-11-14-" },
		{ "", "0-2023-11-14-" },
		{ "a/b\nc", "abc-2023-11-14-" },
	};
	struct kf_dumpdir d;
	struct kf_error err;
	struct stat st;
	struct rig r;

	(void)state;
	setenv("TZ", "UTC", 1);
	rig_init(&r);
	for (size_t i = 0; i < COUNT(table); i++) {
		CHECK_OK(table[i].host, kf_dumpdir_create(&d, &r.io, r.base, table[i].host, 1700000000, &err), &err);
		if (strncmp(d.name, table[i].wanted, strlen(table[i].wanted)) != 0)
			fail_msg("'%s' became '%s'", table[i].host, d.name);
		assert_int_equal(fstatat(r.base, d.name, &st, 0), 0);
		assert_int_equal(st.st_mode & 07777, 0700);
		kf_dumpdir_close(&d);
	}
	CHECK_OK("again", kf_dumpdir_create(&d, &r.io, r.base, "::1", 1700000000, &err), &err);
	CHECK_TEXT("again", d.name, "0--1-2023-11-14-22:13:20.2");
	kf_dumpdir_close(&d);
	CHECK_OK("again", kf_dumpdir_create(&d, &r.io, r.base, "::1", 1700000000, &err), &err);
	CHECK_TEXT("again", d.name, "0--1-2023-11-14-22:13:20.3");
	kf_dumpdir_close(&d);
	rig_deinit(&r);
}

static void files(void **state)
{
	char bytes[5000], back[5000];
	struct kf_file f, g;
	struct kf_error err;
	struct stat st;
	struct rig r;

	(void)state;
	rig_init(&r);
	memset(bytes, 'x', sizeof(bytes));
	CHECK_OK("create", kf_file_create(&f, &r.io, r.base, "f", &err), &err);
	CHECK_REFUSED("create again", kf_file_create(&g, &r.io, r.base, "f", &err), KF_FAILED, &err, "f: cannot make it: File exists");
	assert_int_equal(symlinkat("elsewhere", r.base, "link"), 0);
	CHECK_REFUSED("through a link", kf_file_create(&g, &r.io, r.base, "link", &err), KF_FAILED, &err, "link");
	assert_int_equal(fstat(f.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	CHECK_OK("write in pieces", kf_file_write(&f, bytes, sizeof(bytes), 10, &err), &err);
	CHECK_OK("read in pieces", kf_file_read(&f, back, sizeof(back), 10, &err), &err);
	assert_memory_equal(bytes, back, sizeof(bytes));
	CHECK_REFUSED("read beyond", kf_file_read(&f, back, sizeof(back), 11, &err), KF_FAILED, &err, "ends at 5010, 1 bytes too early");
	r.fail_at = r.calls + 2;
	r.fail_errno = ENOSPC;
	CHECK_REFUSED("second piece", kf_file_write(&f, bytes, sizeof(bytes), 0, &err), KF_FAILED, &err, "No space left");
	kf_file_close(&f);
	kf_file_close(&f);
	rig_deinit(&r);
}

static void texts(void **state)
{
	char out[8];

	(void)state;
	kf_manifest_text(out, sizeof(out), "a\nb\xff", 4);
	CHECK_TEXT("not printable", out, "a?b?");
	kf_manifest_text(out, sizeof(out), "longer than eight", 17);
	CHECK_TEXT("cut", out, "longer ");
	kf_manifest_text(out, sizeof(out), "ab\0cd", 5);
	CHECK_TEXT("ends", out, "ab");
	kf_manifest_host(out, sizeof(out), "../a b\n_", 8);
	CHECK_TEXT("host", out, "..ab_");
	kf_manifest_host(out, sizeof(out), "h\xc3\xb6st", 5);
	CHECK_TEXT("host", out, "hst");
}

static struct kf_manifest *example(void)
{
	struct kf_manifest *m = calloc(1, sizeof(*m));

	m->state = KF_STATE_INCOMPLETE;
	m->file = KF_DUMP_UNFINISHED;
	strcpy(m->reason, "a \"quoted\" reason");
	m->codec = "zstd";
	m->max_mapnr = 1000;
	m->first_missing = 512;
	m->begun = 1700000000;
	m->tally.pages[KF_KEPT] = UINT64_MAX;
	for (uint64_t i = 0; i < KF_MANIFEST_RANGES + 5; i++)
		kf_manifest_list_add(&m->unreadable, (struct kf_range){ 10 * i, 10 * i + 2 });
	return m;
}

static void json(void **state)
{
	struct kf_manifest *m = example();
	json_int_t pages, total, kept, first, end;
	const char *text_state, *reason, *begun;
	json_t *o, *ranges;
	char *text;

	(void)state;
	text = kf_manifest_json(m);
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_int_equal(json_unpack(o, "{s:s, s:s, s:s, s:{s:I}, s:{s:{s:I, s:I, s:o}, s:[I, I]}}",
				     "state", &text_state, "reason", &reason, "begun", &begun, "pages", "kept", &kept,
				     "lacking", "unreadable", "pages", &pages, "ranges_total", &total, "ranges", &ranges,
				     "not_received", &first, &end), 0);
	CHECK_TEXT("state", text_state, "incomplete");
	CHECK_TEXT("reason", reason, "a \"quoted\" reason");
	CHECK_TEXT("begun", begun, "2023-11-14T22:13:20Z");
	assert_int_equal(pages, 2 * (KF_MANIFEST_RANGES + 5));
	assert_int_equal(total, KF_MANIFEST_RANGES + 5);
	assert_int_equal(json_array_size(ranges), KF_MANIFEST_RANGES);
	assert_int_equal(kept, INT64_MAX);
	assert_int_equal(first, 512);
	assert_int_equal(end, 1000);
	assert_null(json_object_get(o, "crash_time"));
	assert_null(json_object_get(o, "digest"));
	json_decref(o);
	free(text);
	free(m);
}

/* Whatever fails, the manifest before stays, and nothing is left beside it. */
static void manifest_is_whole(void **state)
{
	struct kf_manifest *m = example();
	struct kf_dumpdir d;
	struct kf_error err;
	struct stat st;
	struct rig r;
	unsigned int calls;

	(void)state;
	rig_init(&r);
	CHECK_OK("directory", kf_dumpdir_create(&d, &r.io, r.base, "h", 1700000000, &err), &err);
	CHECK_OK("first", kf_manifest_write(m, &d, &err), &err);
	calls = r.calls;
	CHECK_OK("second", kf_manifest_write(m, &d, &err), &err);
	calls = r.calls - calls;
	for (unsigned int i = 1; i <= calls; i++) {
		r.fail_at = r.calls + i;
		r.fail_errno = EIO;
		assert_int_equal(kf_manifest_write(m, &d, &err), KF_FAILED);
		assert_int_equal(fstatat(d.fd, "manifest.json", &st, 0), 0);
		assert_true(st.st_size > 100);
		/* The first call removes what a killed receiver may have left. */
		assert_int_equal(fstatat(d.fd, "manifest.json.new", &st, 0), -1);
	}
	kf_dumpdir_close(&d);
	rig_deinit(&r);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(files),
		cmocka_unit_test(texts),
		cmocka_unit_test(json),
		cmocka_unit_test(manifest_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
