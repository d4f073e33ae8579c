/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sender on standard input and output, as sshd starts it: first perhaps a ticket, then a stream. */
#ifndef KF_STDIO_H
#define KF_STDIO_H

#include "receiver/net/server.h"

struct kf_stdio;

struct kf_stdio_setup {
	const char *identity;		/* what the directory begins with; NULL: the address in SSH_CONNECTION, else "local" */
	const char *ticket_socket;	/* where the service is asked */
	uint64_t idle_ms;		/* without a byte for so long it ends; 0: never */
	int in, out;			/* borrowed; blocking or not; may be others' too, so their flags are left alone */
};

/*
 * What begins as an ask for a ticket (proto/ticket.h) is answered, once; the service decides. Then a stream may begin, as it may at once:
 * that becomes a session of S, a server of ONCE. If the input ends instead behind the answer, all is well, and S ends with KF_OK.
 * KF_INVALID if OUT is a terminal.
 */
enum kf_status kf_stdio_create(struct kf_stdio **stdio, struct kf_server *s, const struct kf_log *log,
			       const struct kf_stdio_setup *setup, struct kf_error *err) kf_must_check;
void kf_stdio_destroy(struct kf_stdio *io);	/* before the server. NULL is allowed */

#endif
