/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a service manager (systemd) gives a service: sockets that listen already, and somebody to tell how it goes. */
#ifndef KF_SYSTEMD_H
#define KF_SYSTEMD_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/status.h"

/*
 * Both come by environment variables (sd_listen_fds(3), sd_notify(3)), which are removed when they were read, so that no child finds
 * them. Without them nothing is passed and nobody is told.
 */

/* What a socket is for; told by its name, FileDescriptorName= of its unit. */
enum kf_passed_use {
	KF_PASSED_TCP,		/* "tcp" */
	KF_PASSED_TLS,		/* "tls" */
	KF_PASSED_TICKETS,	/* "tickets" */
};

#define KF_PASSED_MAX 16

struct kf_passed {
	unsigned int count;
	struct {
		int fd;		/* owned; -1 when somebody took it */
		enum kf_passed_use use;
	} sockets[KF_PASSED_MAX];
};

/* Fills P with the sockets that were passed to this process. Each is of the family and type that its use demands, listens, does not
 * block and does not reach children. KF_INVALID if there is another one; then all are closed. Not to be called twice. */
enum kf_status kf_passed_take(struct kf_passed *p, struct kf_error *err) kf_must_check;
void kf_passed_close(struct kf_passed *p);	/* those that nobody took */

struct kf_notify {
	int fd;			/* -1: nobody wants to know */
	struct sockaddr_un to;
	socklen_t to_len;
};

/* KF_INVALID if the address makes no sense: a manager who is not told READY would wait, and then end us. */
enum kf_status kf_notify_init(struct kf_notify *n, struct kf_error *err) kf_must_check;
void kf_notify_deinit(struct kf_notify *n);

/* None of them waits longer than a second, and none fails: what can be done about it is nothing. NULL is allowed. */
void kf_notify_ready(const struct kf_notify *n);
void kf_notify_dumps(const struct kf_notify *n, unsigned int dumps);	/* being received */
void kf_notify_stopping(const struct kf_notify *n);

#endif
