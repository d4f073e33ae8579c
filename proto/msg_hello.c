// SPDX-License-Identifier: GPL-2.0-or-later
// HELLO: who speaks, and whether to begin a dump or to go on with one.
#include "proto/messages.h"

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static void get_fixed(struct kf_reader *r, uint8_t *out, size_t n)
{
	const uint8_t *p = kf_get_bytes(r, n);

	if (p)
		memcpy(out, p, n);
}

static enum kf_status decode_hello(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	struct kf_hello *h = &m->hello;

	h->flags = kf_get_u32(r);
	if (kf_get_u32(r) != 0)
		return kf_fail(err, KF_INVALID, "reserved field is not 0");
	get_fixed(r, h->session, sizeof(h->session));
	get_fixed(r, h->token, sizeof(h->token));
	h->program = kf_get_string(r);
	h->host = kf_get_string(r);
	if (h->flags & ~KF_HELLO_FLAGS)
		return kf_fail(err, KF_INVALID, "unknown flags 0x%x", h->flags);
	if (!(h->flags & KF_HELLO_RESUME) &&
	    !(all_zero(h->session, sizeof(h->session)) && all_zero(h->token, sizeof(h->token))))
		return kf_fail(err, KF_INVALID, "a new dump with the id of an old one");
	return KF_OK;
}

static void encode_hello(struct kf_writer *w, const struct kf_message *m)
{
	const struct kf_hello *h = &m->hello;

	kf_put_u32(w, h->flags);
	kf_put_u32(w, 0);
	kf_put_bytes(w, h->session, sizeof(h->session));
	kf_put_bytes(w, h->token, sizeof(h->token));
	kf_put_string(w, &h->program);
	kf_put_string(w, &h->host);
}

const struct kf_message_ops kf_hello_ops = {
	.payload_max = 8 + KF_SESSION_BYTES + KF_TOKEN_BYTES + 2 * (2 + KF_STRING_MAX),
	.decode = decode_hello, .encode = encode_hello,
};

static enum kf_status decode_welcome(struct kf_message *m, struct kf_reader *r, struct kf_error *err)
{
	(void)err;
	get_fixed(r, m->welcome.session, sizeof(m->welcome.session));
	get_fixed(r, m->welcome.token, sizeof(m->welcome.token));
	return KF_OK;
}

static void encode_welcome(struct kf_writer *w, const struct kf_message *m)
{
	kf_put_bytes(w, m->welcome.session, sizeof(m->welcome.session));
	kf_put_bytes(w, m->welcome.token, sizeof(m->welcome.token));
}

const struct kf_message_ops kf_welcome_ops = {
	.payload_max = KF_SESSION_BYTES + KF_TOKEN_BYTES,
	.decode = decode_welcome, .encode = encode_welcome,
};
