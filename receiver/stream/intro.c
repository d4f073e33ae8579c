// SPDX-License-Identifier: GPL-2.0-or-later
// What comes before the pages: HELLO, DUMP, RAM; and what is on disk when the intro is whole.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "proto/names.h"
#include "receiver/stream/assembler.h"

enum kf_status kf_take_hello(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			     struct kf_error *err)
{
	const struct kf_hello *h = &m->hello;

	(void)frame;
	kf_manifest_text(a->said.sender, sizeof(a->said.sender), h->program.text, h->program.len);
	kf_manifest_host(a->said.host, sizeof(a->said.host), h->host.text, h->host.len);
	return h->flags & KF_HELLO_RESUME ? kf_resume_ask(a, h, err) : KF_OK;
}

/* The first manifest, written when there is something to say: who, when, which kernel. */
struct describe_turn {
	struct kf_turn turn;
	const struct kf_dumpdir *dir;
	struct kf_manifest manifest;
};

static enum kf_status run_describe(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct describe_turn *d = (struct describe_turn *)t;

	(void)packer;
	return kf_manifest_write(&d->manifest, d->dir, err);
}

static void free_turn(struct kf_turn *t)
{
	free(t);
}

static enum kf_status describe(struct kf_assembler *a, struct kf_error *err)
{
	static const struct kf_turn_ops ops = { .run = run_describe, .destroy = free_turn, .barrier = true };
	struct describe_turn *d = calloc(1, sizeof(*d));

	if (!d)
		return kf_fail(err, KF_FAILED, "no memory for a manifest");
	d->dir = &a->disk.dir;
	kf_asm_manifest(a, &d->manifest);
	kf_turn_submit(a, &d->turn, &ops);
	return KF_OK;
}

enum kf_status kf_limits_check(const struct kf_assembler *a, const struct kf_dump *d, struct kf_error *err)
{
	const struct kf_limits *l = &a->setup.limits;

	if (!kf_rest_by_flag((uint32_t)d->rest))
		return kf_fail(err, KF_ABSENT, "this receiver cannot store pages as %s", kf_rest_codec_name(d->rest));
	if (d->max_mapnr > l->max_mapnr)
		return kf_fail(err, KF_REFUSED, "%" PRIu64 " pages are more than the %" PRIu64 " allowed",
			       d->max_mapnr, l->max_mapnr);
	if (d->notes_bytes > l->notes_bytes)
		return kf_fail(err, KF_REFUSED, "%" PRIu64 " bytes of notes are more than the %" PRIu64 " allowed",
			       d->notes_bytes, l->notes_bytes);
	if (d->nr_cpus > INT32_MAX || d->crash_time > INT64_MAX)
		return kf_fail(err, KF_INVALID, "%" PRIu32 " CPUs, crash at %" PRIu64, d->nr_cpus, d->crash_time);
	return KF_OK;
}

/* Directory, dump file and journal. */
static enum kf_status make_files(struct kf_assembler *a, struct kf_error *err)
{
	const struct kf_setup *s = &a->setup;
	enum kf_status st = kf_dumpdir_create(&a->disk.dir, s->io, s->base, s->dir_host, (time_t)a->begun, err);

	if (st)
		return st;
	a->disk.made = true;
	st = kf_dumpfile_create(&a->disk.dump, s->io, a->disk.dir.fd, KF_DUMP_UNFINISHED, &a->said.dump, err);
	if (!st)
		st = kf_file_create(&a->disk.journal, s->io, a->disk.dir.fd, KF_JOURNAL, err);
	return st ? st : kf_file_lock(&a->disk.journal, err);
}

static enum kf_status make_id(struct kf_welcome *id, struct kf_error *err)
{
	if (getrandom(id->session, sizeof(id->session), 0) != sizeof(id->session) ||
	    getrandom(id->token, sizeof(id->token), 0) != sizeof(id->token))
		return kf_fail_errno(err, "no random numbers for a session");
	return KF_OK;
}

enum kf_status kf_take_dump(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			    struct kf_error *err)
{
	struct kf_message welcome = { .type = KF_MSG_WELCOME };
	enum kf_status st = kf_limits_check(a, &m->dump, err);

	if (!st && a->resumer.state == KF_RESUMER_ASKED) {
		kf_resume_find(a, frame);
		return KF_OK;
	}
	a->said.dump = m->dump;
	memcpy(a->said.dump_bytes, frame->payload, sizeof(a->said.dump_bytes));
	if (!st)
		st = make_id(&a->id, err);
	if (!st)
		st = make_files(a, err);
	if (!st)
		st = kf_journal_put_header(&a->gathered.records, err);
	if (!st)
		st = kf_journal_put_session(&a->gathered.records, &a->id, a->begun, err);
	if (!st)
		st = kf_journal_put_message(&a->gathered.records, KF_RECORD_DUMP, frame->payload, frame->len, err);
	if (st)
		return st;
	kf_asm_gathered(a, 0);
	welcome.welcome = a->id;
	a->setup.host->opened(a->setup.host_ctx, &a->id, a->disk.dir.name);
	kf_asm_reply(a, &welcome);
	return describe(a, err);
}

enum kf_status kf_take_ram(struct kf_assembler *a, const struct kf_message *m, struct kf_frame *frame,
			   struct kf_error *err)
{
	const struct kf_ranges *ranges = &m->list.ranges;
	enum kf_status st;

	if (a->said.ram_done)
		return kf_fail(err, KF_INVALID, "RAM was complete already");
	for (uint32_t i = 0; i < ranges->count; i++) {
		struct kf_range range = kf_range_at(ranges, i);

		if (range.end > a->said.dump.max_mapnr)
			return kf_fail(err, KF_INVALID, "[0x%" PRIx64 ", 0x%" PRIx64 ") lies beyond max_mapnr 0x%" PRIx64,
				       range.first, range.end, a->said.dump.max_mapnr);
		st = kf_pfnset_add(&a->said.ram, range, err);
		if (st)
			return st;
	}
	st = kf_journal_put_message(&a->gathered.records, KF_RECORD_RAM, frame->payload, frame->len, err);
	if (st)
		return st;
	kf_asm_gathered(a, 0);
	a->said.ram_done = !(m->list.flags & KF_RANGES_MORE);
	return kf_intro_advance(a, err);
}

/* The headers behind block 0, and the zero page. From then on the file lacks only a checkpoint. */
struct begin_turn {
	struct kf_turn turn;
	struct kf_dumpfile *dump;
	uint64_t ram_pages;
};

static enum kf_status run_begin(struct kf_turn *t, struct kf_packer *packer, struct kf_error *err)
{
	struct begin_turn *b = (struct begin_turn *)t;
	enum kf_status st = kf_dumpfile_begin(b->dump, err);

	(void)packer;
	if (!st)
		kf_aside_begin(b->dump, b->ram_pages);
	return st;
}

static enum kf_status retire_begin(struct kf_turn *t, struct kf_error *err)
{
	struct kf_assembler *a = t->a;
	enum kf_status st = kf_journal_put_intro(&a->gathered.records, a->disk.dump.layout.zero_page_at, err);

	if (st)
		return st;
	a->gathered.mark.flags |= KF_RESUME_INTRO;
	a->gathered.mark.data_end = a->disk.dump.layout.data_at;
	kf_asm_gathered(a, 0);
	a->gathered.sync_now = true;
	return KF_OK;
}

enum kf_status kf_intro_advance(struct kf_assembler *a, struct kf_error *err)
{
	static const struct kf_turn_ops ops = {
		.run = run_begin, .retire = retire_begin, .destroy = free_turn, .barrier = true,
	};
	struct begin_turn *b;

	if (!a->said.ram_done || a->said.notes_bytes < a->said.dump.notes_bytes)
		return KF_OK;
	/* Each checkpoint writes what of the first bitmap has a bit; a claim alone could fill a disk. */
	if (a->setup.limits.dump_bytes && a->said.dump.notes_bytes + a->said.ram.pages / 8 > a->setup.limits.dump_bytes)
		return kf_fail(err, KF_REFUSED, "notes and bitmaps alone are larger than the %" PRIu64 " bytes allowed", a->setup.limits.dump_bytes);
	b = calloc(1, sizeof(*b));
	if (!b)
		return kf_fail(err, KF_FAILED, "no memory for a turn");
	b->dump = &a->disk.dump;
	b->ram_pages = a->said.ram.pages;
	a->said.intro_done = true;
	kf_turn_submit(a, &b->turn, &ops);
	return KF_OK;
}

enum kf_status kf_intro_check(const struct kf_assembler *a, struct kf_error *err)
{
	if (!a->said.ram_done)
		return kf_fail(err, KF_INVALID, "RAM is not complete yet");
	if (!a->said.intro_done)
		return kf_fail(err, KF_INVALID, "%" PRIu64 " of %" PRIu64 " bytes of notes are missing",
			       a->said.dump.notes_bytes - a->said.notes_bytes, a->said.dump.notes_bytes);
	return KF_OK;
}
