// SPDX-License-Identifier: GPL-2.0-or-later
// Reopening a dump: its journal is read from the beginning, and adds up to what the assembler knew; see reopen.h.
#include "receiver/stream/reopen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/kdump/format.h"

/* All that grows record by record, as it was behind one of them. */
struct point {
	struct kf_mark mark;
	struct kf_sums sums;
	struct kf_carry carry;
	uint64_t windows, batches;
	uint64_t vital_next;		/* pfn behind the last of the vital pages, while they are not closed */
};

struct rebuild {
	struct kf_assembler *a;
	struct kf_journal_reader reader;
	struct point now, edge;		/* behind the last record; behind the last from which a sender can go on */
	uint64_t records;
	uint64_t file_bytes;		/* of the dump file: no page lies behind them */
	bool in_windows;		/* the first WINDOW that is no vital one was read */
	bool ram_done, in_vital;
};

typedef enum kf_status take_record(struct rebuild *b, const struct kf_record *r, struct kf_error *err);

static enum kf_status unsound(const struct rebuild *b, const struct kf_record *r, const char *why, struct kf_error *err)
{
	return kf_fail(err, KF_INVALID, "%s: the record at %" PRIu64 " %s", b->reader.file->name, r->at, why);
}

static enum kf_status take_session(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_reader in = kf_reader_on(r->body, r->len);
	struct kf_welcome *id = &b->a->id;
	const uint8_t *session = kf_get_bytes(&in, sizeof(id->session)), *token = kf_get_bytes(&in, sizeof(id->token));

	if (b->records != 0 || !session || !token || kf_left(&in) != 8)
		return unsound(b, r, "is no SESSION that can stand there", err);
	memcpy(id->session, session, sizeof(id->session));
	memcpy(id->token, token, sizeof(id->token));
	b->a->begun = kf_get_u64(&in);
	return KF_OK;
}

static enum kf_status take_dump(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_message m;

	if (b->records != 1 || kf_decode(&m, KF_MSG_DUMP, r->body, r->len, err) || kf_limits_check(b->a, &m.dump, err))
		return unsound(b, r, "is no DUMP that can stand there", err);
	b->a->said.dump = m.dump;
	memcpy(b->a->said.dump_bytes, r->body, sizeof(b->a->said.dump_bytes));
	return KF_OK;
}

static enum kf_status take_ram(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_message m;

	if (b->records < 2 || b->ram_done || kf_decode(&m, KF_MSG_RAM, r->body, r->len, err))
		return unsound(b, r, "is no RAM that can stand there", err);
	for (uint32_t i = 0; i < m.list.ranges.count; i++) {
		struct kf_range range = kf_range_at(&m.list.ranges, i);

		if (range.end > b->a->said.dump.max_mapnr || kf_pfnset_add(&b->a->said.ram, range, err))
			return unsound(b, r, "names RAM that cannot be", err);
	}
	b->ram_done = !(m.list.flags & KF_RANGES_MORE);
	return KF_OK;
}

static enum kf_status take_intro(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_layout layout;

	if (!b->ram_done || b->now.mark.flags || r->len != 8)
		return unsound(b, r, "is no INTRO that can stand there", err);
	kf_layout_of(&layout, &b->a->said.dump);
	if (kf_le64_at(r->body) != layout.zero_page_at)
		return unsound(b, r, "has the zero page elsewhere", err);
	b->now.mark.flags = KF_RESUME_INTRO;
	b->now.mark.data_end = layout.data_at;
	return KF_OK;
}

/* The pages of the window that is open, or of the vital part, so that nothing in it comes twice or unannounced. */
static enum kf_status note_runs(struct rebuild *b, const struct kf_record *r, const struct kf_stored_pages *p, uint64_t *pages,
				struct kf_error *err)
{
	for (uint32_t i = 0; i < p->run_count; i++) {
		struct kf_run run = kf_run_at(p->runs, i);
		struct kf_range range = { run.first, run.first + run.count };

		if (!kf_pfnset_covers(&b->a->said.ram, range) || kf_pfnset_add(&b->a->open.arrived, range, err))
			return unsound(b, r, "names pages that cannot be", err);
		*pages += run.count;
		b->now.vital_next = b->in_vital ? range.end : 0;
		if (run.kind == KF_RUN_ZERO)
			b->a->open.zero_pages += run.count;
		b->now.mark.reached = b->in_windows || b->now.mark.flags & KF_RESUME_VITAL ? range.end : b->now.mark.reached;
	}
	return KF_OK;
}

static enum kf_status take_pages(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_mark *m = &b->now.mark;
	struct kf_stored_pages p;
	uint64_t pages = 0, end;

	if (!(m->flags & KF_RESUME_INTRO) || kf_record_pages(&p, r, err))
		return unsound(b, r, "is no PAGES that can stand there", err);
	if (__builtin_add_overflow(p.at, p.bytes, &end) || (p.bytes && end > b->file_bytes))
		return unsound(b, r, "names bytes that the dump file does not have", err);
	if (note_runs(b, r, &p, &pages, err))
		return err->status;
	kf_sum_add(&b->now.sums.pages, &p.digest);
	m->pages += pages;
	m->raw += pages << b->a->said.dump.page_shift;
	m->data += p.bytes;
	if (p.bytes && end > m->data_end)
		m->data_end = end;
	b->now.batches++;
	return KF_OK;
}

static enum kf_status take_vital(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	if (!(b->now.mark.flags & KF_RESUME_INTRO) || b->in_vital || b->now.windows || b->now.batches || r->len)
		return unsound(b, r, "is no VITAL that can stand there", err);
	b->in_vital = true;
	return KF_OK;
}

static void list(struct kf_manifest_list *to, const struct kf_ranges *ranges)
{
	for (uint32_t i = 0; i < ranges->count; i++)
		kf_manifest_list_add(to, kf_range_at(ranges, i));
}

/* What was announced as vital is what came of it and what could not be read. */
static enum kf_status make_vital(struct rebuild *b, const struct kf_ranges *unreadable, struct kf_error *err)
{
	const struct kf_pfnset *came = &b->a->open.arrived;
	enum kf_status st = KF_OK;

	for (size_t i = 0, k = 0; !st && (i < came->count || k < unreadable->count);) {
		struct kf_range range = { UINT64_MAX, 0 };

		if (k < unreadable->count)
			range = kf_range_at(unreadable, (uint32_t)k);
		if (i < came->count && came->ranges[i].first < range.first)
			range = came->ranges[i++];
		else
			k++;
		st = kf_pfnset_add(&b->a->said.vital, range, err);
	}
	return st;
}

static enum kf_status take_vital_window(struct rebuild *b, const struct kf_record *r, const struct kf_window *w,
					struct kf_error *err)
{
	if (!b->in_vital || make_vital(b, &w->unreadable, err))
		return unsound(b, r, "closes vital pages that cannot be", err);
	b->in_vital = false;
	b->now.vital_next = 0;
	b->now.mark.flags |= KF_RESUME_VITAL;
	b->now.mark.vital_end = b->reader.at;
	return KF_OK;
}

static enum kf_status take_window(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_mark *mark = &b->now.mark;
	struct kf_digest digest;
	struct kf_sum128 verdicts;
	struct kf_message m;

	if (!(mark->flags & KF_RESUME_INTRO) || r->len < sizeof(digest.bytes) ||
	    kf_decode(&m, KF_MSG_WINDOW, r->body + sizeof(digest.bytes), r->len - (uint32_t)sizeof(digest.bytes), err))
		return unsound(b, r, "is no WINDOW that can stand there", err);
	memcpy(digest.bytes, r->body, sizeof(digest.bytes));
	verdicts = kf_sum_decode(&digest);
	if (m.window.flags & KF_WINDOW_VITAL) {
		if (take_vital_window(b, r, &m.window, err))
			return err->status;
	} else if (b->in_vital || m.window.first != mark->pfn || m.window.end > b->a->said.dump.max_mapnr) {
		return unsound(b, r, "is a window that does not follow the one before", err);
	} else {
		b->in_windows = true;
		mark->pfn = mark->reached = m.window.end;
		b->now.carry = m.window.out;
	}
	kf_tally_add(&mark->tally, &m.window.tally);
	kf_sum_add(&b->now.sums.verdicts, &verdicts);
	list(&b->now.sums.unreadable, &m.window.unreadable);
	list(&b->now.sums.undecided, &m.window.undecided);
	b->now.windows++;
	kf_pfnset_deinit(&b->a->open.arrived);
	b->a->open.zero_pages = 0;
	return KF_OK;
}

static enum kf_status take(struct rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	static take_record *const table[] = {
		[KF_RECORD_SESSION] = take_session, [KF_RECORD_DUMP] = take_dump, [KF_RECORD_RAM] = take_ram,
		[KF_RECORD_INTRO] = take_intro, [KF_RECORD_PAGES] = take_pages, [KF_RECORD_WINDOW] = take_window,
		[KF_RECORD_VITAL] = take_vital,
	};

	if ((size_t)r->type >= sizeof(table) / sizeof(table[0]) || !table[r->type])
		return unsound(b, r, "is of a kind that this version does not know", err);
	if (table[r->type](b, r, err))
		return err->status;
	b->records++;
	b->now.mark.journal = b->reader.at;
	/* The vital pages are one long part, so that goes on behind each batch. */
	if (b->in_vital || (r->type != KF_RECORD_PAGES && b->now.mark.flags))
		b->edge = b->now;
	return KF_OK;
}

/* A record that is cut or damaged ends the journal: what was acknowledged lies before it. */
static enum kf_status read_journal(struct rebuild *b, struct kf_error *err)
{
	struct kf_record record;
	enum kf_status st;

	while ((st = kf_journal_next(&b->reader, &record, err)) == KF_OK)
		if (take(b, &record, err))
			return err->status;
	return st == KF_FAILED ? st : KF_OK;
}

static enum kf_status open_journal(struct rebuild *b, const char *name, struct kf_error *err)
{
	struct kf_assembler *a = b->a;
	const struct kf_setup *s = &a->setup;
	static const uint8_t nothing[KF_JOURNAL_HEADER_BYTES];
	uint8_t header[KF_JOURNAL_HEADER_BYTES];
	uint64_t size;

	if (kf_dumpdir_open(&a->disk.dir, s->io, s->base, name, err) ||
	    kf_file_open(&a->disk.journal, s->io, a->disk.dir.fd, KF_JOURNAL, err) ||
	    kf_file_lock(&a->disk.journal, err) || kf_file_size(&a->disk.journal, &size, err))
		return err->status;
	if (size < sizeof(header))
		return KF_INCOMPLETE;
	if (kf_file_read(&a->disk.journal, header, sizeof(header), 0, err))
		return err->status;
	if (memcmp(header, nothing, sizeof(header)) == 0)	/* its size got to disk, and no byte of it */
		return KF_INCOMPLETE;
	return kf_journal_reader_init(&b->reader, &a->disk.journal, 0, size, err);
}

/* A dump whose finishing was cut short may have its final name already. */
static enum kf_status open_dump(struct kf_assembler *a, struct kf_file *f, const char **name, uint64_t *size, struct kf_error *err)
{
	enum kf_status st;

	*name = KF_DUMP_UNFINISHED;
	st = kf_file_open(f, a->setup.io, a->disk.dir.fd, *name, err);
	if (st && errno == ENOENT) {
		*name = KF_DUMP_FINISHED;
		st = kf_file_open(f, a->setup.io, a->disk.dir.fd, *name, err);
	}
	return st ? st : kf_file_size(f, size, err);
}

static void set_log_bytes(struct kf_assembler *a)
{
	struct kf_error ignored;
	struct kf_file f;

	if (!kf_file_open(&f, a->setup.io, a->disk.dir.fd, KF_DMESG_FINISHED, &ignored))
		(void)!kf_file_size(&f, &a->said.log_bytes, &ignored);
	kf_file_close(&f);
}

/* The assembler goes on from POINT as if it had taken all messages itself. */
static void adopt(struct kf_assembler *a, const struct point *p)
{
	struct kf_said *said = &a->said;

	a->durable = a->gathered.mark = a->checkpointer.last = p->mark;
	a->gathered.at = p->mark.journal;
	a->sums = p->sums;
	a->open.first = p->mark.pfn;
	a->open.carry = p->carry;
	a->open.vital_next = p->vital_next;
	said->windows = p->windows;
	said->batches = p->batches;
	said->ram_done = said->intro_done = said->log_done = true;
	said->notes_bytes = said->dump.notes_bytes;
	said->vital_done = p->windows > 0;	/* later than that none may be announced */
	set_log_bytes(a);
	if (p->windows)
		kf_asm_enter(a, KF_ASM_PAGES);
}

/* Cut off is what no record names. That must be on disk before anything is appended, or old records would come to
 * stand behind new ones. */
static enum kf_status cut_journal(struct kf_assembler *a, struct kf_error *err)
{
	if (kf_file_truncate(&a->disk.journal, a->durable.journal, err))
		return err->status;
	return kf_file_sync(&a->disk.journal, err);
}

/* Whether block 0 has been written. That comes behind an INTRO that is durable, so a journal without one is damaged. */
static bool has_table(const struct kf_file *dump, uint64_t size)
{
	struct kf_kdump_header h;
	struct kf_error ignored;

	return size >= sizeof(h) && !kf_file_read(dump, &h, sizeof(h), 0, &ignored) &&
	       memcmp(h.signature, KF_KDUMP_SIGNATURE, sizeof(h.signature)) == 0;
}

/* The header alone does not make a dump whole: one bit of it may be damaged. The journal must have every window, and the table every
 * page of the journal; else the table counts as one that knows other pages, and is made anew. */
static void check_whole(struct kf_assembler *a, const struct kf_mark *m, uint64_t *pages)
{
	struct kf_dumpfile *d = &a->disk.dump;
	bool claimed = d->whole;

	d->whole = claimed && m->pfn == a->said.dump.max_mapnr && *pages == m->pages &&
		   m->pages + m->tally.unreadable == m->tally.pages[KF_KEPT];
	if (claimed && !d->whole)
		*pages = UINT64_MAX;
}

static enum kf_status rebuild(struct rebuild *b, const char *name, bool to_resume, uint64_t *pages, struct kf_error *err)
{
	struct kf_assembler *a = b->a;
	struct kf_file probe = KF_FILE_CLOSED;
	const char *dump_name;
	enum kf_status st = open_journal(b, name, err), opened;
	bool table;

	if (st && st != KF_INCOMPLETE)
		return st;
	a->disk.made = true;
	opened = open_dump(a, &probe, &dump_name, &b->file_bytes, err);
	table = !opened && has_table(&probe, b->file_bytes);
	kf_file_close(&probe);
	if (!st)
		st = read_journal(b, err);
	if (st && st != KF_INCOMPLETE)
		return st;
	if (!(b->now.mark.flags & KF_RESUME_INTRO) && table)
		return kf_fail(err, KF_INVALID, "%s: damaged at %" PRIu64 "; the dump file has a table that it does not know", KF_JOURNAL, b->reader.at);
	if (!(b->now.mark.flags & KF_RESUME_INTRO))
		return kf_fail(err, KF_INCOMPLETE, "the headers did not get to disk");
	if (opened)
		return kf_fail(err, KF_INVALID, "there is a journal and no dump file");
	if (kf_dumpfile_open(&a->disk.dump, a->setup.io, a->disk.dir.fd, dump_name, &a->said.dump, pages, err))
		return err->status;
	check_whole(a, &b->now.mark, pages);
	adopt(a, to_resume ? &b->edge : &b->now);
	a->said.vital_noted = b->in_vital || (b->edge.mark.flags & KF_RESUME_VITAL);
	if (to_resume && !b->in_vital) {
		kf_pfnset_deinit(&a->open.arrived);
		a->open.zero_pages = 0;
	}
	return to_resume ? cut_journal(a, err) : KF_OK;
}

enum kf_status kf_reopen(struct kf_assembler *a, const char *name, bool to_resume, uint64_t *pages, struct kf_error *err)
{
	struct rebuild *b = calloc(1, sizeof(*b));
	enum kf_status st;

	*pages = 0;
	if (!b)
		return kf_fail(err, KF_FAILED, "no memory to reopen a dump");
	b->a = a;
	st = rebuild(b, name, to_resume, pages, err);
	kf_journal_reader_deinit(&b->reader);
	free(b);
	return st;
}
