// SPDX-License-Identifier: GPL-2.0-or-later
// What goes to the command of an SSH channel: as much as the server's window takes, in packets as large as it takes them; see ssh.h.
#include "sender/transport/ssh.h"

#include "sender/transport/socket.h"

/* libssh2's packets have 32700 bytes at most, or what the server takes. The first are smaller, and say nothing of that. */
#define LARGE (24u << 10)

/* Bytes sent beside libssh2 with one connection at most. Its count of the server's window grows by them, and has 32 bits; so it never runs
 * over. What is left then goes the usual way. */
#define BESIDE_MAX (UINT32_MAX - (256u << 20))

/* Bytes that the server still takes. libssh2 counts only what it sent itself. */
static uint32_t takes(const struct kf_ssh *s)
{
	return (uint32_t)libssh2_channel_window_write_ex(s->channel, NULL) - s->beside;
}

/* In large packets, if libssh2's have shown that this is possible; sshbulk.h. */
static ssize_t send_large(struct kf_ssh *s, struct kf_sshbulk *b, const uint8_t *bytes, uint32_t len)
{
	ssize_t rc;

	kf_sshbulk_begin(b, bytes, len < b->most ? len : b->most);
	len = b->len;
	rc = libssh2_channel_write_ex(s->channel, 0, "", 0);
	if (!kf_sshbulk_end(b)) {
		if (rc == 0)	/* a packet of no bytes went, by another cipher, say: from now on it goes the usual way */
			kf_sshbulk_rekeyed(b);
		s->full = rc == LIBSSH2_ERROR_EAGAIN;	/* it exchanges keys, say */
		return rc == 0 ? LIBSSH2_ERROR_EAGAIN : rc;
	}
	if (rc < 0)
		return rc;
	s->beside += len;
	return (ssize_t)len;
}

static ssize_t send_piece(struct kf_ssh *s, const uint8_t *bytes, size_t len)
{
	struct kf_sshbulk *b = s->wire.bulk;
	uint32_t room = takes(s);
	ssize_t n;

	s->full = s->beside && !room;
	if (s->full) {
		kf_ssh_hear(s);	/* and whether there is room now */
		room = takes(s);
		s->full = !room;
	}
	if (s->full)
		return LIBSSH2_ERROR_EAGAIN;
	if (s->beside && len > room)
		len = room;
	if (b && b->proved && !s->stuck && s->beside < BESIDE_MAX && (b->most >= LARGE || b->most >= len))
		return send_large(s, b, bytes, (uint32_t)len);
	if (b)
		kf_sshbulk_begin(b, NULL, 0);
	n = libssh2_channel_write_ex(s->channel, 0, (const char *)bytes, len);
	if (b)
		(void)!kf_sshbulk_end(b);
	s->stuck = n == LIBSSH2_ERROR_EAGAIN ? bytes : NULL;
	s->stuck_len = s->stuck ? len : 0;
	return n;
}

ssize_t kf_ssh_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	struct kf_ssh *s = t->own;
	OSSL_LIB_CTX *before;
	size_t sent = 0;
	ssize_t n = 0;

	/* Other bytes than those that were begun would go in their place, by their length. */
	if (s->stuck && (s->stuck != bytes || s->stuck_len > len))
		return 0;
	before = kf_sshcrypto_enter(&s->crypto);
	while (sent < len && kf_sshwire_waiting(&s->wire) < KF_SSHWIRE_WAITING) {
		n = send_piece(s, (const uint8_t *)bytes + sent, len - sent);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	kf_sshwire_flush(&s->wire);
	if (!sent && (n == LIBSSH2_ERROR_CHANNEL_CLOSED || n == LIBSSH2_ERROR_CHANNEL_EOF_SENT))
		n = (kf_ssh_say_how(s, t, err), -1);
	else if (sent || n == 0 || n == LIBSSH2_ERROR_EAGAIN)
		n = (ssize_t)sent;
	else
		n = kf_ssh_broken(s, t, "sending", err);
	kf_sshcrypto_leave(before);
	return n;
}

/* The server's window, or the connection's: either way it is the other end that does not read. */
enum kf_flow kf_ssh_flow(const struct kf_transport *t)
{
	const struct kf_ssh *s = t->own;

	if (s->full || !takes(s))
		return KF_FLOW_PEER;
	return kf_sshwire_waiting(&s->wire) ? KF_FLOW_LINK : kf_socket_flow(t);
}
