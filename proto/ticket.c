// SPDX-License-Identifier: GPL-2.0-or-later
// Tickets, their bytes; see ticket.h.
#include "proto/ticket.h"

#include "common/cursor.h"

bool kf_ticket_begins(const uint8_t *bytes, size_t len)
{
	return !len || memcmp(bytes, KF_TICKET_MAGIC, len < KF_TICKET_MAGIC_BYTES ? len : KF_TICKET_MAGIC_BYTES) == 0;
}

static void put_head(struct kf_writer *w, uint8_t status, uint16_t payload)
{
	kf_put_bytes(w, KF_TICKET_MAGIC, KF_TICKET_MAGIC_BYTES);
	kf_put_u16(w, KF_TICKET_VERSION);
	kf_put_u8(w, status);
	kf_put_u8(w, 0);
	kf_put_u16(w, payload);
	kf_put_u16(w, 0);
}

/* What all three begin with. WHAT is for the text. */
static enum kf_status check_head(const uint8_t *in, const char *what, struct kf_error *err)
{
	uint16_t version = kf_le16_at(in + 8);

	if (memcmp(in, KF_TICKET_MAGIC, KF_TICKET_MAGIC_BYTES) != 0)
		return kf_fail(err, KF_INVALID, "not a %s (its first 8 bytes are others)", what);
	if (version != KF_TICKET_VERSION)
		return kf_fail(err, KF_INVALID, "%s of version %u, this program speaks version %u", what, version, KF_TICKET_VERSION);
	if (in[11] != 0 || kf_le16_at(in + 14) != 0)
		return kf_fail(err, KF_INVALID, "%s: a reserved byte is not 0", what);
	return KF_OK;
}

void kf_ticket_ask_encode(uint8_t out[KF_TICKET_HEAD_BYTES])
{
	struct kf_writer w = kf_writer_on(out, KF_TICKET_HEAD_BYTES);

	put_head(&w, 0, 0);
}

enum kf_status kf_ticket_ask_decode(const uint8_t in[KF_TICKET_HEAD_BYTES], struct kf_error *err)
{
	enum kf_status st = check_head(in, "ticket ask", err);

	if (!st && (in[10] != 0 || kf_le16_at(in + 12) != 0))
		return kf_fail(err, KF_INVALID, "ticket ask: a reserved byte is not 0");
	return st;
}

size_t kf_ticket_request_encode(uint8_t out[KF_TICKET_REQUEST_MAX], const char *identity)
{
	struct kf_writer w = kf_writer_on(out, KF_TICKET_REQUEST_MAX);
	size_t len = strlen(identity);

	put_head(&w, 0, (uint16_t)len);
	kf_put_bytes(&w, identity, len);
	return w.failed ? 0 : kf_written(&w);
}

enum kf_status kf_ticket_request_decode(char identity[KF_IDENTITY_MAX + 1], const uint8_t *bytes, size_t len, struct kf_error *err)
{
	const char *text = (const char *)bytes + KF_TICKET_HEAD_BYTES;
	enum kf_status st;

	if (len < KF_TICKET_HEAD_BYTES)
		return kf_fail(err, KF_INVALID, "ticket request: only %zu bytes", len);
	st = check_head(bytes, "ticket request", err);
	if (st)
		return st;
	if (bytes[10] != 0)
		return kf_fail(err, KF_INVALID, "ticket request: a reserved byte is not 0");
	if (kf_le16_at(bytes + 12) != len - KF_TICKET_HEAD_BYTES)
		return kf_fail(err, KF_INVALID, "ticket request: an identity of %u bytes in a packet with %zu", kf_le16_at(bytes + 12),
			       len - KF_TICKET_HEAD_BYTES);
	len -= KF_TICKET_HEAD_BYTES;
	if (!kf_identity_is_good(text, len))
		return kf_fail(err, KF_INVALID, "ticket request: its %zu bytes of identity are not a name of at most %d letters, digits, '.', '_', '-'",
			       len, KF_IDENTITY_MAX);
	memcpy(identity, text, len);
	identity[len] = '\0';
	return KF_OK;
}

/* LEN: at most KF_TICKET_PAYLOAD_MAX. */
static void clean(char *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[len] = '\0';
}

size_t kf_ticket_answer_encode(uint8_t out[KF_TICKET_ANSWER_MAX], const struct kf_ticket_answer *a)
{
	struct kf_writer w = kf_writer_on(out, KF_TICKET_ANSWER_MAX);
	const char *text = a->why[0] ? a->why : "no reason";
	char why[KF_TICKET_PAYLOAD_MAX + 1];
	size_t len = strnlen(text, KF_TICKET_PAYLOAD_MAX);

	if (a->status == KF_TICKET_GRANTED) {
		put_head(&w, KF_TICKET_GRANTED, KF_TICKET_GRANTED_BYTES);
		kf_put_u16(&w, a->port);
		kf_put_u16(&w, a->seconds);
		kf_put_bytes(&w, a->id, KF_TICKET_ID_BYTES);
		kf_put_bytes(&w, a->key, KF_TICKET_KEY_BYTES);
	} else {
		clean(why, text, len);
		put_head(&w, KF_TICKET_NONE, (uint16_t)len);
		kf_put_bytes(&w, why, len);
	}
	return kf_written(&w);
}

enum kf_status kf_ticket_answer_head(const uint8_t in[KF_TICKET_HEAD_BYTES], size_t *payload, struct kf_error *err)
{
	enum kf_status st = check_head(in, "ticket answer", err);

	if (st)
		return st;
	*payload = kf_le16_at(in + 12);
	if (in[10] != KF_TICKET_GRANTED && in[10] != KF_TICKET_NONE)
		return kf_fail(err, KF_INVALID, "ticket answer: status %u is unknown", in[10]);
	if (*payload > KF_TICKET_PAYLOAD_MAX || !*payload || (in[10] == KF_TICKET_GRANTED && *payload != KF_TICKET_GRANTED_BYTES))
		return kf_fail(err, KF_INVALID, "ticket answer: %zu bytes of payload with status %u", *payload, in[10]);
	return KF_OK;
}

static enum kf_status decode_granted(struct kf_ticket_answer *a, struct kf_reader *r, struct kf_error *err)
{
	a->port = kf_get_u16(r);
	a->seconds = kf_get_u16(r);
	if (!a->port || !a->seconds)
		return kf_fail(err, KF_INVALID, "ticket answer: port %u, valid for %u seconds", a->port, a->seconds);
	memcpy(a->id, kf_get_bytes(r, KF_TICKET_ID_BYTES), KF_TICKET_ID_BYTES);
	memcpy(a->key, kf_get_bytes(r, KF_TICKET_KEY_BYTES), KF_TICKET_KEY_BYTES);
	return KF_OK;
}

enum kf_status kf_ticket_answer_decode(struct kf_ticket_answer *a, const uint8_t *bytes, size_t len, struct kf_error *err)
{
	struct kf_reader r;
	size_t payload;
	enum kf_status st;

	if (len < KF_TICKET_HEAD_BYTES)
		return kf_fail(err, KF_INVALID, "ticket answer: only %zu bytes", len);
	st = kf_ticket_answer_head(bytes, &payload, err);
	if (st)
		return st;
	if (payload != len - KF_TICKET_HEAD_BYTES)
		return kf_fail(err, KF_INVALID, "ticket answer: %zu bytes of payload where it says %zu", len - KF_TICKET_HEAD_BYTES, payload);
	*a = (struct kf_ticket_answer){ .status = (enum kf_ticket_status)bytes[10] };
	r = kf_reader_on(bytes + KF_TICKET_HEAD_BYTES, payload);
	if (a->status == KF_TICKET_GRANTED)
		return decode_granted(a, &r, err);
	clean(a->why, (const char *)r.pos, payload);
	return KF_OK;
}

void kf_ticket_name(char out[KF_TICKET_NAME_CHARS + 1], const uint8_t id[KF_TICKET_ID_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *o = out + sizeof(KF_TICKET_NAME_PREFIX) - 1;

	memcpy(out, KF_TICKET_NAME_PREFIX, sizeof(KF_TICKET_NAME_PREFIX) - 1);
	for (size_t i = 0; i < KF_TICKET_ID_BYTES; i++) {
		*o++ = digits[id[i] >> 4];
		*o++ = digits[id[i] & 15];
	}
	*o = '\0';
}

/* 16 for what is none. */
static unsigned int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? (unsigned int)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 16;
}

bool kf_ticket_name_parse(const char *name, size_t len, uint8_t id[KF_TICKET_ID_BYTES])
{
	const char *p = name + sizeof(KF_TICKET_NAME_PREFIX) - 1;

	if (len != KF_TICKET_NAME_CHARS || memcmp(name, KF_TICKET_NAME_PREFIX, sizeof(KF_TICKET_NAME_PREFIX) - 1) != 0)
		return false;
	for (size_t i = 0; i < KF_TICKET_ID_BYTES; i++, p += 2) {
		unsigned int high = hex_digit(p[0]), low = hex_digit(p[1]);

		if (high > 15 || low > 15)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
