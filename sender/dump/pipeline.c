// SPDX-License-Identifier: GPL-2.0-or-later
// The ring of slots and its threads' life; see pipeline.h. What each thread does: pack.c, writer.c.
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/checksum.h"
#include "sender/dump/ring.h"

/* glibc's default of 8 MiB each would count against the memory cap. */
#define STACK_BYTES (160u << 10)

/* Of the 16 MiB that the sender may take; the rest is for the bitmap, for what a window gathers and for the libraries. */
#define MEMORY (10u << 20)
/* malloc rounds each large piece up to pages. */
#define ROUNDING (16u << 10)

/* With --wire auto a compressor has an encoder of each kind. */
static size_t encoders_bytes(const struct kf_pipeline_setup *setup)
{
	struct kf_encoding how = setup->encoding;
	struct kf_choice choice;
	size_t bytes = 0;

	kf_choice_init(&choice, &how, setup->transport->ops->answers, setup->transport->dear);
	how.automatic = false;
	for (how.wire = 0; how.wire < KF_WIRE_CODECS; how.wire++)
		if (kf_choice_may(&choice, how.wire))
			bytes += kf_encoder_bytes(&how);
	return bytes;
}

unsigned int kf_pipeline_threads(const struct kf_pipeline_setup *setup)
{
	size_t slot = KF_SLOT_BYTES + ROUNDING, each = slot + STACK_BYTES + encoders_bytes(setup);
	size_t fit = (MEMORY - KF_SLOTS_BESIDE * slot) / each;

	if (fit < 1)
		return 1;
	return fit < setup->threads ? (unsigned int)fit : setup->threads;
}

static void wake_all(struct kf_pipeline *p)
{
	pthread_cond_broadcast(&p->slot_freed);
	pthread_cond_broadcast(&p->slot_filled);
	pthread_cond_broadcast(&p->slot_ready);
}

void kf_pipeline_fail(struct kf_pipeline *p, const struct kf_error *err)
{
	pthread_mutex_lock(&p->lock);
	if (!p->failed)
		p->error = *err;
	p->failed = true;
	wake_all(p);
	pthread_mutex_unlock(&p->lock);
}

static enum kf_status start(struct kf_pipeline *p, pthread_t *thread, void *(*run)(void *), struct kf_error *err)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES > (size_t)PTHREAD_STACK_MIN ? STACK_BYTES : (size_t)PTHREAD_STACK_MIN);
	rc = pthread_create(thread, &attr, run, p);
	pthread_attr_destroy(&attr);
	if (rc)
		return kf_fail(err, KF_FAILED, "cannot start a thread (error %d)", rc);
	return KF_OK;
}

/* The condition variables wait by the clock that nobody sets. */
static void init_sync(struct kf_pipeline *p)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->slot_freed, &attr);
	pthread_cond_init(&p->slot_filled, &attr);
	pthread_cond_init(&p->slot_ready, &attr);
	pthread_condattr_destroy(&attr);
}

enum kf_status kf_pipeline_create(struct kf_pipeline **out, const struct kf_pipeline_setup *setup, struct kf_error *err)
{
	struct kf_pipeline *p = calloc(1, sizeof(*p));
	enum kf_status st;

	if (!p) {
		kf_parser_destroy(setup->replies.parser);
		return kf_fail(err, KF_FAILED, "no memory for the pipeline");
	}
	*out = p;
	p->setup = *setup;
	p->setup.threads = kf_pipeline_threads(setup);
	p->slot_count = p->setup.threads + KF_SLOTS_BESIDE;
	init_sync(p);
	kf_choice_init(&p->choice, &setup->encoding, setup->transport->ops->answers, setup->transport->dear);
	p->totals = setup->totals;
	p->replies = setup->replies;
	st = p->replies.parser ? KF_OK : kf_replies_init(&p->replies, err);
	p->slots = calloc(p->slot_count, sizeof(*p->slots));
	if (!st && !p->slots)
		st = kf_fail(err, KF_FAILED, "no memory for %u slots", p->slot_count);
	for (unsigned int i = 0; !st && i < p->slot_count; i++)
		st = kf_slot_init(&p->slots[i], err);
	if (!st)
		st = start(p, &p->writer, kf_writer_run, err);
	p->writer_started = !st;
	while (!st && p->packers_started < p->setup.threads) {
		st = start(p, &p->packers[p->packers_started], kf_packer_run, err);
		p->packers_started += !st;
	}
	if (st) {
		kf_pipeline_destroy(p, err);
		*out = NULL;
	}
	return st;
}

void kf_pipeline_stop(struct kf_pipeline *p, const struct kf_error *why)
{
	struct kf_error stopped;

	kf_fail(&stopped, KF_FAILED, "the sender stopped");
	kf_pipeline_fail(p, why ? why : &stopped);
	for (unsigned int i = 0; i < p->packers_started; i++)
		pthread_join(p->packers[i], NULL);
	if (p->writer_started)
		pthread_join(p->writer, NULL);
	p->packers_started = 0;
	p->writer_started = false;
}

bool kf_pipeline_broke(const struct kf_pipeline *p)
{
	return p->broken;
}

const struct kf_replies *kf_pipeline_replies(const struct kf_pipeline *p)
{
	return &p->replies;
}

void kf_pipeline_destroy(struct kf_pipeline *p, const struct kf_error *why)
{
	if (!p)
		return;
	kf_pipeline_stop(p, why);
	for (unsigned int i = 0; p->slots && i < p->slot_count; i++)
		kf_slot_deinit(&p->slots[i]);
	kf_replies_deinit(&p->replies);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->slot_freed);
	pthread_cond_destroy(&p->slot_filled);
	pthread_cond_destroy(&p->slot_ready);
	free(p->slots);
	free(p);
}

enum kf_status kf_pipeline_batch(struct kf_pipeline *p, struct kf_slot **slot, struct kf_error *err)
{
	struct kf_slot *s = &p->slots[p->filled % p->slot_count];
	bool failed;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && s->state != KF_SLOT_FREE)
		pthread_cond_wait(&p->slot_freed, &p->lock);
	failed = p->failed;
	if (failed)
		*err = p->error;
	pthread_mutex_unlock(&p->lock);
	if (failed)
		return err->status;
	kf_slot_begin_batch(s);
	*slot = s;
	return KF_OK;
}

static void hand_over(struct kf_pipeline *p, struct kf_slot *slot, enum kf_slot_state state)
{
	pthread_mutex_lock(&p->lock);
	slot->state = state;
	if (state == KF_SLOT_READY && p->packed == p->filled)
		p->packed++;	/* nothing to pack in it */
	p->filled++;
	pthread_cond_broadcast(state == KF_SLOT_FILLED ? &p->slot_filled : &p->slot_ready);
	pthread_mutex_unlock(&p->lock);
}

void kf_pipeline_submit(struct kf_pipeline *p, struct kf_slot *slot)
{
	hand_over(p, slot, KF_SLOT_FILLED);
}

/* An upper bound of M's frame: what it points to, and its largest fixed part. */
static size_t control_room(const struct kf_message *m)
{
	size_t fixed = KF_HEADER_BYTES + 1024;

	switch (m->type) {
	case KF_MSG_VMCOREINFO:
	case KF_MSG_LOG:
	case KF_MSG_NOTES:
		return fixed + m->block.len;
	case KF_MSG_RAM:
	case KF_MSG_VITAL:
		return fixed + (size_t)m->list.ranges.count * KF_RANGE_BYTES;
	case KF_MSG_WINDOW:
		return fixed + m->window.runs_bytes +
		       ((size_t)m->window.unreadable.count + m->window.undecided.count) * KF_RANGE_BYTES;
	default:
		return fixed;
	}
}

/* Points are added when their WINDOW was sent, so those on their way count too. */
static enum kf_status await_room(struct kf_pipeline *p, struct kf_error *err)
{
	bool failed;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && p->setup.history && !kf_history_has_room(p->setup.history, p->slot_count + 1))
		pthread_cond_wait(&p->slot_freed, &p->lock);
	failed = p->failed;
	if (failed)
		*err = p->error;
	pthread_mutex_unlock(&p->lock);
	return failed ? err->status : KF_OK;
}

static enum kf_status control(struct kf_pipeline *p, const struct kf_message *m, const struct kf_history_point *point,
			      struct kf_error *err)
{
	size_t room = control_room(m);
	struct kf_slot *s = NULL;
	struct kf_writer w;

	if (kf_pipeline_batch(p, &s, err) || !s)
		return err->status;
	if (room > KF_SLOT_FRAME) {
		s->large = malloc(room);
		if (!s->large)
			return kf_fail(err, KF_FAILED, "no memory for a frame of %zu bytes", room);
	}
	s->type = (uint8_t)m->type;
	s->frame = s->large ? s->large : s->packed_frame;
	w = kf_writer_on(s->frame + KF_HEADER_BYTES, room - KF_HEADER_BYTES);
	kf_encode(&w, m);
	if (w.failed || kf_written(&w) > kf_payload_max(s->type))
		return kf_fail(err, KF_INVALID, "a frame of type %u does not fit its cap", s->type);
	s->payload_len = (uint32_t)kf_written(&w);
	s->payload_crc = kf_crc32c(w.start, s->payload_len);
	s->has_point = point != NULL;
	if (point)
		s->point = *point;
	hand_over(p, s, KF_SLOT_READY);
	return KF_OK;
}

enum kf_status kf_pipeline_control(struct kf_pipeline *p, const struct kf_message *m, struct kf_error *err)
{
	return control(p, m, NULL, err);
}

enum kf_status kf_pipeline_window(struct kf_pipeline *p, const struct kf_message *m, const struct kf_history_point *point,
				  struct kf_error *err)
{
	return await_room(p, err) ? err->status : control(p, m, point, err);
}

enum kf_status kf_pipeline_drain(struct kf_pipeline *p, struct kf_pipeline_totals *totals, struct kf_error *err)
{
	enum kf_status st = KF_OK;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && p->written < p->filled)
		pthread_cond_wait(&p->slot_freed, &p->lock);
	if (p->failed) {
		*err = p->error;
		st = err->status;
	}
	*totals = p->totals;
	pthread_mutex_unlock(&p->lock);
	return st;
}

enum kf_status kf_pipeline_finish(struct kf_pipeline *p, struct kf_replies *replies, struct kf_error *err)
{
	enum kf_status st = KF_OK;

	pthread_mutex_lock(&p->lock);
	p->ended = true;
	pthread_cond_broadcast(&p->slot_ready);
	while (!p->failed && !p->finished)
		pthread_cond_wait(&p->slot_freed, &p->lock);
	if (!p->finished) {
		*err = p->error;
		st = err->status;
	}
	*replies = p->replies;
	replies->parser = NULL;		/* stays with the writer */
	pthread_mutex_unlock(&p->lock);
	return st;
}
