// SPDX-License-Identifier: GPL-2.0-or-later
// HELLO with KF_HELLO_RESUME: the host finds the dump, a job opens it again, and the sender is told where to go on.
#include <stdio.h>
#include <string.h>

#include "receiver/store/manifest_read.h"
#include "receiver/stream/reopen.h"

#define BUSY_RETRY_MS 500
/* Another process that has the dump gets this long: it may have to find out by its idle timeout that its sender is gone. */
#define BUSY_MS 180000

/* The same words whatever was wrong: a stranger shall not learn which dumps there are. */
static enum kf_status refuse(struct kf_error *err)
{
	return kf_fail(err, KF_REFUSED, "there is no such dump to resume here");
}

/* Takes as long for a wrong first byte as for a wrong last one. */
static bool same_secret(const uint8_t *a, const uint8_t *b, size_t n)
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= a[i] ^ b[i];
	return !differs;
}

bool kf_same_id(const struct kf_welcome *a, const struct kf_welcome *b)
{
	bool session = same_secret(a->session, b->session, sizeof(a->session)), token = same_secret(a->token, b->token, sizeof(a->token));

	return session && token;
}

enum kf_status kf_resume_ask(struct kf_assembler *a, const struct kf_hello *h, struct kf_error *err)
{
	struct kf_resumer *r = &a->resumer;

	if (!a->setup.host->resume)
		return kf_fail(err, KF_REFUSED, "a saved stream makes a new dump; this one goes on with an earlier dump, and cannot stand alone");
	memcpy(r->id.session, h->session, sizeof(r->id.session));
	memcpy(r->id.token, h->token, sizeof(r->id.token));
	r->state = KF_RESUMER_ASKED;
	return KF_OK;
}

void kf_resume_find(struct kf_assembler *a, const struct kf_frame *dump)
{
	struct kf_resumer *r = &a->resumer;

	memcpy(r->dump_bytes, dump->payload, sizeof(r->dump_bytes));
	r->state = KF_RESUMER_FINDING;
	a->setup.host->resume(a->setup.host_ctx, &r->id);
}

bool kf_resume_fits(const struct kf_assembler *a)
{
	const struct kf_resumer *r = &a->resumer;

	return kf_same_id(&a->id, &r->id) && kf_dumpdir_is_of(r->name, a->setup.dir_host) &&
	       memcmp(a->said.dump_bytes, r->dump_bytes, sizeof(r->dump_bytes)) == 0;
}

static void run(struct kf_job *job, void *local)
{
	struct kf_resumer *r = (struct kf_resumer *)job;
	struct kf_assembler *a = r->a;
	struct kf_manifest_past past;
	uint64_t pages;

	(void)local;
	r->status = kf_reopen(a, r->name, true, &pages, &r->err);
	if (r->status)
		return;
	kf_manifest_past_read(&past, &a->disk.dir);
	a->said.wire_bytes += past.wire_bytes;
	a->said.connections = past.connections ? past.connections : 1;
}

static void forget(struct kf_assembler *a)
{
	kf_dumpfile_close(&a->disk.dump);
	kf_file_close(&a->disk.journal);
	kf_dumpdir_close(&a->disk.dir);
	a->disk.dir.name[0] = '\0';
	a->disk.made = false;
	memset(&a->id, 0, sizeof(a->id));
}

static void answer(struct kf_assembler *a)
{
	struct kf_message m = { .type = KF_MSG_WELCOME, .welcome = a->id };

	a->resumer.state = KF_RESUMER_NOT;
	a->said.connections++;
	a->setup.host->opened(a->setup.host_ctx, &a->id, a->disk.dir.name);
	kf_asm_reply(a, &m);
	m = (struct kf_message){ .type = KF_MSG_RESUME };
	m.resume = (struct kf_resume){ .pfn = a->open.vital_next ? a->open.vital_next : a->durable.pfn, .carry = a->open.carry, .flags = a->durable.flags };
	kf_asm_reply(a, &m);
}

static void fail(struct kf_assembler *a)
{
	struct kf_error err;

	forget(a);
	a->resumer.state = KF_RESUMER_NOT;
	(void)!refuse(&err);
	kf_asm_fail(a, &err);
}

static void done(struct kf_job *job)
{
	struct kf_resumer *r = (struct kf_resumer *)job;
	struct kf_assembler *a = r->a;

	r->state = KF_RESUMER_FINDING;
	if (r->status == KF_ABSENT && kf_now_ms() < r->give_up) {
		forget(a);
		r->retry = kf_now_ms() + BUSY_RETRY_MS;
	} else if (r->status) {
		if (r->status != KF_REFUSED)
			a->setup.host->trouble(a->setup.host_ctx, &r->err);
		fail(a);
	} else {
		answer(a);
	}
	kf_asm_advance(a);
}

static void start(struct kf_assembler *a)
{
	struct kf_resumer *r = &a->resumer;

	_Static_assert(offsetof(struct kf_resumer, job) == 0, "run() and done() get the job");
	r->job = (struct kf_job){ .run = run, .done = done };
	r->a = a;
	r->state = KF_RESUMER_OPENING;
	r->retry = 0;
	a->setup.disk.submit(a->setup.disk.ctx, &r->job);
}

void kf_resume_tick(struct kf_assembler *a)
{
	if (a->resumer.retry && a->closer.state == KF_CLOSING_NOT && kf_now_ms() >= a->resumer.retry)
		start(a);
}

void kf_assembler_resume(struct kf_assembler *a, const char *dir)
{
	struct kf_resumer *r = &a->resumer;

	if (r->state != KF_RESUMER_FINDING || kf_assembler_ending(a))
		return;
	if (!dir) {
		fail(a);
		kf_asm_advance(a);
		return;
	}
	snprintf(r->name, sizeof(r->name), "%s", dir);
	r->give_up = kf_now_ms() + BUSY_MS;
	start(a);
}

void kf_assembler_resume_finished(struct kf_assembler *a, const struct kf_finished *f)
{
	struct kf_resumer *r = &a->resumer;
	struct kf_message m;

	if (r->state != KF_RESUMER_FINDING || kf_assembler_ending(a))
		return;
	if (memcmp(f->dump_bytes, r->dump_bytes, sizeof(r->dump_bytes)) != 0) {
		fail(a);
		kf_asm_advance(a);
		return;
	}
	r->state = KF_RESUMER_NOT;
	r->repeats = true;
	r->end = f->end;
	a->id = f->id;
	snprintf(a->disk.dir.name, sizeof(a->disk.dir.name), "%s", f->dir);
	m = (struct kf_message){ .type = KF_MSG_WELCOME, .welcome = f->id };
	kf_asm_reply(a, &m);
	m = (struct kf_message){ .type = KF_MSG_RESUME };
	m.resume = (struct kf_resume){ .pfn = f->max_mapnr, .flags = KF_RESUME_INTRO | KF_RESUME_VITAL };
	kf_asm_reply(a, &m);
	kf_asm_advance(a);
}

/* Of a finished dump only END may come again, and it must say the same but for its times. */
enum kf_status kf_resume_take_repeated(struct kf_assembler *a, const struct kf_message *m, struct kf_error *err)
{
	const struct kf_end *e = &m->end, *was = &a->resumer.end;

	if (m->type == KF_MSG_KEEPALIVE)
		return KF_OK;
	if (m->type == KF_MSG_ABORT) {
		kf_close_begin(a, false, KF_INCOMPLETE, "the sender gave up, although its dump is whole");
		return KF_OK;
	}
	if (m->type != KF_MSG_END || e->reason != was->reason || memcmp(&e->tally, &was->tally, sizeof(e->tally)) != 0 ||
	    e->windows != was->windows || e->batches != was->batches || memcmp(&e->pages, &was->pages, sizeof(e->pages)) != 0 ||
	    memcmp(&e->verdicts, &was->verdicts, sizeof(e->verdicts)) != 0)
		return kf_fail(err, KF_INVALID, "the dump is finished, and its END was another");
	kf_close_begin(a, true, KF_OK, "");
	return KF_OK;
}
