/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection by SSH to a command of the server's; for the files of sender/transport only. */
#ifndef KF_SSH_H
#define KF_SSH_H

#include "sender/transport/sshprovider.h"
#include "sender/transport/sshwire.h"
#include "sender/transport/sshwords.h"
#include "sender/transport/transport.h"

struct kf_ssh {
	LIBSSH2_SESSION *session;	/* NULL before there is one */
	LIBSSH2_CHANNEL *channel;	/* the command's; NULL before it is asked for */
	uint64_t deadline;		/* of the login, kf_connect_now() */
	uint64_t alive_at;		/* when the next keepalive is due */
	uint64_t received;		/* bytes of the command's standard output */
	/* libssh2 began to send these bytes and wants them again: it waits for the peer. NULL: nothing */
	const void *stuck;
	size_t stuck_len;
	bool full;			/* nothing more goes until the peer says so */
	uint32_t beside;		/* bytes of the window that libssh2 does not know to be used */
	char command[256];		/* for messages */
	struct kf_sshwords words;
	struct kf_sshwire wire;
	struct kf_sshcrypto crypto;	/* entered by all of the operations below */
};

/* ssh.c. The operations of ssh://, for ssh+tls:// too; T has its name and no descriptor. T->way is set. */
enum kf_status kf_ssh_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err) kf_must_check;
ssize_t kf_ssh_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err);
enum kf_flow kf_ssh_flow(const struct kf_transport *t);
unsigned int kf_ssh_wait(struct kf_transport *t, unsigned int want, int timeout_ms);
void kf_ssh_close(struct kf_transport *t);	/* on one that was never opened too */

/* Reads the other stream of the channel. Whoever waits for the server must, or it fills the window that both share. */
void kf_ssh_hear(struct kf_ssh *s);
/* Why there will be no more bytes. One that said nothing at all will not do better the next time. */
enum kf_status kf_ssh_say_how(struct kf_ssh *s, const struct kf_transport *t, struct kf_error *err);
/* -1: libssh2 or the socket failed while doing WHAT. */
ssize_t kf_ssh_broken(struct kf_ssh *s, const struct kf_transport *t, const char *what, struct kf_error *err);

/* sshsend.c, the operation. */
ssize_t kf_ssh_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err);

/* sshlogin.c. Connects, checks the server's host key, logs in; before S->deadline. T->fd is the socket. KF_REFUSED if trying again is of no use. */
enum kf_status kf_ssh_login(struct kf_ssh *s, struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust,
			    struct kf_error *err) kf_must_check;
/* For loops around calls of libssh2 that would block. Fails when there is no time left, WHAT tells for what. */
enum kf_status kf_ssh_await(struct kf_ssh *s, const char *what, struct kf_error *err) kf_must_check;
/* The error of a call of libssh2 that failed while doing WHAT; KF_FAILED. */
enum kf_status kf_ssh_failed(struct kf_ssh *s, const char *what, struct kf_error *err);
/* Frees the session and all that belongs to it, without waiting for the peer. */
void kf_ssh_drop(struct kf_ssh *s);

/* sshkeys.c. Proves with one of the private keys who we are. */
enum kf_status kf_ssh_authenticate(struct kf_ssh *s, const struct kf_target *target, const struct kf_trust *trust,
				   struct kf_error *err) kf_must_check;

#endif
