// SPDX-License-Identifier: GPL-2.0-or-later
// The socket below libssh2; see sshwire.h.
#include "sender/transport/sshwire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "sender/transport/sshbulk.h"

/* Before this much has gathered, a packet waits for the next: a system call for each would cost more than the copy. */
#define GATHER (128u << 10)
#define MAC_MOST 64u

static void fill(struct kf_sshwire *w)
{
	ssize_t n = recv(w->fd, w->in, sizeof(w->in), 0);

	w->in_from = 0;
	w->in_to = n > 0 ? (uint32_t)n : 0;
	if (n > 0 && !w->trusted)
		w->heard += (uint32_t)n;
	if (!w->trusted && w->heard > KF_SSHWIRE_LOGIN)
		w->failure = EMSGSIZE;
	else if (n == 0)
		w->ended = true;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		w->failure = errno;
}

/* libssh2 takes -errno; 0 is the end. */
static ssize_t take(libssh2_socket_t fd, void *bytes, size_t size, int flags, void **session)
{
	struct kf_sshwire *w = *session;
	size_t n;

	(void)fd, (void)flags;
	if (w->in_from == w->in_to && !w->ended && !w->failure)
		fill(w);
	n = w->in_to - w->in_from;
	if (n == 0)
		return w->failure ? -w->failure : w->ended ? 0 : -EAGAIN;
	n = n < size ? n : size;
	memcpy(bytes, w->in + w->in_from, n);
	w->in_from += (uint32_t)n;
	return (ssize_t)n;
}

void kf_sshwire_flush(struct kf_sshwire *w)
{
	while (w->out_from < w->out_to && !w->failure) {
		ssize_t n = send(w->fd, w->out + w->out_from, w->out_to - w->out_from, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			w->failure = errno;
		if (n <= 0)
			break;
		w->out_from += (uint32_t)n;
	}
	if (w->out_from == w->out_to)
		w->out_from = w->out_to = 0;
}

uint8_t *kf_sshwire_room(struct kf_sshwire *w, size_t len)
{
	if (len + MAC_MOST > sizeof(w->out) - w->out_to && w->out_from) {
		memmove(w->out, w->out + w->out_from, kf_sshwire_waiting(w));
		w->out_to -= w->out_from;
		w->out_from = 0;
	}
	return len + MAC_MOST > sizeof(w->out) - w->out_to ? NULL : w->out + w->out_to;
}

/* Behind the packet of ours, which lies there already, its MAC. Nothing is sent of what is not as it must be: its bytes would have been the key
 * stream's second use. */
static void put_ours(struct kf_sshwire *w, const uint8_t *bytes, size_t len, size_t mac)
{
	size_t size = kf_sshbulk_size(w->bulk);

	if (!mac || len - mac > MAC_MOST || w->failure) {
		w->failure = w->failure ? w->failure : EPROTO;
		return;
	}
	memcpy(w->out + w->out_to + size, bytes + mac, len - mac);
	w->out_to += (uint32_t)(size + len - mac);
}

ssize_t kf_sshwire_put(struct kf_sshwire *w, const void *bytes, size_t len)
{
	size_t mac = 0;
	uint8_t *room;

	if (w->bulk && kf_sshbulk_sends(w->bulk, len, &mac)) {
		put_ours(w, bytes, len, mac);
	} else if (!w->failure) {
		room = kf_sshwire_room(w, len);
		if (!room)
			return -EAGAIN;
		memcpy(room, bytes, len);
		w->out_to += (uint32_t)len;
	}
	if (w->failure)
		return -w->failure;
	if (kf_sshwire_waiting(w) >= GATHER)
		kf_sshwire_flush(w);
	return (ssize_t)len;
}

static ssize_t put(libssh2_socket_t fd, const void *bytes, size_t len, int flags, void **session)
{
	(void)fd, (void)flags;
	return kf_sshwire_put(*session, bytes, len);
}

static void callback(LIBSSH2_SESSION *session, int which, void (*function)(void))
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
	libssh2_session_callback_set2(session, which, function);
#else
	void *pointer;

	memcpy(&pointer, &function, sizeof(pointer));
	libssh2_session_callback_set(session, which, pointer);
#endif
}

LIBSSH2_SESSION *kf_sshwire_session(struct kf_sshwire *w, int fd, struct kf_sshbulk *bulk)
{
	LIBSSH2_SESSION *session = libssh2_session_init_ex(NULL, NULL, NULL, w);

	w->fd = fd;
	w->bulk = bulk;
	if (bulk)
		bulk->wire = w;
	w->ended = w->trusted = false;
	w->heard = 0;
	w->failure = 0;
	w->in_from = w->in_to = w->out_from = w->out_to = 0;
	if (!session)
		return NULL;
	callback(session, LIBSSH2_CALLBACK_SEND, (void (*)(void))put);
	callback(session, LIBSSH2_CALLBACK_RECV, (void (*)(void))take);
	libssh2_session_set_blocking(session, 0);
	return session;
}

bool kf_sshwire_wait(struct kf_sshwire *w, bool room, int timeout_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	kf_sshwire_flush(w);
	if (w->in_from < w->in_to || w->failure || w->ended)
		return true;
	if (kf_sshwire_waiting(w))
		p.events |= POLLOUT;
	else if (room)
		return true;
	if (poll(&p, 1, timeout_ms) <= 0)
		return false;
	if (p.revents & (POLLOUT | POLLERR | POLLHUP))
		kf_sshwire_flush(w);
	return room || (p.revents & (POLLIN | POLLERR | POLLHUP));
}
