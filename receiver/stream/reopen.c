// SPDX-License-Identifier: GPL-2.0-or-later
// Reopening a dump: its files, and an assembler that goes on from what its journal adds up to; see reopen.h.
#include "receiver/stream/reopen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "receiver/kdump/format.h"
#include "receiver/stream/rebuild.h"

static enum kf_status open_journal(struct kf_rebuild *b, const char *name, struct kf_error *err)
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
static void adopt(struct kf_assembler *a, const struct kf_rebuild_point *p)
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

/* Where the pages end, also those that only the table names: a sender goes on before some of them. DATA_END: by the whole journal. */
static enum kf_status find_end(struct kf_assembler *a, uint64_t data_end, struct kf_error *err)
{
	struct kf_dumpfile *d = &a->disk.dump;
	uint64_t named = 0;

	if (d->opens && d->table.at >= data_end && kf_aside_pages_end(d, &named, err))
		return err->status;
	if (named > data_end)
		data_end = named;
	a->durable.data_end = a->gathered.mark.data_end = data_end;
	return KF_OK;
}

static enum kf_status rebuild(struct kf_rebuild *b, const char *name, bool to_resume, uint64_t *pages, struct kf_error *err)
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
		st = kf_rebuild_read(b, err);
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
	/* Before anything is changed: the dump of another stays as it was. */
	if (a->resumer.state == KF_RESUMER_OPENING && !kf_resume_fits(a))
		return kf_fail(err, KF_REFUSED, "it is the dump of another");
	check_whole(a, &b->now.mark, pages);
	adopt(a, to_resume ? &b->edge : &b->now);
	/* The table may know pages behind the edge: until there is another one, the manifest tells of this. */
	if (*pages != UINT64_MAX && *pages > a->checkpointer.last.pages) {
		a->checkpointer.last.pages = *pages;
		a->checkpointer.last.raw = *pages << a->said.dump.page_shift;
	}
	a->said.vital_noted = b->in_vital || (b->edge.mark.flags & KF_RESUME_VITAL);
	if (to_resume && !b->in_vital) {
		kf_pfnset_deinit(&a->open.arrived);
		a->open.zero_pages = 0;
	}
	if (find_end(a, b->now.mark.data_end, err))
		return err->status;
	if (!to_resume)
		return KF_OK;
	st = cut_journal(a, err);
	return st ? st : kf_aside_resume(&a->disk.dump, a->durable.data_end, a->said.ram.pages, err);
}

enum kf_status kf_reopen(struct kf_assembler *a, const char *name, bool to_resume, uint64_t *pages, struct kf_error *err)
{
	struct kf_rebuild *b = calloc(1, sizeof(*b));
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
