/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket below libssh2, with buffers of our own both ways; for the files of sender/transport only. */
#ifndef KF_SSHWIRE_H
#define KF_SSHWIRE_H

#include <libssh2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What may wait before no more is encrypted, and room behind it for a packet more and for those that libssh2 makes by itself. */
#define KF_SSHWIRE_WAITING (192u << 10)
#define KF_SSHWIRE_OUT (KF_SSHWIRE_WAITING + (96u << 10))
#define KF_SSHWIRE_IN (64u << 10)
/* All that a server may say until it is known and has let us in: libssh2 keeps every packet that it does not expect, without a bound. */
#define KF_SSHWIRE_LOGIN (256u << 10)

/*
 * libssh2 must be called again with the very same bytes when the socket took a part of a packet, and until then any other packet of its own
 * (a window adjustment, say) fails. Here the socket takes every packet whole, so that never happens; and system calls are fewer.
 */
struct kf_sshbulk;

struct kf_sshwire {
	int fd;				/* borrowed; does not block */
	bool ended;			/* the peer closed in order */
	int failure;			/* errno of the socket, once it failed; EMSGSIZE: more than KF_SSHWIRE_LOGIN came; or 0 */
	bool trusted;			/* the peer is known: set by kf_ssh_open */
	uint32_t heard;			/* bytes that came until then */
	struct kf_sshbulk *bulk;	/* borrowed; NULL if there is none */
	uint32_t in_from, in_to, out_from, out_to;
	uint8_t in[KF_SSHWIRE_IN];
	uint8_t out[KF_SSHWIRE_OUT];
};

/* Makes a session that reads and writes through W, which must live as long, as must BULK, which may be NULL; NULL without memory. */
LIBSSH2_SESSION *kf_sshwire_session(struct kf_sshwire *w, int fd, struct kf_sshbulk *bulk);

/* Where LEN bytes and a MAC may be put behind what waits; NULL if there is no room. */
uint8_t *kf_sshwire_room(struct kf_sshwire *w, size_t len);

static inline size_t kf_sshwire_waiting(const struct kf_sshwire *w)
{
	return w->out_to - w->out_from;
}

/* A packet of libssh2's shall be sent; or, if it stands for one of ours (sshbulk.h), ours. LEN, or -errno; all of it or nothing. */
ssize_t kf_sshwire_put(struct kf_sshwire *w, const void *bytes, size_t len);

/* Hands the socket what it takes. A failure shows in W->failure. */
void kf_sshwire_flush(struct kf_sshwire *w);

/* Waits at most TIMEOUT_MS until something came, or, if ROOM, until the socket took something of what waits; hands it over meanwhile.
 * False at the timeout. */
bool kf_sshwire_wait(struct kf_sshwire *w, bool room, int timeout_ms);

#endif
