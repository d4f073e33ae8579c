// SPDX-License-Identifier: GPL-2.0-or-later
// ssh://: the stream goes to the standard input of a command on the server, whose standard output answers.
#include "sender/transport/ssh.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sender/transport/connect.h"
#include "sender/transport/transports.h"

/* What may come before we ask for more; answers are short. */
#define CHANNEL_ROOM (256u << 10)
#define PACKET 32768u
#define ALIVE_S 15
/* How long a command that closes its side may take to say how it ended, and one whose input ended to go. */
#define GO_MS 2000

static enum kf_status start_command(struct kf_ssh *s, const char *command, struct kf_error *err)
{
	int rc;

	while (!(s->channel = libssh2_channel_open_ex(s->session, "session", 7, CHANNEL_ROOM, PACKET, NULL, 0))) {
		if (libssh2_session_last_errno(s->session) != LIBSSH2_ERROR_EAGAIN)
			return kf_ssh_failed(s, "the server gives no channel", err);
		if (kf_ssh_await(s, "opening a channel", err))
			return err->status;
	}
	while ((rc = libssh2_channel_process_startup(s->channel, "exec", 4, command, (unsigned int)strlen(command))) == LIBSSH2_ERROR_EAGAIN)
		if (kf_ssh_await(s, "starting the command", err))
			return err->status;
	if (rc == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED)
		return kf_fail(err, KF_REFUSED, "the server runs no commands for this user");
	return rc ? kf_ssh_failed(s, "starting the command", err) : KF_OK;
}

static void tell_way(const struct kf_ssh *s, struct kf_transport *t)
{
	const char *cipher = libssh2_session_methods(s->session, LIBSSH2_METHOD_CRYPT_CS);
	const char *mac = libssh2_session_methods(s->session, LIBSSH2_METHOD_MAC_CS);
	bool own = mac && strncmp(mac, "INTEGRATED", 10) != 0;	/* GCM has none beside it */

	snprintf(t->way, sizeof(t->way), "SSH, %s%s%s", cipher ? cipher : "unknown", own ? ", " : "", own ? mac : "");
}

enum kf_status kf_ssh_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	struct kf_ssh *s = calloc(1, sizeof(*s));
	OSSL_LIB_CTX *before;
	enum kf_status st;

	t->own = s;
	if (!s)
		return kf_fail(err, KF_FAILED, "%s: no memory", t->name);
	s->deadline = kf_connect_now() + (uint64_t)trust->connect_ms;
	s->alive_at = s->deadline;
	s->words.say = trust->say;
	s->words.context = trust->say_context;
	snprintf(s->command, sizeof(s->command), "%s", trust->remote_command);
	kf_sshcrypto_init(&s->crypto);
	before = kf_sshcrypto_enter(&s->crypto);
	st = kf_ssh_login(s, t, target, trust, err);
	if (!st)
		st = start_command(s, trust->remote_command, err);
	kf_sshcrypto_leave(before);
	if (st)
		return kf_prepend(err, "%s", t->name);
	s->wire.trusted = true;
	tell_way(s, t);
	return KF_OK;
}

static enum kf_status ssh_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	kf_transport_name(t, "ssh", target);
	t->dear = true;
	return kf_ssh_open(t, target, trust, err);
}

void kf_ssh_hear(struct kf_ssh *s)
{
	char words[1024];
	ssize_t n = 1;

	/* Not for ever: a command may write faster than it is read. */
	for (unsigned int i = 0; i < 64 && n > 0; i++) {
		n = libssh2_channel_read_ex(s->channel, SSH_EXTENDED_DATA_STDERR, words, sizeof(words));
		if (n > 0)
			kf_sshwords_take(&s->words, words, (size_t)n);
	}
}

/* Lets the command say how it ended, and its last words. */
static void await_end(struct kf_ssh *s)
{
	uint64_t until = kf_connect_now() + GO_MS, now;

	while (libssh2_channel_wait_closed(s->channel) == LIBSSH2_ERROR_EAGAIN) {
		now = kf_connect_now();
		if (now >= until || s->wire.ended || s->wire.failure || !kf_sshwire_wait(&s->wire, false, (int)(until - now)))
			break;
		kf_ssh_hear(s);
	}
	kf_ssh_hear(s);
	kf_sshwords_end(&s->words);
}

enum kf_status kf_ssh_say_how(struct kf_ssh *s, const struct kf_transport *t, struct kf_error *err)
{
	enum kf_status st = s->received ? KF_ABSENT : KF_REFUSED;
	char *sig = NULL;
	const char *because;
	size_t len = 0;
	int status;

	await_end(s);
	because = s->words.last[0] ? ": " : "";
	s->words.held = false;
	(void)!libssh2_channel_get_exit_signal(s->channel, &sig, &len, NULL, NULL, NULL, NULL);
	status = libssh2_channel_get_exit_status(s->channel);
	for (size_t i = 0; sig && sig[i]; i++)
		if (!isalnum((unsigned char)sig[i]))
			sig[i] = '?';
	if (sig)
		kf_fail(err, KF_ABSENT, "%s: the command on the server was ended by SIG%.20s%s%s", t->name, sig, because, s->words.last);
	else if (status == 127)
		kf_fail(err, st, "%s: '%.60s' is not installed there, or not in PATH (status 127)%s%s", t->name, s->command, because, s->words.last);
	else if (status == 126)
		kf_fail(err, st, "%s: '%.60s' cannot be run there (status 126)%s%s", t->name, s->command, because, s->words.last);
	else if (status)
		kf_fail(err, st, "%s: the command on the server ended with status %d%s%s", t->name, status, because, s->words.last);
	else
		kf_fail(err, st, "%s: the command on the server closed its side%s%s", t->name, because, s->words.last);
	free(sig);
	return err->status;
}

ssize_t kf_ssh_broken(struct kf_ssh *s, const struct kf_transport *t, const char *what, struct kf_error *err)
{
	kf_ssh_failed(s, what, err);
	err->status = s->wire.ended ? KF_ABSENT : KF_FAILED;
	kf_prepend(err, "%s", t->name);
	return -1;
}

static ssize_t receive(struct kf_ssh *s, const struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	ssize_t n = libssh2_channel_read_ex(s->channel, 0, bytes, size);

	kf_ssh_hear(s);
	kf_sshwire_flush(&s->wire);
	if (n > 0) {
		kf_sshwords_talk(&s->words);
		s->received += (uint64_t)n;
		return n;
	}
	if (libssh2_channel_eof(s->channel) == 1)
		return kf_ssh_say_how(s, t, err), -1;
	return n == 0 || n == LIBSSH2_ERROR_EAGAIN ? 0 : kf_ssh_broken(s, t, "receiving", err);
}

ssize_t kf_ssh_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	struct kf_ssh *s = t->own;
	OSSL_LIB_CTX *before = kf_sshcrypto_enter(&s->crypto);
	ssize_t n = receive(s, t, bytes, size, err);

	kf_sshcrypto_leave(before);
	return n;
}

/* What libssh2 has read already, while it sent, shows on no socket. */
static bool has_bytes(struct kf_ssh *s)
{
	unsigned long there = 0;

	libssh2_channel_window_read_ex(s->channel, &there, NULL);
	return there || libssh2_channel_eof(s->channel) || s->wire.failure || s->wire.ended;
}

static void keep_alive(struct kf_ssh *s)
{
	uint64_t now = kf_connect_now();
	int next;

	if (now < s->alive_at || s->stuck)
		return;
	libssh2_keepalive_config(s->session, 0, ALIVE_S);
	libssh2_keepalive_send(s->session, &next);
	s->alive_at = now + (uint64_t)ALIVE_S * 1000;
}

static unsigned int await_ready(struct kf_ssh *s, unsigned int want, int timeout_ms)
{
	uint64_t now = kf_connect_now(), until = now + (uint64_t)timeout_ms;
	bool came = false;

	keep_alive(s);
	for (;;) {
		unsigned int ready = 0;

		if ((want & KF_CAN_RECEIVE) && (came || has_bytes(s)))
			ready |= KF_CAN_RECEIVE;
		/* What came is news for send() too: it may have waited for that, and nobody else reads it if only it is asked for. */
		if ((want & KF_CAN_SEND) && (came || (!s->stuck && !s->full && kf_sshwire_waiting(&s->wire) < KF_SSHWIRE_WAITING)))
			ready |= KF_CAN_SEND;
		now = kf_connect_now();
		if (ready || now >= until)
			return ready;
		came = kf_sshwire_wait(&s->wire, false, (int)(until - now));
	}
}

unsigned int kf_ssh_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	struct kf_ssh *s = t->own;
	OSSL_LIB_CTX *before = kf_sshcrypto_enter(&s->crypto);
	unsigned int ready = await_ready(s, want, timeout_ms);

	kf_sshcrypto_leave(before);
	return ready;
}

static enum kf_status ssh_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver answers for */
	return KF_OK;
}

/* The end of its input ends a receiver; what was sent to it last, it shall have. */
static void end_input(struct kf_ssh *s)
{
	uint64_t until = kf_connect_now() + GO_MS, now;
	bool told = false;

	if (!s->channel || s->stuck || s->wire.failure || s->wire.ended)
		return;
	for (;;) {
		char rest[1024];

		if (!told && libssh2_channel_send_eof(s->channel) != LIBSSH2_ERROR_EAGAIN)
			told = true;
		kf_ssh_hear(s);
		(void)!libssh2_channel_read_ex(s->channel, 0, rest, sizeof(rest));
		if (libssh2_channel_eof(s->channel))
			break;
		now = kf_connect_now();
		if (now >= until || s->wire.ended || s->wire.failure || !kf_sshwire_wait(&s->wire, false, (int)(until - now)))
			return;
	}
	await_end(s);
	(void)!libssh2_session_disconnect(s->session, "done");
	kf_sshwire_flush(&s->wire);
}

void kf_ssh_close(struct kf_transport *t)
{
	struct kf_ssh *s = t->own;

	if (s) {
		OSSL_LIB_CTX *before = kf_sshcrypto_enter(&s->crypto);

		end_input(s);
		kf_sshwords_talk(&s->words);
		kf_ssh_drop(s);
		kf_sshcrypto_leave(before);
		kf_sshcrypto_deinit(&s->crypto);
		free(s);
	}
	t->own = NULL;
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

const struct kf_transport_ops kf_transport_ssh = {
	.answers = true, .open = ssh_open, .send = kf_ssh_send, .receive = kf_ssh_receive,
	.wait = kf_ssh_wait, .flow = kf_ssh_flow, .finish = ssh_finish, .close = kf_ssh_close,
};
