// SPDX-License-Identifier: GPL-2.0-or-later
// Large packets in place of libssh2's small ones; see sshbulk.h.
#include "sender/transport/sshbulk.h"

#include <openssl/rand.h>
#include <string.h>

#include "sender/transport/sshwire.h"

#define CHANNEL_DATA 94u
#define TYPE_AT 5u
#define CHANNEL_AT 6u
#define CARRIED_AT 10u
#define MIN_PAD 4u

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

void kf_sshbulk_begin(struct kf_sshbulk *b, const uint8_t *bytes, uint32_t len)
{
	b->stage = KF_SSHBULK_NONE;
	b->watching = true;
	b->bytes = bytes;
	b->len = len;
}

bool kf_sshbulk_end(struct kf_sshbulk *b)
{
	bool went = b->len && !b->bytes;

	b->stage = KF_SSHBULK_NONE;
	b->watching = false;
	b->bytes = NULL;
	b->len = 0;
	return went;
}

void kf_sshbulk_rekeyed(struct kf_sshbulk *b)
{
	b->proved = false;
}

/* Without MAC and cipher yet: lengths, type, channel, length, bytes, padding. */
static bool is_data(const uint8_t *in, size_t len)
{
	return len >= 2u * (size_t)KF_SSHBULK_BLOCK && len % KF_SSHBULK_BLOCK == 0 && be32(in) == len - 4 && in[TYPE_AT] == CHANNEL_DATA &&
	       KF_SSHBULK_HEAD + (size_t)be32(in + CARRIED_AT) + in[4] == len;
}

static bool make_ours(struct kf_sshbulk *b)
{
	uint32_t bytes = KF_SSHBULK_HEAD + b->len;

	b->pad = KF_SSHBULK_BLOCK - bytes % KF_SSHBULK_BLOCK;
	if (b->pad < MIN_PAD)
		b->pad += KF_SSHBULK_BLOCK;
	memcpy(b->ours, b->head, KF_SSHBULK_HEAD);
	put_be32(b->ours, bytes + b->pad - 4);
	b->ours[4] = (uint8_t)b->pad;
	put_be32(b->ours + CARRIED_AT, b->len);
	return RAND_bytes(b->padding, (int)b->pad) == 1;
}

bool kf_sshbulk_hashes(struct kf_sshbulk *b, const uint8_t *in, size_t len)
{
	if (!b->watching || !is_data(in, len))
		return false;
	memcpy(b->head, in, sizeof(b->head));
	b->packet = (uint32_t)len;
	b->carried = be32(in + CARRIED_AT);
	if (!b->bytes || b->carried || !make_ours(b)) {
		b->stage = KF_SSHBULK_SEEN;
		return false;
	}
	b->stage = KF_SSHBULK_HASHED;
	return true;
}

bool kf_sshbulk_seals(struct kf_sshbulk *b, const uint8_t *in, size_t len)
{
	bool same = len == KF_SSHBULK_BLOCK && memcmp(in, b->head, len) == 0;

	if (b->stage == KF_SSHBULK_SEEN && same)
		b->stage = KF_SSHBULK_CIPHERED;
	if (b->stage != KF_SSHBULK_HASHED || !same)
		return false;
	b->stage = KF_SSHBULK_SEALED;
	b->left = b->packet;
	return true;
}

bool kf_sshbulk_swallows(struct kf_sshbulk *b, size_t len)
{
	if (b->stage != KF_SSHBULK_SEALED || len > b->left)
		return false;
	b->left -= (uint32_t)len;
	return true;
}

uint8_t *kf_sshbulk_room(struct kf_sshbulk *b)
{
	return b->wire ? kf_sshwire_room(b->wire, kf_sshbulk_size(b)) : NULL;
}

bool kf_sshbulk_sends(struct kf_sshbulk *b, size_t len, size_t *mac)
{
	enum kf_sshbulk_stage stage = b->stage;

	b->stage = KF_SSHBULK_NONE;
	if (stage == KF_SSHBULK_CIPHERED && b->carried && len > b->packet) {
		b->proved = true;
		b->most = b->most > b->carried ? b->most : b->carried;
	}
	if (stage != KF_SSHBULK_HASHED && stage != KF_SSHBULK_SEALED)
		return false;
	*mac = stage == KF_SSHBULK_SEALED && !b->left && len > b->packet ? b->packet : 0;
	b->bytes = NULL;
	return true;
}
