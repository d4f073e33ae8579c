// SPDX-License-Identifier: GPL-2.0-or-later
// Asking the running service for a ticket; see ticketsocket.h.
#include "receiver/net/ticketsocket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECT_SECONDS 2
#define ANSWER_SECONDS 5	/* it may only be starting */

static const char *why_not_reached(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return "the service is not running, or has no socket there";
	case EACCES:
		return "this user may not open it; it must be in the file's group";
	case EAGAIN:
		return "the service does not answer";
	default:
		return strerror(error);
	}
}

static int connect_to(const char *path, struct kf_error *err)
{
	const struct timeval connect_patience = { .tv_sec = CONNECT_SECONDS }, answer_patience = { .tv_sec = ANSWER_SECONDS };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(a.sun_path)) {
		kf_set_error(err, KF_INVALID, "%.100s: too long for a socket's path", path);
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		kf_set_error_errno(err, "no socket");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &connect_patience, sizeof(connect_patience));	/* of connect, too */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &answer_patience, sizeof(answer_patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	kf_set_error(err, KF_FAILED, "%s: %s", path, why_not_reached(errno));
	close(fd);
	return -1;
}

static enum kf_status exchange(int fd, const char *path, const char *identity, struct kf_ticket_answer *a, struct kf_error *err)
{
	uint8_t request[KF_TICKET_REQUEST_MAX], bytes[KF_TICKET_ANSWER_MAX + 1];
	size_t len = kf_ticket_request_encode(request, identity);
	enum kf_status st;
	ssize_t n;

	if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		return kf_fail_errno(err, "%s", path);
	n = recv(fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return kf_fail(err, KF_FAILED, "%s: %s", path, why_not_reached(errno));
	if (n == 0)
		return kf_fail(err, KF_FAILED, "%s: the service closed the connection without an answer", path);
	st = kf_ticket_answer_decode(a, bytes, (size_t)n, err);
	explicit_bzero(bytes, sizeof(bytes));
	return st ? kf_prepend(err, "%s", path) : KF_OK;
}

void kf_ticketsocket_ask(const char *path, const char *identity, struct kf_ticket_answer *a)
{
	struct kf_error err;
	int fd = connect_to(path, &err);

	if (fd >= 0 && exchange(fd, path, identity, a, &err) == KF_OK) {
		close(fd);
		return;
	}
	if (fd >= 0)
		close(fd);
	*a = (struct kf_ticket_answer){ .status = KF_TICKET_NONE };
	snprintf(a->why, sizeof(a->why), "%.256s", err.text);
}
