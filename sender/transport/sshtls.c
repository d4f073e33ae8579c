// SPDX-License-Identifier: GPL-2.0-or-later
// ssh+tls://: who we are is proved by SSH, the stream goes over TLS with a key for this once; or, where that does not work, in the SSH channel.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/ticket.h"
#include "sender/transport/connect.h"
#include "sender/transport/socket.h"
#include "sender/transport/ssh.h"
#include "sender/transport/tls.h"
#include "sender/transport/transports.h"

/* How long a port may swallow what we send to it. A firewall does that, and SSH is there. */
#define TLS_MS 5000u

struct both {
	struct kf_transport ssh, tls;
	struct kf_transport *now;	/* by which the stream goes */
	const struct kf_target *target;
	struct kf_trust_past *past;	/* or NULL */
};

/* Waits for what WANT names. The ticket is a part of the login and shares its time. */
static enum kf_status await(struct kf_transport *ssh, unsigned int want, struct kf_error *err)
{
	const struct kf_ssh *s = ssh->own;
	uint64_t clock = kf_connect_now();

	if (clock < s->deadline && kf_ssh_wait(ssh, want, (int)(s->deadline - clock)))
		return KF_OK;
	return kf_fail(err, KF_FAILED, "%s: the receiver does not say in time whether it has a ticket", ssh->name);
}

static enum kf_status say_all(struct kf_transport *ssh, const uint8_t *bytes, size_t len, struct kf_error *err)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = kf_ssh_send(ssh, bytes + at, len - at, err);

		if (n < 0 || (n == 0 && await(ssh, KF_CAN_SEND, err)))
			return err->status;
		at += (size_t)n;
	}
	return KF_OK;
}

static enum kf_status hear_all(struct kf_transport *ssh, uint8_t *bytes, size_t len, struct kf_error *err)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = kf_ssh_receive(ssh, bytes + at, len - at, err);

		if (n < 0 || (n == 0 && await(ssh, KF_CAN_RECEIVE, err)))
			return err->status;
		at += (size_t)n;
	}
	return KF_OK;
}

/* KF_REFUSED also if something else answers: a greeting of the login shell's, say. */
static enum kf_status get_ticket(struct kf_transport *ssh, struct kf_ticket_answer *a, struct kf_error *err)
{
	uint8_t bytes[KF_TICKET_ANSWER_MAX];
	size_t payload = 0;
	enum kf_status st;

	kf_ticket_ask_encode(bytes);
	if (say_all(ssh, bytes, KF_TICKET_HEAD_BYTES, err) || hear_all(ssh, bytes, KF_TICKET_HEAD_BYTES, err))
		return err->status;
	st = kf_ticket_answer_head(bytes, &payload, err);
	if (!st && hear_all(ssh, bytes + KF_TICKET_HEAD_BYTES, payload, err))
		return err->status;
	if (!st)
		st = kf_ticket_answer_decode(a, bytes, KF_TICKET_HEAD_BYTES + payload, err);
	explicit_bzero(bytes, sizeof(bytes));
	if (st) {
		kf_prepend(err, "%s: the answer to a question for a ticket", ssh->name);
		return err->status = KF_REFUSED;
	}
	return KF_OK;
}

static enum kf_status go_by_tls(struct both *b, const struct kf_ticket_answer *a, const struct kf_target *target, const struct kf_trust *trust,
				struct kf_error *err)
{
	char id[KF_TICKET_NAME_CHARS + 1];
	const struct kf_tls_self self = { .psk_id = id, .psk = a->key, .trust = trust, .server_name = target->host };
	uint64_t deadline = kf_connect_now() + TLS_MS;
	enum kf_status st;

	kf_ticket_name(id, a->id);
	snprintf(b->tls.name, sizeof(b->tls.name), "port %u", (unsigned int)a->port);
	st = kf_connect_beside(&b->tls.fd, b->ssh.fd, a->port, deadline, err);
	st = st ? kf_prepend(err, "%s", b->tls.name) : kf_tls_open_on(&b->tls, &self, deadline, err);
	memcpy(b->tls.name, b->ssh.name, sizeof(b->tls.name));
	return st;
}

/* All that TLS would give is speed: what somebody does to its port costs no more. */
static enum kf_status stay(struct kf_transport *t, const struct both *b, const struct kf_trust *trust, const char *why)
{
	char line[2 * KF_ERROR_TEXT];

	t->dear = true;
	snprintf(t->way, sizeof(t->way), "%.60s, as TLS did not work: %.150s", b->ssh.way, why);
	snprintf(line, sizeof(line), "%s: it goes through the SSH channel, as TLS did not work: %s", t->name, why);
	if (trust->say)
		trust->say(trust->say_context, line);
	return KF_OK;
}

static enum kf_status choose(struct kf_transport *t, struct both *b, const struct kf_target *target, const struct kf_trust *trust,
			     struct kf_error *err)
{
	struct kf_ticket_answer a = { 0 };
	struct kf_error why;

	if (b->past && b->past->tls_silent == target)
		return stay(t, b, trust, "by which nothing came the last time");
	if (get_ticket(&b->ssh, &a, err))
		return err->status;
	if (a.status == KF_TICKET_GRANTED && go_by_tls(b, &a, target, trust, &why) == KF_OK) {
		b->now = &b->tls;
		snprintf(t->way, sizeof(t->way), "TLS, %s, with a ticket by SSH", kf_tls_cipher(&b->tls));
		kf_ssh_close(&b->ssh);	/* its command goes when its input ends */
	} else {
		if (a.status != KF_TICKET_GRANTED)
			kf_fail(&why, KF_ABSENT, "no ticket: %s", a.why);
		kf_tls_close(&b->tls);
		(void)!stay(t, b, trust, why.text);
	}
	explicit_bzero(&a, sizeof(a));
	return KF_OK;
}

static enum kf_status sshtls_open(struct kf_transport *t, const struct kf_target *target, const struct kf_trust *trust, struct kf_error *err)
{
	struct both *b = calloc(1, sizeof(*b));

	kf_transport_name(t, "ssh+tls", target);
	t->own = b;
	if (!b)
		return kf_fail(err, KF_FAILED, "%s: no memory", t->name);
	b->now = &b->ssh;
	b->target = target;
	b->past = trust->past;
	b->ssh.fd = b->tls.fd = -1;
	memcpy(b->ssh.name, t->name, sizeof(t->name));
	if (kf_ssh_open(&b->ssh, target, trust, err))
		return err->status;
	return choose(t, b, target, trust, err);
}

static ssize_t sshtls_send(struct kf_transport *t, const void *bytes, size_t len, struct kf_error *err)
{
	struct both *b = t->own;

	return b->now == &b->tls ? kf_tls_send(b->now, bytes, len, err) : kf_ssh_send(b->now, bytes, len, err);
}

static ssize_t sshtls_receive(struct kf_transport *t, void *bytes, size_t size, struct kf_error *err)
{
	struct both *b = t->own;

	return b->now == &b->tls ? kf_tls_receive(b->now, bytes, size, err) : kf_ssh_receive(b->now, bytes, size, err);
}

static unsigned int sshtls_wait(struct kf_transport *t, unsigned int want, int timeout_ms)
{
	struct both *b = t->own;

	return b->now == &b->tls ? kf_tls_wait(b->now, want, timeout_ms) : kf_ssh_wait(b->now, want, timeout_ms);
}

static enum kf_status sshtls_finish(struct kf_transport *t, struct kf_error *err)
{
	(void)t, (void)err;	/* lasting is what the receiver answers for */
	return KF_OK;
}

static void sshtls_close(struct kf_transport *t)
{
	struct both *b = t->own;

	if (!b)
		return;
	if (b->now == &b->tls && !b->tls.heard && b->past)
		b->past->tls_silent = b->target;
	kf_tls_close(&b->tls);
	kf_ssh_close(&b->ssh);
	free(b);
	t->own = NULL;
}

static enum kf_flow sshtls_flow(const struct kf_transport *t)
{
	const struct both *b = t->own;

	return b->now == &b->tls ? kf_tls_flow(&b->tls) : kf_ssh_flow(&b->ssh);
}

const struct kf_transport_ops kf_transport_sshtls = {
	.answers = true, .open = sshtls_open, .send = sshtls_send, .receive = sshtls_receive,
	.wait = sshtls_wait, .flow = sshtls_flow, .finish = sshtls_finish, .close = sshtls_close,
};
