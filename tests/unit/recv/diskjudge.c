// SPDX-License-Identifier: GPL-2.0-or-later
// Whether what lies on a disk keeps what the receiver promised; see diskjudge.h.
#include "tests/unit/recv/diskjudge.h"

#include <jansson.h>

#include "tests/unit/recv/reader.h"
#include "tests/unit/unit.h"

#define RESUME_INTRO 1
#define RESUME_VITAL 2

void diskjudge_init(struct diskjudge *j, const struct plan *plan)
{
	memset(j, 0, sizeof(*j));
	j->plan = plan;
}

void diskjudge_deinit(struct diskjudge *j)
{
	for (int i = 0; i < PLAN_PFNS; i++)
		free(j->memo[i].bytes);
}

#define WRONG(j, ...) (snprintf((j)->wrong, sizeof((j)->wrong), __VA_ARGS__), (j)->wrong)

static bool sent(const struct plan *p, uint64_t pfn)
{
	return plan_has(p->kept, pfn) && !plan_has(p->unreadable, pfn);
}

/* Whether the receiver said that it has this page. */
static bool promised(const struct plan *p, const struct disk_promise *promise, uint64_t pfn)
{
	if (!sent(p, pfn) || !(promise->flags & RESUME_INTRO))
		return false;
	return pfn < promise->pfn || (plan_has(p->vital, pfn) && promise->flags & RESUME_VITAL);
}

/* Unpacking is slow, and most pages are those of the state before. */
static const char *check_page(struct diskjudge *j, const struct reader *f, uint64_t pfn, uint64_t offset, uint32_t size,
			      uint32_t flags)
{
	struct page_memo *m = &j->memo[pfn];
	uint8_t got[PLAN_PAGE], wanted[PLAN_PAGE];
	const char *wrong;

	if (m->bytes && m->size == size && m->flags == flags && offset + size <= f->len && offset >= 2 * PLAN_PAGE &&
	    memcmp(m->bytes, f->file + offset, size) == 0)
		return NULL;
	wrong = reader_unpack(f, offset, size, flags, got);
	if (wrong)
		return wrong;
	plan_page(j->plan, pfn, wanted);
	if (memcmp(got, wanted, PLAN_PAGE) != 0)
		return "is not the one that was sent";
	free(m->bytes);
	m->bytes = malloc(size);
	if (!m->bytes)
		abort();
	memcpy(m->bytes, f->file + offset, size);
	m->size = size;
	m->flags = flags;
	return NULL;
}

static uint64_t num(const struct reader *f, uint64_t offset, unsigned int bytes)
{
	uint64_t v = 0;

	if (offset + bytes <= f->len)
		memcpy(&v, f->file + offset, bytes);
	return v;
}

/* A dump that opens: bitmaps, descriptors, pages. With ALL nothing that was sent may be missing, with IN_FILE nothing
 * that was promised. Counts its pages. */
static const char *check_dump(struct diskjudge *j, const struct reader *f, const struct disk_promise *promise, bool all,
			      bool in_file, uint64_t *pages)
{
	const struct plan *p = j->plan;
	const char *wrong;

	if (f->max_mapnr != p->max_mapnr)
		return "another max_mapnr";
	*pages = 0;
	for (uint64_t pfn = 0; pfn < PLAN_PFNS; pfn++) {
		uint64_t d = f->table + 24 * *pages;

		if (reader_is_ram(f, pfn) != plan_has(p->ram, pfn))
			return WRONG(j, "bitmap 1 is wrong for page %" PRIu64, pfn);
		if (!reader_has(f, pfn)) {
			if ((all && sent(p, pfn)) || (in_file && promised(p, promise, pfn)))
				return WRONG(j, "page %" PRIu64 " is not in the file", pfn);
			continue;
		}
		if (!sent(p, pfn) && (!pfn || pfn != j->flaky))
			return WRONG(j, "page %" PRIu64 " was never sent", pfn);
		++*pages;
		if (d + 24 > f->len)
			return WRONG(j, "the descriptor of page %" PRIu64 " lies outside the file", pfn);
		wrong = check_page(j, f, pfn, num(f, d, 8), (uint32_t)num(f, d + 8, 4), (uint32_t)num(f, d + 12, 4));
		if (wrong)
			return WRONG(j, "page %" PRIu64 ": %s", pfn, wrong);
	}
	return NULL;
}

/* Notes and sub header of a file that opens: they are written once, before the first checkpoint. */
static const char *check_headers(const struct reader *f)
{
	if (num(f, f->block + 48, 8) != f->block + 104 || num(f, f->block + 56, 8) != PLAN_NOTES_BYTES)
		return "the sub header has no notes";
	if (f->len < f->block + 104 + PLAN_NOTES_BYTES || memcmp(f->file + f->block + 104, plan_notes, PLAN_NOTES_BYTES) != 0)
		return "the notes are wrong";
	return NULL;
}

/* The journal beside the file has what was promised. */
static const char *check_journal(struct diskjudge *j, const struct disk_inode *dump, const struct disk_inode *journal,
				 const struct disk_promise *promise)
{
	static struct journal_view v;
	const struct reader f = { .file = dump->bytes, .len = dump->len, .block = PLAN_PAGE };
	const char *wrong = journal_view(&v, journal->bytes, journal->len);

	if (wrong)
		return WRONG(j, "journal: %s", wrong);
	if (!v.intro)
		return "journal: no intro";
	if (promise->flags & RESUME_VITAL && !v.vital && (j->plan->vital[0] | j->plan->vital[3]))
		return "journal: no vital window";
	if (v.pfn < promise->pfn)
		return WRONG(j, "journal: windows to %" PRIu64 " of %" PRIu64, v.pfn, promise->pfn);
	for (uint64_t pfn = 0; pfn < PLAN_PFNS; pfn++) {
		const struct journal_page *page = &v.pages[pfn];
		bool zero = page->there && page->size == 0;

		if (!page->there && promised(j->plan, promise, pfn))
			return WRONG(j, "journal: page %" PRIu64 " is missing", pfn);
		if (!page->there)
			continue;
		wrong = check_page(j, &f, pfn, zero ? v.zero_page : page->offset, zero ? PLAN_PAGE : page->size, page->flags);
		if (wrong)
			return WRONG(j, "journal: page %" PRIu64 ": %s", pfn, wrong);
	}
	return NULL;
}

/* What the manifest says is there is there, of the PAGES in the file; and it tells how the dump ended. */
static const char *check_manifest(struct diskjudge *j, const struct disk_inode *m, const struct disk_promise *promise,
				  bool whole, uint64_t pages)
{
	json_t *root = json_loadb((const char *)m->bytes, m->len, 0, NULL);
	const char *state = json_string_value(json_object_get(root, "state"));
	const char *file = json_string_value(json_object_get(root, "file"));
	json_int_t stored = json_integer_value(json_object_get(json_object_get(root, "pages"), "stored"));
	const char *wrong = NULL;

	if (!state)
		wrong = j->overwritten && !promise->closed ? NULL : "manifest.json: not whole";
	else if (!strcmp(state, "complete") && !whole)
		wrong = "manifest.json: complete, but the file is not";
	else if (strcmp(state, "incomplete") != 0 && promise->closed && !promise->whole)
		wrong = "manifest.json: does not tell that the dump is incomplete";
	else if (strcmp(state, "complete") != 0 && promise->stored && promise->whole)
		wrong = "manifest.json: STORED was said, and it does not tell";
	else if (file && stored > (json_int_t)pages && !(promise->resumed && !promise->closed))
		wrong = WRONG(j, "manifest.json: %lld pages stored, %" PRIu64 " are in the file", stored, pages);
	else if (file && promise->closed && stored < (json_int_t)pages)
		wrong = WRONG(j, "manifest.json: closed, and tells of %lld pages only, %" PRIu64 " are in the file", stored, pages);
	json_decref(root);
	return wrong;
}

static const char *check_log(const struct disk *d, unsigned int dir, const struct disk_promise *promise, bool bare)
{
	const struct disk_inode *log = disk_file(d, dir, "vmcore-dmesg.txt");

	if (!log)
		return promise->durable && !bare ? "the kernel log is gone" : NULL;
	return log->len == sizeof(PLAN_LOG) - 1 && !memcmp(log->bytes, PLAN_LOG, log->len) ? NULL : "the kernel log is not whole";
}

static const char *check_dir(struct diskjudge *j, const struct disk *d, unsigned int dir, const struct disk_promise *promise)
{
	const struct disk_inode *whole = disk_file(d, dir, "vmcore"), *part = disk_file(d, dir, "vmcore-incomplete");
	const struct disk_inode *journal = disk_file(d, dir, "journal"), *manifest = disk_file(d, dir, "manifest.json");
	const struct disk_inode *dump = whole ? whole : part;
	struct reader f = { 0 };
	const char *wrong = check_log(d, dir, promise, j->bare);
	bool opens = dump && !reader_borrow(&f, dump->bytes, dump->len);
	bool in_file = j->recovered || promise->closed || !journal;	/* else the journal may have more */
	uint64_t pages = 0;

	j->opened += opens;
	j->finished += whole != NULL;
	if (wrong)
		return wrong;
	if (whole && part)
		return "two dump files";
	if (promise->stored && promise->whole && !whole)
		return "STORED was said, and there is no vmcore";
	if (promise->stored && promise->whole && journal)
		return "STORED was said, and the journal is there still";
	if (promise->given_up && journal)
		return "the dump was given up, and the journal is there still";
	/* The intro alone may go, if the sender was told that there is no dump. */
	if (promise->durable && !dump && !(promise->nothing && !promise->pfn && !(promise->flags & RESUME_VITAL)))
		return "the dump file is gone";
	if (dump && !opens && dump->len >= 5 && !memcmp(dump->bytes, "KDUMP", 5))
		return "it has a header and does not open";
	if (!opens && dump && (whole || promise->stored || (promise->closed && promise->opens) ||
			       (promise->durable && (j->recovered || !journal))))
		return "the dump does not open";
	if (opens) {
		wrong = check_dump(j, &f, promise, whole, in_file, &pages);
		if (!wrong && !j->bare)
			wrong = check_headers(&f);
		if (!wrong && whole && f.incomplete)
			wrong = "vmcore, but it has the incomplete flag";
	}
	if (!wrong && promise->durable && !whole && journal)
		wrong = check_journal(j, dump, journal, promise);
	if (!wrong && (manifest || promise->durable))
		wrong = manifest ? check_manifest(j, manifest, promise, whole != NULL, pages) : "the manifest is gone";
	return wrong;
}

const char *diskjudge_look(struct diskjudge *j, const struct disk *d, const struct disk_promise *promise)
{
	const struct disk_inode *base = &d->inodes[DISK_BASE];

	if (base->count > 1)
		return "two directories";
	if (!base->count)
		return promise->durable ? "the directory is gone" : NULL;
	return check_dir(j, d, base->names[0].inode, promise);
}
