// SPDX-License-Identifier: GPL-2.0-or-later
// A ticket's session goes on with the dumps of its own identity, and with no other's: the identity decides, not who knows the token.
#include "tests/unit/recv/judge.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "proto/order.h"
#include "proto/parser.h"
#include "receiver/net/server.h"
#include "receiver/net/tickets.h"
#include "tests/unit/recv/resumed.h"

struct peer {
	int fd;
	const uint8_t *bytes;
	size_t len;
	struct kf_welcome welcome;	/* and what else it was told */
	bool resume;
	char text[KF_STRING_MAX + 1];
};

static void hear(struct peer *p, const struct kf_frame *frame)
{
	struct kf_message m;
	struct kf_error err;

	CHECK_OK("reply", kf_decode(&m, frame->type, frame->payload, frame->len, &err), &err);
	if (m.type == KF_MSG_WELCOME)
		p->welcome = m.welcome;
	p->resume |= m.type == KF_MSG_RESUME;
	if (m.type == KF_MSG_ABORT)
		kf_string_text(p->text, sizeof(p->text), &m.abort.text);
}

static void *speak(void *arg)
{
	struct peer *p = arg;
	struct kf_parser *parser = kf_parser_create(KF_ROLE_RECEIVER);
	struct kf_frame frame;
	struct kf_error err;
	uint8_t *where;
	size_t room;
	ssize_t n;
	bool got;

	for (size_t at = 0; at < p->len && (n = send(p->fd, p->bytes + at, p->len - at, MSG_NOSIGNAL)) > 0;)
		at += (size_t)n;
	shutdown(p->fd, SHUT_WR);
	for (;;) {
		kf_parser_space(parser, &where, &room);
		n = read(p->fd, where, room);
		if (n <= 0 || kf_parser_advance(parser, (size_t)n, &frame, &got, &err))
			break;
		if (got) {
			hear(p, &frame);
			free(frame.payload);
		}
	}
	kf_parser_destroy(parser);
	close(p->fd);
	return NULL;
}

/* A receiver that is new on this directory, and finds what the one before left; one sender, whose identity is IDENTITY. */
static enum kf_status serve(struct rig *r, struct peer *p, const char *identity)
{
	const struct kf_log log = { .out = stderr, .level = 0, .program = "test" };
	const struct kf_server_setup setup = {
		.max_sessions = 4, .max_per_peer = 4, .pace = KF_PACE_DEFAULT, .log = &log, .program = "test", .dir = r->path,
		.io = &kf_io_system, .threads = 1, .once = true, .resumes = true, .recover = true, .resume_ms = 60000,
	};
	struct kf_server *server;
	struct kf_error err;
	pthread_t thread;
	int ends[2];
	enum kf_status st;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	p->fd = ends[1];
	CHECK_OK("server", kf_server_create(&server, &setup, &err), &err);
	CHECK_OK("session", kf_server_add(server, (struct kf_ends){ .in = ends[0], .out = ends[0], .shared = true }, "peer", identity, &err), &err);
	assert_int_equal(pthread_create(&thread, NULL, speak, p), 0);
	st = kf_server_run(server);
	kf_server_destroy(server);
	pthread_join(thread, NULL);
	return st;
}

/* The identity that a session with a ticket has, as the TLS handshake learns it. */
static void by_ticket(const char *asked_for, char identity[KF_IDENTITY_MAX + 1])
{
	struct kf_tickets *t = kf_tickets_create();
	uint8_t id[KF_TICKET_ID_BYTES], key[KF_TICKET_KEY_BYTES];
	struct kf_error err;

	CHECK_OK("ticket", kf_tickets_issue(t, asked_for, 1, id, key, &err), &err);
	CHECK_OK("ticket", kf_tickets_use(t, id, 2, identity, &err), &err);
	kf_tickets_destroy(t);
}

static void of_its_own_only(void **state)
{
	static const struct { const char *whose; bool taken; } rows[] = {
		{ "web8", false }, { "web", false }, { "web77", false }, { "web7-2026", false }, { "WEB7", false }, { "192.0.2.7", false },
		{ "web7", true },
	};
	char identity[KF_IDENTITY_MAX + 1];
	struct plan_stream whole;
	struct resumed how = { 0 };
	struct peer first = { 0 };
	struct plan plan;
	struct rig r;

	(void)state;
	plan_default(&plan);
	plan_stream_make(&whole, &plan, NULL, NULL);
	first.bytes = whole.bytes;
	first.len = whole.len / 2;
	rig_init(&r);
	by_ticket("web7", identity);
	assert_int_equal(serve(&r, &first, identity), KF_INCOMPLETE);
	how.id = first.welcome;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan_stream rest;
		struct peer p = { 0 };

		resumed_stream_make(&rest, &plan, &how);
		p.bytes = rest.bytes;
		p.len = rest.len / 2;
		by_ticket(rows[i].whose, identity);
		(void)!serve(&r, &p, identity);
		/* What it sends behind its DUMP may not be what the RESUME asks for; that is another matter. */
		CHECK(rows[i].whose, p.resume == rows[i].taken);
		CHECK(rows[i].whose, rows[i].taken || strstr(p.text, "no such dump to resume here"));
		plan_stream_free(&rest);
	}
	rig_deinit(&r);
	plan_stream_free(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_its_own_only),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
