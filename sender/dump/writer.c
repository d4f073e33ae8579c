// SPDX-License-Identifier: GPL-2.0-or-later
// The writer thread: numbers the frames, sends them in order, listens to the receiver.
#include <stdlib.h>
#include <time.h>

#include "proto/frame.h"
#include "proto/names.h"
#include "sender/dump/ring.h"
#include "sender/dump/silence.h"

#define TICK_MS 1000

struct writer {
	struct kf_pipeline *p;
	struct kf_transport *t;
	uint64_t number, bytes;
	time_t last_sent, last_heard;	/* seconds of the monotonic clock */
	struct kf_error err;
};

/* What is durable need not be remembered; whoever waits for room in the history may find some. */
static void note_durable(struct kf_pipeline *p)
{
	pthread_mutex_lock(&p->lock);
	if (p->setup.history)
		kf_history_durable(p->setup.history, p->replies.durable_pfn, p->replies.durable_flags & KF_RESUME_VITAL);
	pthread_cond_broadcast(&p->slot_freed);
	pthread_mutex_unlock(&p->lock);
}

static enum kf_status pump(struct writer *w)
{
	uint64_t before = kf_parser_bytes(w->p->replies.parser);
	enum kf_status st;

	if (!w->t->ops->answers)
		return KF_OK;
	st = kf_replies_pump(&w->p->replies, w->t, &w->err);
	if (kf_parser_bytes(w->p->replies.parser) != before) {
		w->last_heard = kf_silence_now();
		note_durable(w->p);
	}
	return st ? st : kf_check_silence(w->last_heard, w->t, &w->err);
}

static enum kf_wait waiting_for(const struct kf_transport *t)
{
	return t->ops->flow && t->ops->flow(t) == KF_FLOW_PEER ? KF_WAIT_PEER : KF_WAIT_LINK;
}

/* As long as anything waits to be sent, it is the link's turn and not ours. */
static bool nothing_to_send(const struct kf_transport *t)
{
	return !t->ops->flow || t->ops->flow(t) == KF_FLOW_DONE;
}

static void note_wait(struct kf_pipeline *p, enum kf_wait what, uint64_t ns)
{
	pthread_mutex_lock(&p->lock);
	kf_choice_waited(&p->choice, what, ns);
	pthread_mutex_unlock(&p->lock);
}

/* Until something can be sent or received, or a tick has gone. */
static void wait_for_peer(struct writer *w)
{
	bool open = kf_choice_is_open(&w->p->choice);
	enum kf_wait waiting = open ? waiting_for(w->t) : KF_WAIT_LINK;
	uint64_t since = kf_choice_now();

	w->t->ops->wait(w->t, KF_CAN_SEND | KF_CAN_RECEIVE, TICK_MS);
	if (open)
		note_wait(w->p, waiting, kf_choice_now() - since);
}

static enum kf_status send_all(struct writer *w, const uint8_t *bytes, size_t len)
{
	while (len) {
		ssize_t n = w->t->ops->send(w->t, bytes, len, &w->err);
		bool stopped;

		if (n < 0)
			return kf_replies_last_words(&w->p->replies, w->t, &w->err);
		if (n > 0) {
			w->last_sent = kf_silence_now();
			w->bytes += (uint64_t)n;
			bytes += n;
			len -= (size_t)n;
			continue;
		}
		wait_for_peer(w);
		if (pump(w))
			return w->err.status;
		w->p->setup.tick(w->p->setup.tick_context);
		pthread_mutex_lock(&w->p->lock);
		stopped = w->p->failed;
		pthread_mutex_unlock(&w->p->lock);
		if (stopped)
			return kf_fail(&w->err, KF_FAILED, "stopped");
	}
	return KF_OK;
}

static enum kf_status send_frame(struct writer *w, uint8_t *frame, uint8_t type, uint32_t len, uint32_t crc)
{
	struct kf_header h = { .type = type, .len = len, .number = w->number++, .payload_crc = crc };

	w->p->replies.end_sent = w->p->replies.end_sent || type == KF_MSG_END;

	kf_header_encode(frame, &h);
	return send_all(w, frame, KF_HEADER_BYTES + len);
}

static enum kf_status keep_alive(struct writer *w)
{
	uint8_t frame[KF_HEADER_BYTES];

	if (!w->t->ops->answers || kf_silence_now() - w->last_sent < KF_KEEPALIVE_S)
		return KF_OK;
	return send_frame(w, frame, KF_MSG_KEEPALIVE, 0, 0);
}

/* The next slot in order once it is ready; NULL when there will be none, or after a tick with *TICKED set. */
static struct kf_slot *take_ready(struct kf_pipeline *p, bool *ticked)
{
	struct kf_slot *s = &p->slots[p->written % p->slot_count], *taken = NULL;
	uint64_t packing = 0;
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TICK_MS / 1000;
	pthread_mutex_lock(&p->lock);
	while (!p->failed && s->state != KF_SLOT_READY && !(p->ended && p->written == p->filled) && !rc) {
		if (!packing && (s->state == KF_SLOT_FILLED || s->state == KF_SLOT_PACKING))
			packing = kf_choice_now();
		rc = pthread_cond_timedwait(&p->slot_ready, &p->lock, &until);
	}
	*ticked = rc && !p->failed;
	if (!p->failed && s->state == KF_SLOT_READY)
		taken = s;
	pthread_mutex_unlock(&p->lock);
	if (packing && kf_choice_is_open(&p->choice) && nothing_to_send(p->setup.transport))
		note_wait(p, KF_WAIT_CORE, kf_choice_now() - packing);
	return taken;
}

static void release(struct writer *w, struct kf_slot *s)
{
	struct kf_pipeline *p = w->p;

	free(s->large);
	s->large = NULL;
	pthread_mutex_lock(&p->lock);
	if (s->type == KF_MSG_BATCH) {
		p->totals.batches++;
		p->totals.raw_bytes += s->raw_bytes;
		p->totals.packed[s->wire]++;
		kf_sum_add(&p->totals.pages, &s->pages_sum);
	}
	if (s->has_point && p->setup.history) {
		s->point.pages = p->totals.pages;
		s->point.batches = p->totals.batches;
		s->point.raw_bytes = p->totals.raw_bytes;
		s->point.wire_bytes = w->bytes;
		kf_history_add(p->setup.history, &s->point);
	}
	s->has_point = false;
	p->totals.wire_bytes = w->bytes;
	s->state = KF_SLOT_FREE;
	p->written++;
	pthread_cond_broadcast(&p->slot_freed);
	pthread_mutex_unlock(&p->lock);
}

static enum kf_status write_slots(struct writer *w)
{
	for (;;) {
		bool ticked;
		struct kf_slot *s = take_ready(w->p, &ticked);
		enum kf_status st;

		if (!s && !ticked)
			return KF_OK;
		st = s && s->silent ? KF_OK :
		     s ? send_frame(w, s->frame, s->type, s->payload_len, s->payload_crc)
		       : keep_alive(w);
		if (s && !st)
			release(w, s);	/* first: the receiver may call a window durable, and hang up, as soon as it has it */
		if (!st)
			st = pump(w);
		if (st)
			return st;
		w->p->setup.tick(w->p->setup.tick_context);
	}
}

/* Only what the receiver calls stored is stored. Nothing more is said: END was the last word. */
static enum kf_status await_stored(struct writer *w)
{
	while (w->t->ops->answers && !w->p->replies.stored) {
		w->t->ops->wait(w->t, KF_CAN_RECEIVE, TICK_MS);
		if (pump(w))
			return w->err.status;
		w->p->setup.tick(w->p->setup.tick_context);
	}
	return w->t->ops->finish(w->t, &w->err);
}

/* The peer shall know why: best effort, after a failure that is not the connection's own. */
static void send_abort(struct writer *w)
{
	uint8_t frame[512];
	struct kf_writer out = kf_writer_on(frame, sizeof(frame));
	struct kf_message m = { .type = KF_MSG_ABORT };
	struct kf_error ignored = w->err;

	m.abort = (struct kf_abort){ .code = KF_ABORT_SYSTEM, .text = kf_string_of(w->p->error.text) };
	kf_encode_frame(&out, &m, w->number);
	if (w->t->ops->answers && w->t->ops->send(w->t, frame, kf_written(&out), &ignored) < 0)
		return;
}

void *kf_writer_run(void *pipeline)
{
	struct kf_pipeline *p = pipeline;
	struct writer w = { .p = p, .t = p->setup.transport, .last_sent = kf_silence_now(), .last_heard = kf_silence_now(),
			    .number = p->setup.frames, .bytes = p->totals.wire_bytes };
	uint8_t preface[KF_PREFACE_BYTES];
	enum kf_status st = KF_OK;
	bool failed, ended;

	kf_preface_encode(preface, KF_ROLE_SENDER);
	if (!p->setup.frames)
		st = send_all(&w, preface, sizeof(preface));
	if (!st)
		st = write_slots(&w);
	pthread_mutex_lock(&p->lock);
	failed = p->failed;
	ended = p->ended;
	pthread_mutex_unlock(&p->lock);
	if (!st && failed)
		send_abort(&w);
	if (!st && !failed && ended)
		st = await_stored(&w);
	if (st) {
		pthread_mutex_lock(&p->lock);
		p->broken = !p->failed;
		pthread_mutex_unlock(&p->lock);
		kf_pipeline_fail(p, &w.err);
		return NULL;
	}
	pthread_mutex_lock(&p->lock);
	p->finished = !failed;
	pthread_cond_broadcast(&p->slot_freed);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}
