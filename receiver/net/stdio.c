// SPDX-License-Identifier: GPL-2.0-or-later
// One sender on standard input and output; see stdio.h.
#include "receiver/net/stdio.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receiver/net/ticketsocket.h"

/* What a pipe from sshd shall hold, if it is one and we may: sshd and we wake each other for so much, not for 64 KiB. The most that anybody may ask for. */
#define PIPE_BYTES (1 << 20)

struct kf_stdio {
	struct kf_server *server;
	const struct kf_log *log;
	struct kf_channel *channel;	/* owned; NULL once it is a session's */
	struct event *idle;		/* owned */
	struct timeval patience;
	const char *ticket_socket;
	char peer[KF_IDENTITY_MAX + 1], identity[KF_IDENTITY_MAX + 1];
	uint8_t begun[KF_TICKET_HEAD_BYTES];	/* the first bytes, as long as they may be an ask */
	size_t bytes;			/* of them */
	bool answered;
	bool input_ended;
};

static void give_up(struct kf_stdio *io, const char *what, const struct kf_error *err)
{
	kf_log(io->log, KF_LOG_ERROR, "%s: %s%s", io->peer, what, err->text);
	kf_server_end(io->server, KF_FAILED);
}

/* It is no ask, or none any more: whatever it is, a session looks into it. */
static void begin_stream(struct kf_stdio *io)
{
	struct kf_channel *c = io->channel;
	struct kf_error err;

	io->channel = NULL;
	event_del(io->idle);
	kf_channel_want(c, false);
	kf_channel_unread(c, io->begun, io->bytes);
	if (kf_server_enter(io->server, c, io->peer, io->identity, &err))
		give_up(io, "", &err);
}

static void answer(struct kf_stdio *io)
{
	struct kf_ticket_answer a = { .status = KF_TICKET_NONE };
	uint8_t out[KF_TICKET_ANSWER_MAX];
	struct kf_error err;
	size_t n;

	if (kf_ticket_ask_decode(io->begun, &err))
		snprintf(a.why, sizeof(a.why), "%.256s", err.text);
	else
		kf_ticketsocket_ask(io->ticket_socket, io->identity, &a);
	n = kf_ticket_answer_encode(out, &a);
	kf_channel_put(io->channel, out, n);
	explicit_bzero(&a, sizeof(a));
	explicit_bzero(out, sizeof(out));
	io->answered = true;
	io->bytes = 0;
}

/* The sender has its ticket and went, or does without us: the answer goes out first. */
static void on_written(void *ctx)
{
	struct kf_stdio *io = ctx;

	if (io->input_ended && kf_channel_waiting(io->channel) == 0)
		kf_server_end(io->server, KF_OK);
}

/* Another byte came. */
static void look(struct kf_stdio *io)
{
	if (io->answered || !kf_ticket_begins(io->begun, io->bytes))
		begin_stream(io);
	else if (io->bytes == sizeof(io->begun))
		answer(io);
}

static void on_readable(void *ctx)
{
	struct kf_stdio *io = ctx;
	struct kf_error err;
	size_t n;
	enum kf_got got = kf_channel_read(io->channel, io->begun + io->bytes, sizeof(io->begun) - io->bytes, &n, &err);

	if (got == KF_GOT_NOTHING)
		return;
	if (got == KF_GOT_BYTES) {
		event_add(io->idle, &io->patience);
		io->bytes += n;
		look(io);
		return;
	}
	kf_channel_want(io->channel, false);
	if (got == KF_GOT_BROKEN) {
		give_up(io, "", &err);
	} else if (!io->answered) {
		kf_fail(&err, KF_INCOMPLETE, io->bytes ? "it ended within its first bytes" : "not a byte came");
		give_up(io, "failed: ", &err);
	} else {
		io->input_ended = true;
		on_written(io);
	}
}

static void on_idle(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_stdio *io = ctx;
	struct kf_error err;

	(void)fd, (void)what;
	kf_fail(&err, KF_REFUSED, "no byte came for %" PRIu64 " seconds", (uint64_t)io->patience.tv_sec);
	give_up(io, "failed: ", &err);
}

/* Whom sshd authenticated knows only sshd; the administrator may have written a name into the forced command. */
static void find_identity(struct kf_stdio *io, const char *identity)
{
	const char *ssh = getenv("SSH_CONNECTION");
	char address[KF_IDENTITY_MAX + 1] = "local";

	if (ssh)
		snprintf(address, sizeof(address), "%.*s", (int)strcspn(ssh, " "), ssh);
	kf_identity_clean(io->identity, identity ? identity : address);
	snprintf(io->peer, sizeof(io->peer), "%s", identity ? identity : address);
}

static enum kf_status init(struct kf_stdio *io, const struct kf_stdio_setup *setup, struct kf_error *err)
{
	struct event_base *base = kf_server_base(io->server);
	struct kf_ends ends = { .in = fcntl(setup->in, F_DUPFD_CLOEXEC, 0), .out = fcntl(setup->out, F_DUPFD_CLOEXEC, 0), .shared = true };

	if (ends.in < 0 || ends.out < 0) {
		kf_fail_errno(err, "standard input and output");
		if (ends.in >= 0)
			close(ends.in);
		if (ends.out >= 0)
			close(ends.out);
		return err->status;
	}
	(void)!fcntl(ends.in, F_SETPIPE_SZ, PIPE_BYTES);
	io->channel = kf_channel_fd_create(base, ends);
	io->idle = evtimer_new(base, on_idle, io);
	if (!io->channel || !io->idle)
		return kf_fail(err, KF_FAILED, "no memory for a connection");
	kf_channel_use(io->channel, on_readable, on_written, io);
	kf_channel_want(io->channel, true);
	io->patience.tv_sec = setup->idle_ms ? (time_t)(setup->idle_ms / 1000) : INT32_MAX;
	event_add(io->idle, &io->patience);
	return KF_OK;
}

enum kf_status kf_stdio_create(struct kf_stdio **stdio, struct kf_server *s, const struct kf_log *log,
			       const struct kf_stdio_setup *setup, struct kf_error *err)
{
	struct kf_stdio *io;
	enum kf_status st;

	*stdio = NULL;
	if (isatty(setup->out))
		return kf_fail(err, KF_INVALID, "--stdio speaks to a program, not to a terminal");
	io = calloc(1, sizeof(*io));
	if (!io)
		return kf_fail(err, KF_FAILED, "no memory for a connection");
	io->server = s;
	io->log = log;
	io->ticket_socket = setup->ticket_socket;
	find_identity(io, setup->identity);
	st = init(io, setup, err);
	if (st)
		kf_stdio_destroy(io);
	else
		*stdio = io;
	return st;
}

void kf_stdio_destroy(struct kf_stdio *io)
{
	if (!io)
		return;
	if (io->idle)
		event_free(io->idle);
	kf_channel_destroy(io->channel);
	free(io);
}
