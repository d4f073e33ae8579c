// SPDX-License-Identifier: GPL-2.0-or-later
// The front of --stdio: what it makes of first bytes, however they are cut, and that a stream behind them is a stream.
#include "tests/unit/recv/judge.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "proto/ticket.h"
#include "receiver/net/stdio.h"

/* What the peer sends, in pieces, and what it gets. */
struct peer {
	int in, out;		/* the receiver's standard input and output, our ends */
	const uint8_t *bytes;
	size_t len, piece;
	uint8_t got[4096];
	size_t got_len;
};

static void *feed(void *arg)
{
	struct peer *p = arg;
	ssize_t n;

	/* Behind what the front looks at a stream may come as it likes. */
	for (size_t at = 0, len; at < p->len; at += len) {
		len = at > 100 || p->len - at < p->piece ? p->len - at : p->piece;
		if (write(p->in, p->bytes + at, len) != (ssize_t)len)
			break;
		usleep(500);	/* so that each comes alone */
	}
	close(p->in);
	while ((n = read(p->out, p->got + p->got_len, sizeof(p->got) - p->got_len)) > 0)
		p->got_len += (size_t)n;
	close(p->out);
	return NULL;
}

static enum kf_status run(struct rig *r, struct peer *p, const char *identity)
{
	const struct kf_log log = { .out = stderr, .level = 0, .program = "test" };
	const struct kf_server_setup setup = {
		.max_sessions = 4, .max_per_peer = 4, .pace = KF_PACE_DEFAULT, .log = &log, .program = "test", .dir = r->path,
		.io = &kf_io_system, .threads = 1, .once = true, .resumes = true,
	};
	struct kf_stdio_setup stdio = { .identity = identity, .ticket_socket = "/no/such/socket" };
	struct kf_server *server;
	struct kf_stdio *io;
	struct kf_error err;
	pthread_t thread;
	int in[2], out[2];
	enum kf_status st;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	p->in = in[1];
	p->out = out[0];
	stdio.in = in[0];
	stdio.out = out[1];
	CHECK_OK("server", kf_server_create(&server, &setup, &err), &err);
	CHECK_OK("stdio", kf_stdio_create(&io, server, &log, &stdio, &err), &err);
	close(in[0]);
	close(out[1]);
	assert_int_equal(pthread_create(&thread, NULL, feed, p), 0);
	st = kf_server_run(server);
	kf_stdio_destroy(io);
	kf_server_destroy(server);
	pthread_join(thread, NULL);
	return st;
}

/* Checks that GOT begins with the answer "none" that says TEXT; gives its bytes. */
static size_t check_none(const struct peer *p, const char *text)
{
	struct kf_ticket_answer a;
	struct kf_error err;
	size_t payload;

	assert_true(p->got_len >= KF_TICKET_HEAD_BYTES);
	CHECK_OK("head", kf_ticket_answer_head(p->got, &payload, &err), &err);
	CHECK_OK("answer", kf_ticket_answer_decode(&a, p->got, KF_TICKET_HEAD_BYTES + payload, &err), &err);
	assert_int_equal(a.status, KF_TICKET_NONE);
	CHECK(a.why, strstr(a.why, text));
	return KF_TICKET_HEAD_BYTES + payload;
}

static const size_t pieces[] = { 1, 3, 7, 8, 15, 16, 17, 31, 1 << 20 };

static void an_ask_and_no_stream(void **state)
{
	uint8_t ask[KF_TICKET_HEAD_BYTES];

	(void)state;
	kf_ticket_ask_encode(ask);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct peer p = { .bytes = ask, .len = sizeof(ask), .piece = pieces[i] };
		struct rig r;

		rig_init(&r);
		assert_int_equal(run(&r, &p, "web7"), KF_OK);
		assert_int_equal(check_none(&p, "/no/such/socket: the service is not running"), p.got_len);
		rig_deinit(&r);
	}
}

static void an_ask_of_another_version(void **state)
{
	uint8_t ask[KF_TICKET_HEAD_BYTES];
	struct peer p = { .bytes = ask, .len = sizeof(ask), .piece = 16 };
	struct rig r;

	(void)state;
	kf_ticket_ask_encode(ask);
	ask[8] = 2;
	rig_init(&r);
	assert_int_equal(run(&r, &p, "web7"), KF_OK);
	assert_int_equal(check_none(&p, "version 2"), p.got_len);
	rig_deinit(&r);
}

/* With and without an ask before it, the stream is the same, wherever it is cut. */
static void a_stream(void **state)
{
	struct plan_stream s;
	struct plan plan;

	(void)state;
	plan_default(&plan);
	plan_stream_make(&s, &plan, NULL, NULL);
	for (int asks = 0; asks < 2; asks++)
		for (size_t i = 0; i < COUNT(pieces); i++) {
			size_t before = asks ? KF_TICKET_HEAD_BYTES : 0, at = 0;
			uint8_t *bytes = malloc(before + s.len);
			struct peer p = { .bytes = bytes, .len = before + s.len, .piece = pieces[i] };
			struct rig r;

			kf_ticket_ask_encode(bytes);
			memcpy(bytes + before, s.bytes, s.len);
			rig_init(&r);
			assert_int_equal(run(&r, &p, "web7"), KF_OK);
			if (asks)
				at = check_none(&p, "not running");
			assert_true(p.got_len >= at + KF_PREFACE_BYTES);
			assert_memory_equal(p.got + at, KF_MAGIC, KF_MAGIC_BYTES);
			rig_deinit(&r);
			free(bytes);
		}
	plan_stream_free(&s);
}

static void what_is_neither(void **state)
{
	static const struct { const char *name, *bytes; size_t len; bool aborted; } rows[] = {
		{ "nothing", "", 0, false },
		{ "half an ask", "KFTICK", 6, false },
		{ "all but its last byte", "KFTICKET\1\0\0\0\0\0\0", 15, false },
		{ "almost an ask", "KFTICKEX\1\0\0\0\0\0\0\0and more than a preface has", 43, true },
		{ "HTTP", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 37, true },
		{ "an ask, and again", "KFTICKET\1\0\0\0\0\0\0\0KFTICKET\1\0\0\0\0\0\0\0KFTICKET\1\0\0\0\0\0\0\0", 48, true },
		{ "one byte of a stream", "\x93", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 64; piece += 20) {
			struct peer p = { .bytes = (const uint8_t *)rows[i].bytes, .len = rows[i].len, .piece = piece };
			struct rig r;

			rig_init(&r);
			CHECK(rows[i].name, run(&r, &p, "web7") == KF_FAILED);
			CHECK(rows[i].name, (memmem(p.got, p.got_len, KF_MAGIC, KF_MAGIC_BYTES) != NULL) == rows[i].aborted);
			rig_deinit(&r);
		}
}

static void who_it_is(void **state)
{
	static const struct { const char *identity, *ssh, *dir; } rows[] = {
		{ "web7", "192.0.2.20 4711 192.0.2.7 22", "web7-2" },
		{ NULL, "192.0.2.20 4711 192.0.2.7 22", "192.0.2.20-2" },
		{ NULL, "2001:db8::20 4711 2001:db8::7 22", "2001-db8--20-2" },
		{ NULL, "fe80::20%eth0 4711 fe80::7 22", "fe80--20eth0-2" },
		{ NULL, "../../../etc 1 2 3", "0......etc-2" },
		{ NULL, "", "0-2" },
		{ NULL, NULL, "local-2" },
	};
	struct plan_stream s;
	struct plan plan;

	(void)state;
	plan_default(&plan);
	plan_stream_make(&s, &plan, NULL, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct peer p = { .bytes = s.bytes, .len = s.len, .piece = 1 << 20 };
		char command[256];
		struct rig r;

		if (rows[i].ssh)
			setenv("SSH_CONNECTION", rows[i].ssh, 1);
		else
			unsetenv("SSH_CONNECTION");
		rig_init(&r);
		assert_int_equal(run(&r, &p, rows[i].identity), KF_OK);
		snprintf(command, sizeof(command), "test -e %s/%s*/vmcore", r.path, rows[i].dir);
		CHECK(rows[i].dir, system(command) == 0);
		rig_deinit(&r);
	}
	plan_stream_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ask_and_no_stream),
		cmocka_unit_test(an_ask_of_another_version),
		cmocka_unit_test(a_stream),
		cmocka_unit_test(what_is_neither),
		cmocka_unit_test(who_it_is),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
