/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tickets: how a sender that logged in by SSH gets a key for one TLS connection. The bytes; docs/PROTOCOL.md, section 17, tells who says what when. */
#ifndef KF_TICKET_H
#define KF_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/identity.h"
#include "common/status.h"

/*
 * All of it precedes a stream and is no part of one: saved streams have none of it. Little endian; reserved bytes are 0 and are checked.
 *
 *   ask       sender to `kferry-recv --stdio`, 16 bytes
 *                0  8 bytes KF_TICKET_MAGIC
 *                8  u16 version
 *               10  6 bytes reserved
 *   request   `kferry-recv --stdio` to the service, one packet
 *                0  8 bytes KF_TICKET_MAGIC
 *                8  u16 version
 *               10  u16 reserved
 *               12  u16 bytes of the identity
 *               14  u16 reserved
 *               16  the identity
 *   answer    the way back of both, one packet on the service's socket
 *                0  8 bytes KF_TICKET_MAGIC
 *                8  u16 version
 *               10  u8  status, enum kf_ticket_status
 *               11  u8  reserved
 *               12  u16 payload bytes, at most KF_TICKET_PAYLOAD_MAX
 *               14  u16 reserved
 *               16  payload; granted: u16 port, u16 seconds, 16 bytes id, 32 bytes key; none: text, why
 */
#define KF_TICKET_MAGIC "KFTICKET"
#define KF_TICKET_MAGIC_BYTES 8
#define KF_TICKET_VERSION 1u
#define KF_TICKET_HEAD_BYTES 16u	/* of each of the three */
#define KF_TICKET_ID_BYTES 16u
#define KF_TICKET_KEY_BYTES 32u
#define KF_TICKET_GRANTED_BYTES (4u + KF_TICKET_ID_BYTES + KF_TICKET_KEY_BYTES)
#define KF_TICKET_PAYLOAD_MAX 256u
#define KF_TICKET_REQUEST_MAX (KF_TICKET_HEAD_BYTES + KF_IDENTITY_MAX)
#define KF_TICKET_ANSWER_MAX (KF_TICKET_HEAD_BYTES + KF_TICKET_PAYLOAD_MAX)

#define KF_TICKET_SOCKET "/run/kferry/tickets"	/* where the service listens, if nobody names another place */

enum kf_ticket_status {
	KF_TICKET_GRANTED = 1,
	KF_TICKET_NONE = 2,	/* the pages stay in the SSH channel */
};

/* It holds a key: wipe it, and the bytes of an answer, as soon as they are used. */
struct kf_ticket_answer {
	enum kf_ticket_status status;
	uint16_t port;				/* granted: of TLS, at the address that the SSH connection has */
	uint16_t seconds;			/* granted: how long it is valid, from now */
	uint8_t id[KF_TICKET_ID_BYTES];		/* granted */
	uint8_t key[KF_TICKET_KEY_BYTES];	/* granted: the pre-shared key */
	char why[KF_TICKET_PAYLOAD_MAX + 1];	/* none: text, cleaned of what is not printable ASCII */
};

/* Whether the LEN bytes that came so far begin an ask; false as soon as one differs, so 0 bytes do. */
bool kf_ticket_begins(const uint8_t *bytes, size_t len);

void kf_ticket_ask_encode(uint8_t out[KF_TICKET_HEAD_BYTES]);
enum kf_status kf_ticket_ask_decode(const uint8_t in[KF_TICKET_HEAD_BYTES], struct kf_error *err) kf_must_check;

/* IDENTITY must be a good one (common/identity.h). Gives the bytes made. */
size_t kf_ticket_request_encode(uint8_t out[KF_TICKET_REQUEST_MAX], const char *identity);
enum kf_status kf_ticket_request_decode(char identity[KF_IDENTITY_MAX + 1], const uint8_t *bytes, size_t len,
					struct kf_error *err) kf_must_check;

/* A text that is empty or too long is sent as one that is not. Gives the bytes made. */
size_t kf_ticket_answer_encode(uint8_t out[KF_TICKET_ANSWER_MAX], const struct kf_ticket_answer *a);
/* For reading an answer from a stream: how long its payload is. Checks all that the 16 bytes hold. */
enum kf_status kf_ticket_answer_head(const uint8_t in[KF_TICKET_HEAD_BYTES], size_t *payload, struct kf_error *err) kf_must_check;
/* A whole answer, of exactly LEN bytes. */
enum kf_status kf_ticket_answer_decode(struct kf_ticket_answer *a, const uint8_t *bytes, size_t len,
				       struct kf_error *err) kf_must_check;

/* What a ticket's holder calls itself in the TLS handshake, as its PSK identity: "ticket:" and the id in 32 hex digits. No host's identity has a ':'. */
#define KF_TICKET_NAME_PREFIX "ticket:"
#define KF_TICKET_NAME_CHARS (sizeof(KF_TICKET_NAME_PREFIX) - 1 + 2 * (size_t)KF_TICKET_ID_BYTES)

void kf_ticket_name(char out[KF_TICKET_NAME_CHARS + 1], const uint8_t id[KF_TICKET_ID_BYTES]);
/* False if the LEN bytes are no ticket's name; hex digits must be lower case. */
bool kf_ticket_name_parse(const char *name, size_t len, uint8_t id[KF_TICKET_ID_BYTES]);

#endif
