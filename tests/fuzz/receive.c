// SPDX-License-Identifier: GPL-2.0-or-later
// For fuzz targets: dumps over connections that break; see receive.h.
#include "tests/fuzz/receive.h"

#include "proto/preface.h"

static void reply(void *ctx, const struct kf_message *m)
{
	(void)ctx;
	if (m->type >= KF_TYPES)
		abort();
}

static void ready(void *ctx)
{
	(void)ctx;
}

static void opened(void *ctx, const struct kf_welcome *id, const char *dir)
{
	struct receive *r = ctx;

	r->id = *id;
	snprintf(r->dir, sizeof(r->dir), "%s", dir);
}

static void resume(void *ctx, const struct kf_welcome *id)
{
	struct receive *r = ctx;

	if (r->is_finished && kf_same_id(&r->finished.id, id))
		kf_assembler_resume_finished(r->rig.a, &r->finished);
	else
		kf_assembler_resume(r->rig.a, r->dir[0] ? r->dir : NULL);
}

static void closed(void *ctx, const struct kf_result *result)
{
	struct receive *r = ctx;

	rig_closed(&r->rig, result);
	if (result->status != KF_OK && !result->reason[0])
		abort();
	if (result->finished) {
		r->finished = *result->finished;
		r->is_finished = true;
	}
}

static void trouble(void *ctx, const struct kf_error *err)
{
	(void)ctx;
	if (!err->text[0])
		abort();
}

static const struct kf_host_ops host = {
	.reply = reply, .ready = ready, .opened = opened, .resume = resume, .trouble = trouble, .closed = closed,
};

void receive_init(struct receive *r)
{
	memset(r, 0, sizeof(*r));
	memio_init(&r->disk);
	rig_init_on(&r->rig, &r->disk.io, MEMIO_BASE);
	r->rig.setup.host = &host;
	r->rig.setup.host_ctx = r;
	r->rig.setup.pace = (struct kf_pace){ .sync_bytes = 1, .sync_ms = 60000, .checkpoint_bytes = 1, .checkpoint_ms = 60000 };
	/* A fuzzer would fill the memory of its machine with page tables only. */
	r->rig.setup.limits.max_mapnr = 1 << 22;
}

void receive_deinit(struct receive *r)
{
	kf_packer_destroy(r->rig.packer);
	memio_deinit(&r->disk);
}

void receive_connect(struct receive *r)
{
	uint8_t preface[KF_PREFACE_BYTES];

	r->rig.closed = false;
	rig_begin(&r->rig, &r->feed);
	kf_preface_encode(preface, KF_ROLE_SENDER);
	receive_give(r, preface, sizeof(preface));
}

void receive_give(struct receive *r, const uint8_t *bytes, size_t len)
{
	rig_give(&r->rig, &r->feed, bytes, len);
}

/* A file has the name of a finished dump only if END came and the assembler says so. */
void receive_break(struct receive *r)
{
	rig_end(&r->rig, &r->feed);
	kf_assembler_destroy(r->rig.a);
	r->rig.a = NULL;
	if (memio_find(&r->disk, "vmcore") && !(r->end_came && r->is_finished))
		abort();
	for (int fd = MEMIO_BASE + 1; fd < MEMIO_OPEN; fd++)
		if (r->disk.open[fd] >= 0)
			abort();	/* a descriptor leaks */
}

void receive_recover(struct receive *r)
{
	struct kf_recovered out;
	struct kf_error err;
	struct kf_welcome id;

	if (!r->dir[0])
		return;
	(void)!kf_recover_peek(&r->rig.setup, r->dir, &id, &err);
	if (!kf_recover(&r->rig.setup, r->dir, &out, &err) && out.whole && !r->is_finished) {
		if (!r->end_came)
			abort();
		r->finished = out.finished;
		r->is_finished = true;
	}
}
