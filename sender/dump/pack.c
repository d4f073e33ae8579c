// SPDX-License-Identifier: GPL-2.0-or-later
// A compressor thread: hashes a filled batch, packs it with the wire codec and makes its payload.
#include "common/checksum.h"
#include "sender/dump/ring.h"

static const uint8_t zero_page[1u << KF_PAGE_SHIFT_MAX];

/* The digest covers zero pages too: they are in the dump, only not in the batch. */
static void sum_pages(struct kf_slot *s, unsigned int page_shift)
{
	size_t page_size = (size_t)1 << page_shift;
	const uint8_t *raw = s->raw;

	for (uint32_t i = 0; i < s->run_count; i++) {
		struct kf_run run = kf_run_at(s->runs, i);

		for (uint32_t k = 0; k < run.count; k++) {
			kf_sum_page(&s->pages_sum, run.first + k, run.kind == KF_RUN_DATA ? raw : zero_page, page_size);
			if (run.kind == KF_RUN_DATA)
				raw += page_size;
		}
	}
}

/* One for each codec that may be chosen. */
struct packers {
	struct kf_encoder by_wire[KF_WIRE_CODECS];
};

static void packers_deinit(struct packers *packers)
{
	for (unsigned int i = 0; i < KF_WIRE_CODECS; i++)
		kf_encoder_deinit(&packers->by_wire[i]);
}

static enum kf_status packers_init(struct packers *packers, const struct kf_pipeline *p, struct kf_error *err)
{
	struct kf_encoding how = p->setup.encoding;
	enum kf_status st = KF_OK;

	*packers = (struct packers){ 0 };
	for (how.wire = 0; !st && how.wire < KF_WIRE_CODECS; how.wire++)
		if (kf_choice_may(&p->choice, how.wire))
			st = kf_encoder_init(&packers->by_wire[how.wire], &how, err);
	if (st)
		packers_deinit(packers);
	return st;
}

static void pack(const struct kf_pipeline *p, struct kf_slot *s, const struct packers *packers)
{
	const struct kf_encoder *encoder = &packers->by_wire[s->wire];
	unsigned int page_shift = p->setup.encoding.page_shift;
	size_t head = 24 + (size_t)s->run_count * KF_RUN_BYTES;	/* what a BATCH has before its pages */
	uint8_t *pages = s->packed;
	struct kf_message m = { .type = KF_MSG_BATCH };
	struct kf_writer w;
	size_t n;

	sum_pages(s, page_shift);
	m.batch = (struct kf_batch){
		.codec = encoder->wire, .page_shift = page_shift,
		.raw_bytes = s->raw_bytes, .xxh3 = kf_batch_hash(s->raw, s->raw_bytes),
		.runs = s->runs, .run_count = s->run_count,
	};
	n = kf_encoder_pack(encoder, pages, s->raw, s->raw_bytes);
	if (n == 0) {
		n = s->raw_bytes;
		pages = s->raw;
		m.batch.codec = s->wire = KF_WIRE_NONE;
	}
	/* The head goes straight before the pages, which are where kf_encode would put them. */
	w = kf_writer_on(pages - head, head + n);
	s->frame = pages - head - KF_HEADER_BYTES;
	m.batch.stored = pages;
	m.batch.stored_bytes = (uint32_t)n;
	kf_encode(&w, &m);
	s->payload_len = (uint32_t)kf_written(&w);
	s->payload_crc = kf_crc32c(w.start, s->payload_len);
}

/* The next filled slot in order; slots that are ready by themselves (control frames) are passed over. */
static struct kf_slot *take_filled(struct kf_pipeline *p)
{
	struct kf_slot *s = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->failed && !s) {
		if (p->packed == p->filled) {
			pthread_cond_wait(&p->slot_filled, &p->lock);
			continue;
		}
		s = &p->slots[p->packed++ % p->slot_count];
		if (s->state != KF_SLOT_FILLED)
			s = NULL;
		else
			s->state = KF_SLOT_PACKING;
	}
	if (s)
		s->wire = kf_choice_next(&p->choice, kf_choice_now());
	pthread_mutex_unlock(&p->lock);
	return s;
}

void *kf_packer_run(void *pipeline)
{
	struct kf_pipeline *p = pipeline;
	struct packers packers;
	struct kf_error err;
	struct kf_slot *s;

	if (packers_init(&packers, p, &err)) {
		kf_pipeline_fail(p, &err);
		return NULL;
	}
	while ((s = take_filled(p)) != NULL) {
		bool open = kf_choice_is_open(&p->choice);
		uint64_t took = open ? kf_choice_now() : 0, core = open ? kf_choice_core() : 0;

		pack(p, s, &packers);
		took = open ? kf_choice_now() - took : 0;
		core = open ? kf_choice_core() - core : 0;
		pthread_mutex_lock(&p->lock);
		kf_choice_packed(&p->choice, took, core);
		s->state = KF_SLOT_READY;
		pthread_cond_broadcast(&p->slot_ready);
		pthread_mutex_unlock(&p->lock);
	}
	packers_deinit(&packers);
	return NULL;
}
