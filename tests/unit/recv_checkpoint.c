// SPDX-License-Identifier: GPL-2.0-or-later
// Checkpoints: each is valid while the next is made, the one before stays for readers that have the
// file open, and older ones give their blocks back.
#include "tests/unit/recv/judge.h"

#include "receiver/kdump/aside.h"
#include "receiver/kdump/checkpoint.h"
#include "receiver/kdump/packer.h"

#define PFNS 70000

struct bench {
	struct rig rig;
	struct kf_dumpfile dump;
	struct kf_file journal;
	struct kf_records records;
	uint64_t written;	/* of the journal, bytes */
	uint64_t pages;
	struct kf_pfnset ram;
};

static void bench_init(struct bench *b, uint64_t max_mapnr)
{
	const struct kf_dump facts = { .page_shift = 12, .max_mapnr = max_mapnr, .rest = KF_REST_ZSTD };
	struct kf_error err;

	memset(b, 0, sizeof(*b));
	rig_init(&b->rig);
	kf_pfnset_init(&b->ram, 100);
	CHECK_OK("ram", kf_pfnset_add(&b->ram, (struct kf_range){ 1, max_mapnr - 1 }, &err), &err);
	CHECK_OK("dump", kf_dumpfile_create(&b->dump, &b->rig.io, b->rig.base, "dump", &facts, &err), &err);
	CHECK_OK("journal", kf_file_create(&b->journal, &b->rig.io, b->rig.base, "journal", &err), &err);
	CHECK_OK("begin", kf_dumpfile_begin(&b->dump, &err), &err);
	CHECK_OK("header", kf_journal_put_header(&b->records, &err), &err);
}

static void bench_deinit(struct bench *b)
{
	kf_pfnset_deinit(&b->ram);
	kf_records_deinit(&b->records);
	kf_dumpfile_close(&b->dump);
	kf_file_close(&b->journal);
	rig_deinit(&b->rig);
}

/* One page whose bytes are all its number's lowest byte. */
static void add_page(struct bench *b, uint64_t pfn)
{
	uint8_t run[KF_RUN_BYTES];
	struct kf_writer w = kf_writer_on(run, sizeof(run));
	const struct kf_batch batch = { .page_shift = 12, .raw_bytes = 4096, .runs = run, .run_count = 1 };
	struct kf_stored_pages stored = { .run_count = 1, .runs = run };
	struct kf_packed packed;
	struct kf_error err;

	kf_put_u64(&w, pfn);
	kf_put_u32(&w, 1);
	kf_put_u32(&w, KF_RUN_DATA);
	memset(b->rig.packer->raw, (int)(pfn & 0xff), 4096);
	CHECK_OK("pack", kf_pack(b->rig.packer, &b->dump, &batch, KF_REST_ZSTD, &packed, &err), &err);
	stored.at = packed.extent.at;
	stored.bytes = (uint32_t)packed.extent.bytes;
	stored.entry_count = packed.entry_count;
	stored.entries = packed.entries;
	CHECK_OK("put", kf_journal_put_pages(&b->records, &stored, &err), &err);
	b->pages++;
}

static struct kf_checkpoint describe(struct bench *b)
{
	struct kf_error err;

	CHECK_OK("write", kf_file_write(&b->journal, b->records.bytes, b->records.used, b->written, &err), &err);
	b->written += b->records.used;
	b->records.used = 0;
	return (struct kf_checkpoint){
		.dump = &b->dump, .ram = &b->ram, .journal = &b->journal, .pages = b->pages,
		.span = { KF_JOURNAL_HEADER_BYTES, KF_JOURNAL_HEADER_BYTES, b->written },
	};
}

static void make(struct bench *b)
{
	struct kf_checkpoint c = describe(b);
	struct kf_error err;

	CHECK_OK("checkpoint", kf_checkpoint_make(&c, &err), &err);
}

static void check(struct bench *b, const struct reader *r, const uint64_t *pfns, size_t count, uint64_t max)
{
	uint8_t page[4096];
	size_t next = 0;

	for (uint64_t pfn = 0; pfn < max; pfn++) {
		assert_int_equal(reader_is_ram(r, pfn), kf_pfnset_covers(&b->ram, (struct kf_range){ pfn, pfn + 1 }));
		assert_int_equal(reader_has(r, pfn), next < count && pfns[next] == pfn);
		if (next < count && pfns[next] == pfn) {
			next++;
			assert_null(reader_page(r, pfn, page));
			assert_int_equal(page[17], pfn & 0xff);
		}
	}
	assert_int_equal(next, count);
}

static void look(struct bench *b, const uint64_t *pfns, size_t count, uint64_t max)
{
	struct reader r;

	assert_null(reader_open(&r, b->rig.base, "dump"));
	check(b, &r, pfns, count, max);
	reader_close(&r);
}

static void one_after_the_other(void **state)
{
	static const uint64_t pfns[] = { 3, 64, 65, 4000, 32767, 32768, 60000 };
	struct reader old;
	struct bench b;

	(void)state;
	bench_init(&b, PFNS);
	make(&b);
	look(&b, NULL, 0, PFNS);
	for (size_t i = 0; i < COUNT(pfns); i++) {
		struct kf_extent before = b.dump.table;

		assert_null(reader_open(&old, b.rig.base, "dump"));
		reader_close(&old);
		add_page(&b, pfns[i]);
		make(&b);
		look(&b, pfns, i + 1, PFNS);
		/* Who opened the file before still finds what it knew. */
		assert_int_equal(b.dump.old_table.at, before.at);
		old.file = malloc(old.len);
		assert_int_equal(pread(b.dump.file.fd, old.file, old.len, 0), old.len);
		check(&b, &old, pfns, i, PFNS);
		reader_close(&old);
	}
	bench_deinit(&b);
}

static uint64_t size_of(struct bench *b)
{
	struct stat st;

	assert_int_equal(fstat(b->dump.file.fd, &st), 0);
	return (uint64_t)st.st_size;
}

static void make_last(struct bench *b)
{
	struct kf_checkpoint c = describe(b);
	struct kf_error err;

	c.last = c.whole = true;
	CHECK_OK("last checkpoint", kf_checkpoint_make(&c, &err), &err);
}

/* The finished file is what its pages take, up to a block, and one table. */
static void check_size(struct bench *b, uint64_t pages_end)
{
	uint64_t table = kf_layout_table_bytes(&b->dump.layout, b->pages);

	assert_int_equal(b->dump.table.at, (pages_end + 4095) / 4096 * 4096);
	assert_int_equal(size_of(b), b->dump.table.at + table);
}

/* Tables lie behind all that the pages can take, and none of them is left at the end. */
static void aside(void **state)
{
	static const uint64_t pfns[] = { 3, 64, 65, 4000, 32767, 32768, 60000 };
	uint64_t most, end;
	struct bench b;

	(void)state;
	bench_init(&b, PFNS);
	most = b.dump.layout.data_at + b.ram.pages * 4096;
	kf_aside_begin(&b.dump, b.ram.pages);
	for (size_t i = 0; i < COUNT(pfns); i++) {
		struct kf_extent before = b.dump.table;

		end = atomic_load(&b.dump.end);
		add_page(&b, pfns[i]);
		make(&b);
		look(&b, pfns, i + 1, PFNS);
		assert_true(b.dump.table.at >= most && b.dump.table.at >= before.at + before.bytes);
		assert_int_equal(b.dump.old_table.at, before.at);
		assert_true(atomic_load(&b.dump.end) - end <= 4096);	/* the page alone */
		assert_true(kf_aside_is(&b.dump, atomic_load(&b.dump.end)));
	}
	end = atomic_load(&b.dump.end);
	make_last(&b);
	assert_false(kf_aside_is(&b.dump, end));
	look(&b, pfns, COUNT(pfns), PFNS);
	check_size(&b, end);
	bench_deinit(&b);
}

/* The table of a receiver that was killed: bytes that nobody names are gone, and a copy lies behind the pages. */
static void lowered(void **state)
{
	static const uint64_t pfns[] = { 1, 524287, 524288, 1800000 };
	static const uint8_t rubbish[3 * 4096] = { [0 ... 3 * 4096 - 1] = 0xff };
	struct kf_error err;
	struct bench b;
	uint64_t end, named;

	(void)state;
	bench_init(&b, 2100000);
	kf_aside_begin(&b.dump, b.ram.pages);
	for (size_t i = 0; i < COUNT(pfns); i++)
		add_page(&b, pfns[i]);
	make(&b);
	make(&b);
	end = atomic_load(&b.dump.end);
	CHECK_OK("rubbish", kf_file_write(&b.dump.file, rubbish, sizeof(rubbish), kf_dumpfile_take(&b.dump, sizeof(rubbish), 1), &err), &err);
	CHECK_OK("pages' end", kf_aside_pages_end(&b.dump, &named, &err), &err);
	assert_int_equal(named, end);
	assert_true(kf_aside_clear(&b.dump, end));
	CHECK_OK("lower", kf_aside_lower(&b.dump, &err), &err);
	check_size(&b, end);
	assert_int_equal(b.dump.old_table.bytes, 0);
	look(&b, pfns, COUNT(pfns), 2100000);
	bench_deinit(&b);
}

static int second_sync_fails(void *ctx, int fd)
{
	int *calls = ctx;

	errno = EIO;
	return ++*calls == 2 ? -1 : kf_io_system.ops->fdatasync(NULL, fd);
}

/* When block 0 may point to either of two tables, neither is given back. */
static void torn(void **state)
{
	struct kf_io_ops ops = *kf_io_system.ops;
	int syncs = 0;
	const struct kf_io io = { .ops = &ops, .ctx = &syncs };
	struct kf_extent before;
	struct kf_checkpoint c;
	struct kf_error err;
	struct bench b;

	(void)state;
	ops.fdatasync = second_sync_fails;
	bench_init(&b, PFNS);
	kf_aside_begin(&b.dump, b.ram.pages);
	add_page(&b, 9);
	make(&b);
	before = b.dump.table;
	add_page(&b, 10);
	c = describe(&b);
	b.dump.file.io = &io;
	CHECK_REFUSED("no sync", kf_checkpoint_make(&c, &err), KF_FAILED, &err, "bring it to disk");
	assert_true(b.dump.torn && b.dump.old_table.at == before.at);
	assert_false(kf_aside_clear(&b.dump, atomic_load(&b.dump.end)));
	CHECK_OK("flip", kf_dumpfile_flip(&b.dump, before.at, false, &err), &err);
	look(&b, (const uint64_t[]){ 9 }, 1, PFNS);
	make_last(&b);
	look(&b, (const uint64_t[]){ 9, 10 }, 2, PFNS);
	assert_int_equal(size_of(&b), b.dump.table.at + b.dump.table.bytes);
	bench_deinit(&b);
}

static int no_punch(void *ctx, int fd, off_t at, off_t len)
{
	(void)ctx, (void)fd, (void)at, (void)len;
	errno = EOPNOTSUPP;
	return -1;
}

static ssize_t no_far_pwrite(void *ctx, int fd, const void *bytes, size_t len, off_t at)
{
	if (at >= PFNS * 4096ll) {
		errno = EFBIG;
		return -1;
	}
	return kf_io_system.ops->pwrite(ctx, fd, bytes, len, at);
}

/* Where there can be no holes, or files may not be so large, tables lie among the pages. */
static void appended(void **state)
{
	static const uint64_t pfns[] = { 70, 71, 72 };
	struct kf_io_ops ops[2] = { *kf_io_system.ops, *kf_io_system.ops };
	struct bench b;
	uint64_t end;

	(void)state;
	ops[0].punch = no_punch;
	ops[1].pwrite = no_far_pwrite;
	for (size_t i = 0; i < COUNT(ops); i++) {
		const struct kf_io io = { .ops = &ops[i] };

		bench_init(&b, PFNS);
		b.dump.file.io = &io;
		kf_aside_begin(&b.dump, b.ram.pages);
		for (size_t n = 0; n < COUNT(pfns); n++) {
			add_page(&b, pfns[n]);
			end = atomic_load(&b.dump.end);
			make(&b);
			assert_true(b.dump.table.at >= end && b.dump.table.at < end + 4096);
			look(&b, pfns, n + 1, PFNS);
		}
		end = atomic_load(&b.dump.end);
		make_last(&b);
		check_size(&b, end);
		look(&b, pfns, COUNT(pfns), PFNS);
		bench_deinit(&b);
	}
}

static uint64_t blocks_of(struct bench *b)
{
	struct stat st;

	assert_int_equal(fstat(b->dump.file.fd, &st), 0);
	return (uint64_t)st.st_blocks;
}

static void old_tables_go(void **state)
{
	struct bench b;
	uint64_t few, many;

	(void)state;
	bench_init(&b, 8 * PFNS);
	for (uint64_t i = 0; i < 3; i++) {
		add_page(&b, 5 + i);
		make(&b);
	}
	few = blocks_of(&b);
	for (uint64_t i = 3; i < 40; i++) {
		add_page(&b, 5 + i);
		make(&b);
	}
	many = blocks_of(&b);
	if (many > few + 40 * 2 * 8)	/* two blocks for each page and the edges of its table */
		fail_msg("%" PRIu64 " sectors after 3 checkpoints, %" PRIu64 " after 40", few, many);
	bench_deinit(&b);
}

/* Bitmaps of several pieces, with pieces between that have no bit. */
static void far_apart(void **state)
{
	static const uint64_t pfns[] = { 1, 524287, 524288, 1800000, 2099998 };
	struct bench b;
	struct reader r;
	uint8_t page[4096];

	(void)state;
	bench_init(&b, 2100000);
	for (size_t i = 0; i < COUNT(pfns); i++)
		add_page(&b, pfns[i]);
	make(&b);
	assert_null(reader_open(&r, b.rig.base, "dump"));
	for (size_t i = 0; i < COUNT(pfns); i++) {
		assert_true(reader_has(&r, pfns[i]) && reader_is_ram(&r, pfns[i]));
		assert_false(reader_has(&r, pfns[i] + 2));
	}
	assert_null(reader_page(&r, 1, page));
	assert_null(reader_page(&r, 2099998, page));
	assert_false(reader_is_ram(&r, 0) || reader_is_ram(&r, 2099999) || reader_is_ram(&r, 2100000));
	reader_close(&r);
	bench_deinit(&b);
}

static void refusals(void **state)
{
	struct kf_checkpoint c;
	struct kf_error err;
	struct bench b;

	(void)state;
	bench_init(&b, PFNS);
	add_page(&b, 7);
	make(&b);
	c = describe(&b);
	c.pages = 2;
	CHECK_REFUSED("a page is missing", kf_checkpoint_make(&c, &err), KF_INVALID, &err, "1 pages where 2 should be");
	c.pages = 0;
	CHECK_REFUSED("a page too many", kf_checkpoint_make(&c, &err), KF_INVALID, &err, "too many");
	c.pages = 1;
	b.dump.facts.max_mapnr = 7;
	CHECK_REFUSED("a page beyond max_mapnr", kf_checkpoint_make(&c, &err), KF_INVALID, &err, "too many");
	b.dump.facts.max_mapnr = PFNS;
	c.span.end--;
	CHECK_REFUSED("half a record", kf_checkpoint_make(&c, &err), KF_INVALID, &err, "damaged");
	look(&b, (const uint64_t[]){ 7 }, 1, PFNS);
	atomic_store(&b.dump.end, (4096ull << 31) + 1);
	c = describe(&b);
	CHECK_REFUSED("too far", kf_checkpoint_make(&c, &err), KF_REFUSED, &err, "cannot point");
	bench_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(old_tables_go),
		cmocka_unit_test(aside),
		cmocka_unit_test(lowered),
		cmocka_unit_test(torn),
		cmocka_unit_test(appended),
		cmocka_unit_test(far_apart),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
