/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large packets in place of libssh2's small ones; for the files of sender/transport only. */
#ifndef KF_SSHBULK_H
#define KF_SSHBULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * libssh2 encrypts a packet by a call of OpenSSL for each 16 bytes of it, and copies it twice. So it is asked for a packet of no bytes at all, and
 * what OpenSSL is asked to do with that one is done with a packet of ours: the MAC is taken over ours (sshmac.c), ours is encrypted in one
 * piece, straight from the caller's memory into what waits for the socket (sshctr.c), and libssh2's, when it comes to be sent, is put away (sshwire.c). Keys,
 * sequence numbers and the order of things stay libssh2's, and so does everything else that it sends.
 *
 * That libssh2 does it in this order, MAC, cipher, one call for the whole packet, is watched on a packet of the usual kind first; where it is
 * another cipher or MAC, none is ever seen, and all goes the usual way. What does not fit in between is never sent: the connection fails.
 */
enum kf_sshbulk_stage {
	KF_SSHBULK_NONE,
	KF_SSHBULK_SEEN,	/* the MAC of a packet of libssh2's was asked for */
	KF_SSHBULK_CIPHERED,	/* and its first block's cipher */
	KF_SSHBULK_HASHED,	/* the MAC of ours was taken instead */
	KF_SSHBULK_SEALED,	/* and it waits for the socket, encrypted, without MAC */
};

#define KF_SSHBULK_HEAD 14u	/* lengths of packet and padding, type, channel, length */
#define KF_SSHBULK_BLOCK 16u
#define KF_SSHBULK_PAD 20u	/* at most */

struct kf_sshwire;

struct kf_sshbulk {
	enum kf_sshbulk_stage stage;
	bool watching;			/* libssh2 is sending bytes of ours */
	bool proved;			/* with the keys of now it went as above */
	uint32_t most;			/* bytes, the largest packet that libssh2 made of them: the server takes it */
	const uint8_t *bytes;		/* borrowed; what shall go. NULL: nothing */
	uint32_t len;
	uint8_t head[KF_SSHBULK_BLOCK];	/* of libssh2's packet */
	uint32_t packet;		/* its bytes, without MAC */
	uint32_t carried;		/* its bytes for the command */
	uint32_t left;			/* its bytes whose cipher was not yet asked for */
	uint8_t ours[KF_SSHBULK_HEAD], padding[KF_SSHBULK_PAD];
	uint32_t pad;
	struct kf_sshwire *wire;	/* borrowed; NULL before there is one */
};

/* Around a call of libssh2_channel_write_ex: it shall send LEN bytes of BYTES in place of a packet without bytes; with NULL, what it is given. */
void kf_sshbulk_begin(struct kf_sshbulk *b, const uint8_t *bytes, uint32_t len);
/* Whether they went. */
bool kf_sshbulk_end(struct kf_sshbulk *b);

/* New keys: nothing is proved. */
void kf_sshbulk_rekeyed(struct kf_sshbulk *b);

/* IN is to be hashed. True if ours is to be, which is then in B->ours, B->bytes and B->padding. */
bool kf_sshbulk_hashes(struct kf_sshbulk *b, const uint8_t *in, size_t len);
/* IN is to be encrypted. True if ours is to be, once. */
bool kf_sshbulk_seals(struct kf_sshbulk *b, const uint8_t *in, size_t len);
/* True for those bytes of libssh2's packet that nobody will send. */
bool kf_sshbulk_swallows(struct kf_sshbulk *b, size_t len);
/* Where the packet of ours goes, encrypted; NULL if there is no room. */
uint8_t *kf_sshbulk_room(struct kf_sshbulk *b);
static inline size_t kf_sshbulk_size(const struct kf_sshbulk *b)
{
	return KF_SSHBULK_HEAD + (size_t)b->len + b->pad;
}

/* LEN bytes are to be sent. False if they are libssh2's own; else ours are meant, and *MAC is where its MAC begins in them, 0 if something went wrong. */
bool kf_sshbulk_sends(struct kf_sshbulk *b, size_t len, size_t *mac);

#endif
