/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The push parser: bytes of one direction in, whole checked frames out. */
#ifndef KF_PARSER_H
#define KF_PARSER_H

#include <stdbool.h>

#include "common/status.h"
#include "proto/preface.h"
#include "proto/wire.h"

/*
 * This is the first code that looks at a byte from the network. It knows how many bytes it wants
 * next and where they go, so whoever reads a socket, a file or a TLS record reads straight into
 * place:
 *
 *	kf_parser_space(p, &where, &room);      room > 0
 *	n = read(fd, where, room);              any n in 1..room
 *	kf_parser_advance(p, n, &frame, err);   at most one frame for each call
 *
 * A payload's memory is allocated only after its header's CRC and cap were checked.
 */
struct kf_frame {
	uint8_t type;		/* a known type */
	uint32_t len;		/* of payload, bytes */
	uint64_t number;
	uint8_t *payload;	/* malloc'd, owned by the caller once given; NULL if len is 0 */
};

struct kf_parser;

/* EXPECTED is the role whose bytes will come. NULL if there is no memory. */
struct kf_parser *kf_parser_create(enum kf_role expected);
void kf_parser_destroy(struct kf_parser *p);	/* NULL is allowed */

void kf_parser_space(struct kf_parser *p, uint8_t **where, size_t *room);

/* Takes N bytes that were put where kf_parser_space said. *GOT tells whether FRAME was set; the
 * caller frees frame->payload. After any failure the parser must not be used again. */
enum kf_status kf_parser_advance(struct kf_parser *p, size_t n, struct kf_frame *frame, bool *got,
				 struct kf_error *err) kf_must_check;

/* Whether the bytes so far end between two frames (or before the preface), as an orderly end does. */
bool kf_parser_at_boundary(const struct kf_parser *p);

/* Bytes taken so far, preface included. */
uint64_t kf_parser_bytes(const struct kf_parser *p);

#endif
