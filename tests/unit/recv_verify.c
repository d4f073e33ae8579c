// SPDX-License-Identifier: GPL-2.0-or-later
// A dump against its manifest: whole ones pass, and no byte of headers, bitmaps, table or pages can change unnoticed but for those
// that are listed here.
#include "tests/unit/recv/judge.h"

#include <sys/stat.h>

#include "receiver/kdump/format.h"
#include "receiver/stream/verify.h"

struct lying {
	struct rig r;
	char path[400];		/* of the dump's file */
	uint8_t *bytes;		/* of the file as it should be */
	size_t len;
	int fd;
	FILE *out;
};

/* Fewer pages than the default, so that every byte can have its turn. */
static void small(struct plan *p)
{
	plan_default(p);
	memset(p->kept, 0, sizeof(p->kept));
	memset(p->zero, 0, sizeof(p->zero));
	memset(p->unreadable, 0, sizeof(p->unreadable));
	memset(p->undecided, 0, sizeof(p->undecided));
	plan_add(p->kept, 4, 8);
	plan_add(p->kept, 257, 260);
	plan_add(p->kept, 999, 1000);
	plan_add(p->zero, 258, 259);
	plan_add(p->unreadable, 6, 7);
}

static void make(struct lying *l, const struct plan *p)
{
	struct plan_stream s;
	struct stat st;

	rig_init(&l->r);
	plan_stream_make(&s, p, NULL, NULL);
	if (p->no_end)
		s.len -= 10;
	rig_run(&l->r, s.bytes, s.len);
	plan_stream_free(&s);
	snprintf(l->path, sizeof(l->path), "%s/%s/%s", l->r.path, l->r.dir, l->r.file);
	l->fd = open(l->path, O_RDWR);
	assert_true(l->fd >= 0);
	assert_int_equal(fstat(l->fd, &st), 0);
	l->len = (size_t)st.st_size;
	l->bytes = malloc(l->len);
	assert_int_equal(pread(l->fd, l->bytes, l->len, 0), (ssize_t)l->len);
	l->out = fopen("/dev/null", "w");
}

static void unmake(struct lying *l)
{
	free(l->bytes);
	close(l->fd);
	fclose(l->out);
	rig_deinit(&l->r);
}

static enum kf_status verify(struct lying *l, struct kf_error *err)
{
	return kf_verify_dump(l->out, l->path, err);
}

enum { WATCHED, UNWATCHED, PAGE_DATA };	/* what a byte of the file is */

/* A map of the file: damage of the unwatched bytes cannot be noticed, since the manifest does not tell of them and no reader's pages depend on
 * them. */
static void unwatched(const struct lying *l, uint8_t *map)
{
	const struct kf_kdump_header *h = (const void *)l->bytes;
	const uint64_t block = (uint64_t)h->block_size, table = ((uint64_t)h->sub_hdr_size + 1) * block;
	const struct kf_kdump_sub_header *sub = (const void *)(l->bytes + block);
	const struct kf_kdump_descriptor *d = (const void *)(l->bytes + table + (uint64_t)h->bitmap_blocks * block);
	uint64_t pages = 0;

	memset(map, UNWATCHED, l->len);	/* padding of blocks and between pages; the table before the last one */
	memset(map, 0, offsetof(struct kf_kdump_header, seconds));
	/* The manifest does not have: the names of system, host and domain, when it crashed, how many CPUs. */
	memset(map + 12, UNWATCHED, 2 * 65);
	memset(map + 12 + 5 * 65, UNWATCHED, 65);
	memset(map + 416, 0, offsetof(struct kf_kdump_header, nr_cpus) - 416);
	/* phys_base; where in the notes VMCOREINFO is, where they end, and they themselves. */
	memset(map + block + 8, 0, sizeof(*sub) - 8);
	memset(map + block + 32, UNWATCHED, 16);
	memset(map + block + 56, UNWATCHED, 8);
	/* Both bitmaps and the table. */
	memset(map + table, 0, (size_t)h->bitmap_blocks * block);
	for (uint64_t i = 0; i < block; i++)
		for (uint8_t bits = l->bytes[table + h->bitmap_blocks / 2 * block + i]; bits; bits &= (uint8_t)(bits - 1))
			pages++;
	memset(map + ((const uint8_t *)d - l->bytes), 0, pages * sizeof(*d));
	for (uint64_t i = 0; i < pages; i++)
		memset(map + d[i].offset, PAGE_DATA, d[i].size);
}

static void whole(void **state)
{
	struct lying l;
	struct plan p;
	struct kf_error err;
	char dir[400];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		plan_default(&p);
		p.rest = i == 0 ? KF_REST_ZSTD : i == 1 ? KF_REST_ZLIB : KF_REST_RAW;
		make(&l, &p);
		if (verify(&l, &err))
			fail_msg("%s", err.text);
		snprintf(dir, sizeof(dir), "%s/%s", l.r.path, l.r.dir);
		assert_int_equal(kf_verify_dump(l.out, dir, &err), KF_OK);
		snprintf(dir, sizeof(dir), "%s/%s/manifest.json", l.r.path, l.r.dir);
		assert_int_equal(unlink(dir), 0);
		assert_int_equal(verify(&l, &err), KF_ABSENT);
		unmake(&l);
	}
	plan_default(&p);
	p.no_end = true;
	make(&l, &p);
	assert_int_equal(verify(&l, &err), KF_INCOMPLETE);
	unmake(&l);
}

/* Each byte in turn; damage that is in no list is noticed. */
static void damage(const struct plan *p)
{
	struct lying l;
	struct kf_error err;
	uint8_t *map;
	unsigned int noticed = 0, missed = 0, quiet = 0, alike = 0;

	make(&l, p);
	map = malloc(l.len);
	unwatched(&l, map);
	for (size_t at = 0; at < l.len; at++) {
		uint8_t other = l.bytes[at] ^ (uint8_t)(1u << (at % 8));

		assert_int_equal(pwrite(l.fd, &other, 1, (off_t)at), 1);
		if (verify(&l, &err)) {
			noticed++;
		} else if (map[at] == PAGE_DATA) {
			/* Some bits of a packed page mean nothing, or another way to the same bytes: a reader that shares no
			 * code with --verify sees every page as it should be. */
			judge_rig("a flip that was not noticed", &l.r, p, true);
			alike++;
		} else if (map[at] == WATCHED) {
			missed++;
			print_message("byte %zu was changed, and nothing was noticed\n", at);
		} else {
			quiet++;
		}
		assert_int_equal(pwrite(l.fd, &l.bytes[at], 1, (off_t)at), 1);
	}
	assert_int_equal(verify(&l, &err), KF_OK);
	print_message("%u bytes noticed, %u give the same page, %u need not be\n", noticed, alike, quiet);
	assert_int_equal(missed, 0);
	free(map);
	unmake(&l);
}

static void damaged(void **state)
{
	struct plan p;

	(void)state;
	small(&p);
	damage(&p);
	p.rest = KF_REST_ZLIB;
	damage(&p);
}

/* A file that ends anywhere is no whole one, and nothing crashes. */
static void cut(void **state)
{
	struct lying l;
	struct plan p;
	struct kf_error err;

	(void)state;
	small(&p);
	make(&l, &p);
	for (size_t len = 0; len < l.len; len += 37) {
		assert_int_equal(ftruncate(l.fd, (off_t)len), 0);
		assert_int_equal(verify(&l, &err), KF_INVALID);
		assert_int_equal(pwrite(l.fd, l.bytes, l.len, 0), (ssize_t)l.len);
	}
	unmake(&l);
}

/* Several bytes at once, in the parts that lead to others. */
static void noise(void **state)
{
	struct lying l;
	struct plan p;
	struct kf_error err;
	uint64_t seed = 1;
	uint8_t *bytes;

	(void)state;
	small(&p);
	make(&l, &p);
	bytes = malloc(l.len);
	for (unsigned int i = 0; i < 3000; i++) {
		memcpy(bytes, l.bytes, l.len);
		for (uint64_t n = 1 + next_random(&seed) % 4; n; n--) {
			uint64_t at = next_random(&seed) % (next_random(&seed) % 2 ? 464 : l.len);

			bytes[at % 2 ? at : (next_random(&seed) % 2 ? 424 + at % 36 : at)] = (uint8_t)next_random(&seed);
		}
		assert_int_equal(pwrite(l.fd, bytes, l.len, 0), (ssize_t)l.len);
		(void)!verify(&l, &err);
	}
	free(bytes);
	unmake(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(damaged),
		cmocka_unit_test(cut),
		cmocka_unit_test(noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
