// SPDX-License-Identifier: GPL-2.0-or-later
// The push parser: where a byte from the network is first looked at; see parser.h.
#include "proto/parser.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/checksum.h"
#include "proto/frame.h"

enum stage { IN_PREFACE, IN_HEADER, IN_PAYLOAD };

struct kf_parser {
	enum kf_role expected;
	enum stage stage;
	uint8_t small[KF_PREFACE_BYTES];	/* preface or header being filled */
	struct kf_header header;		/* valid while IN_PAYLOAD */
	uint8_t *payload;
	size_t have, want;			/* bytes of this stage */
	uint64_t next_number, bytes;
};

static void enter(struct kf_parser *p, enum stage stage, size_t want)
{
	p->stage = stage;
	p->have = 0;
	p->want = want;
}

struct kf_parser *kf_parser_create(enum kf_role expected)
{
	struct kf_parser *p = calloc(1, sizeof(*p));

	if (p) {
		p->expected = expected;
		enter(p, IN_PREFACE, KF_PREFACE_BYTES);
	}
	return p;
}

void kf_parser_destroy(struct kf_parser *p)
{
	if (p)
		free(p->payload);
	free(p);
}

void kf_parser_space(struct kf_parser *p, uint8_t **where, size_t *room)
{
	*where = (p->stage == IN_PAYLOAD ? p->payload : p->small) + p->have;
	*room = p->want - p->have;
}

static enum kf_status give_frame(struct kf_parser *p, struct kf_frame *frame, bool *got, struct kf_error *err)
{
	if (kf_crc32c(p->payload, p->header.len) != p->header.payload_crc)
		return kf_fail(err, KF_INVALID, "frame %" PRIu64 ": its payload is damaged (CRC)", p->header.number);
	*frame = (struct kf_frame){
		.type = p->header.type, .len = p->header.len,
		.number = p->header.number, .payload = p->payload,
	};
	*got = true;
	p->payload = NULL;
	p->next_number++;
	enter(p, IN_HEADER, KF_HEADER_BYTES);
	return KF_OK;
}

static enum kf_status take_header(struct kf_parser *p, struct kf_frame *frame, bool *got, struct kf_error *err)
{
	enum kf_status st = kf_header_decode(&p->header, p->small, p->next_number, err);

	if (st)
		return st;
	if (p->header.len == 0)
		return give_frame(p, frame, got, err);
	p->payload = malloc(p->header.len);
	if (!p->payload)
		return kf_fail(err, KF_FAILED, "no memory for a frame of %" PRIu32 " bytes", p->header.len);
	enter(p, IN_PAYLOAD, p->header.len);
	return KF_OK;
}

enum kf_status kf_parser_advance(struct kf_parser *p, size_t n, struct kf_frame *frame, bool *got,
				 struct kf_error *err)
{
	struct kf_preface preface;
	enum kf_status st;

	*got = false;
	p->have += n;
	p->bytes += n;
	if (p->have < p->want)
		return p->stage == IN_PREFACE ? kf_preface_begins(p->small, p->have, err) : KF_OK;
	switch (p->stage) {
	case IN_PREFACE:
		st = kf_preface_decode(&preface, p->small, p->expected, err);
		if (st)
			return st;
		enter(p, IN_HEADER, KF_HEADER_BYTES);
		return KF_OK;
	case IN_HEADER:
		return take_header(p, frame, got, err);
	case IN_PAYLOAD:
		break;
	}
	return give_frame(p, frame, got, err);
}

bool kf_parser_at_boundary(const struct kf_parser *p)
{
	return p->stage != IN_PAYLOAD && p->have == 0;
}

uint64_t kf_parser_bytes(const struct kf_parser *p)
{
	return p->bytes;
}
