// SPDX-License-Identifier: GPL-2.0-or-later
// A journal's records added up, kind by kind; see rebuild.h.
#include "receiver/stream/rebuild.h"

#include <inttypes.h>
#include <string.h>

typedef enum kf_status take_record(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err);

static enum kf_status unsound(const struct kf_rebuild *b, const struct kf_record *r, const char *why, struct kf_error *err)
{
	return kf_fail(err, KF_INVALID, "%s: the record at %" PRIu64 " %s", b->reader.file->name, r->at, why);
}

static enum kf_status take_session(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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

static enum kf_status take_dump(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
{
	struct kf_message m;

	if (b->records != 1 || kf_decode(&m, KF_MSG_DUMP, r->body, r->len, err) || kf_limits_check(b->a, &m.dump, err))
		return unsound(b, r, "is no DUMP that can stand there", err);
	b->a->said.dump = m.dump;
	memcpy(b->a->said.dump_bytes, r->body, sizeof(b->a->said.dump_bytes));
	return KF_OK;
}

static enum kf_status take_ram(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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

static enum kf_status take_intro(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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
static enum kf_status note_runs(struct kf_rebuild *b, const struct kf_record *r, const struct kf_stored_pages *p, uint64_t *pages,
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

static enum kf_status take_pages(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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
	m->quick += kf_quick_pages(&p, (uint32_t)b->a->said.dump.rest);
	if (p.bytes && end > m->data_end)
		m->data_end = end;
	b->now.batches++;
	return KF_OK;
}

static enum kf_status take_vital(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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
static enum kf_status make_vital(struct kf_rebuild *b, const struct kf_ranges *unreadable, struct kf_error *err)
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

static enum kf_status take_vital_window(struct kf_rebuild *b, const struct kf_record *r, const struct kf_window *w,
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

static enum kf_status take_window(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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

static enum kf_status take(struct kf_rebuild *b, const struct kf_record *r, struct kf_error *err)
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
enum kf_status kf_rebuild_read(struct kf_rebuild *b, struct kf_error *err)
{
	struct kf_record record;
	enum kf_status st;

	while ((st = kf_journal_next(&b->reader, &record, err)) == KF_OK)
		if (take(b, &record, err))
			return err->status;
	return st == KF_FAILED ? st : KF_OK;
}
