// SPDX-License-Identifier: GPL-2.0-or-later
// Whole sessions over a socket, with real workers: what a sender sees, and how the server ends.
#include "tests/unit/recv/judge.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "proto/order.h"
#include "receiver/net/address.h"
#include "receiver/net/replies.h"
#include "receiver/net/server.h"

#include <netinet/in.h>
#include <arpa/inet.h>

/* A sender in a thread of its own: writes its bytes, then reads replies to the end. */
struct sender {
	int fd;
	const uint8_t *bytes;
	size_t len;
	bool hangs_up;		/* behind its last byte */
	bool stays;		/* does not close before the receiver does */
	unsigned int replies[KF_TYPES];
	enum kf_type last;
	enum kf_abort_code code;
	char text[KF_STRING_MAX + 1];
	bool broken;		/* the replies broke the protocol */
};

static void take_reply(struct sender *s, struct kf_order *order, const struct kf_frame *frame)
{
	struct kf_message m;
	struct kf_error err;

	if (kf_decode(&m, frame->type, frame->payload, frame->len, &err) || kf_order_take(order, &m, &err)) {
		s->broken = true;
		return;
	}
	s->replies[m.type]++;
	s->last = m.type;
	if (m.type == KF_MSG_ABORT) {
		s->code = m.abort.code;
		kf_string_text(s->text, sizeof(s->text), &m.abort.text);
	}
}

static void read_replies(struct sender *s)
{
	struct kf_parser *parser = kf_parser_create(KF_ROLE_RECEIVER);
	struct kf_order order = kf_order_of(KF_ROLE_RECEIVER);
	struct kf_frame frame;
	struct kf_error err;
	uint8_t *where;
	size_t room;
	ssize_t n;
	bool got;

	for (;;) {
		kf_parser_space(parser, &where, &room);
		n = read(s->fd, where, room);
		if (n <= 0)
			break;
		if (kf_parser_advance(parser, (size_t)n, &frame, &got, &err)) {
			s->broken = true;
			break;
		}
		if (got) {
			take_reply(s, &order, &frame);
			free(frame.payload);
		}
	}
	s->broken |= !kf_parser_at_boundary(parser);
	kf_parser_destroy(parser);
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	size_t at = 0;

	while (at < s->len) {
		ssize_t n = send(s->fd, s->bytes + at, s->len - at, MSG_NOSIGNAL);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (s->hangs_up)
		shutdown(s->fd, SHUT_WR);
	read_replies(s);
	close(s->fd);
	return NULL;
}

/* Runs one session to its end; the directory stays for the caller to look at. */
static enum kf_status serve(struct rig *r, struct sender *sender, unsigned int threads, uint64_t idle_ms)
{
	const struct kf_log log = { .out = stderr, .level = 0, .program = "test" };
	const struct kf_server_setup setup = {
		.max_sessions = 32, .max_per_peer = 32, .pace = KF_PACE_DEFAULT,
		.log = &log, .program = "test", .dir = r->path, .io = &kf_io_system, .threads = threads,
		.idle_ms = idle_ms, .once = true,
	};
	struct kf_server *server;
	struct kf_error err;
	pthread_t thread;
	int ends[2];
	enum kf_status st;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	sender->fd = ends[1];
	CHECK_OK("server", kf_server_create(&server, &setup, &err), &err);
	CHECK_OK("session", kf_server_add(server, (struct kf_ends){ .in = ends[0], .out = ends[0] }, "peer", "::1", &err), &err);
	assert_int_equal(pthread_create(&thread, NULL, send_all, sender), 0);
	st = kf_server_run(server);
	kf_server_destroy(server);
	pthread_join(thread, NULL);
	return st;
}

/* Finds the one directory of a dump. */
static void find_dir(struct rig *r, const char *file)
{
	char pattern[128];
	FILE *p;

	snprintf(pattern, sizeof(pattern), "ls %s", r->path);
	p = popen(pattern, "r");
	assert_non_null(fgets(r->dir, sizeof(r->dir), p));
	pclose(p);
	r->dir[strcspn(r->dir, "\n")] = '\0';
	snprintf(r->file, sizeof(r->file), "%s", file);
}

static void a_whole_one(void **state)
{
	(void)state;
	for (unsigned int threads = 1; threads <= 4; threads += 3) {
		struct sender sender = { .hangs_up = threads == 4 };
		struct plan_stream s;
		struct plan p;
		struct rig r;

		plan_default(&p);
		p.batch_pages = 3;
		plan_stream_make(&s, &p, NULL, NULL);
		sender.bytes = s.bytes;
		sender.len = s.len;
		rig_init(&r);
		assert_int_equal(serve(&r, &sender, threads, 10000), KF_OK);
		assert_false(sender.broken);
		assert_int_equal(sender.replies[KF_MSG_WELCOME], 1);
		assert_int_equal(sender.last, KF_MSG_STORED);
		assert_true(sender.replies[KF_MSG_DURABLE] >= 1);
		find_dir(&r, "vmcore");
		judge_rig("whole", &r, &p, true);
		rig_deinit(&r);
		plan_stream_free(&s);
	}
}

static void breaks_off(void **state)
{
	struct sender sender = { .hangs_up = true };
	struct plan_stream s;
	struct plan p;
	struct rig r;

	(void)state;
	plan_default(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	sender.bytes = s.bytes;
	sender.len = s.len / 2;
	rig_init(&r);
	assert_int_equal(serve(&r, &sender, 2, 10000), KF_INCOMPLETE);
	assert_false(sender.broken);
	assert_int_equal(sender.replies[KF_MSG_ABORT] + sender.replies[KF_MSG_STORED], 0);
	find_dir(&r, "vmcore-incomplete");
	judge_rig("half", &r, &p, false);
	rig_deinit(&r);
	plan_stream_free(&s);
}

static void told_why(void **state)
{
	struct plan_stream s;
	struct plan p;

	(void)state;
	plan_default(&p);
	plan_stream_make(&s, &p, NULL, NULL);
	for (int i = 0; i < 3; i++) {
		static const struct { enum kf_abort_code code; const char *part; } wanted[] = {
			{ KF_ABORT_PROTOCOL, "not a kferry stream" },
			{ KF_ABORT_PROTOCOL, "damaged" },
			{ KF_ABORT_REFUSED, "no byte came for 1 seconds" },
		};
		struct sender sender = { .bytes = s.bytes, .len = s.len };
		struct rig r;
		enum kf_status st;

		rig_init(&r);
		s.bytes[0] ^= i == 0;
		s.bytes[s.len - 400] ^= i == 1;
		if (i == 2)
			sender.len -= 100;
		st = serve(&r, &sender, 2, 1000);
		assert_int_equal(st, i ? KF_INCOMPLETE : KF_FAILED);
		assert_false(sender.broken);
		assert_int_equal(sender.last, KF_MSG_ABORT);
		assert_int_equal(sender.code, wanted[i].code);
		if (!strstr(sender.text, wanted[i].part))
			fail_msg("told '%s', wanted '%s' in it", sender.text, wanted[i].part);
		s.bytes[0] ^= i == 0;
		s.bytes[s.len - 400] ^= i == 1;
		rig_deinit(&r);
	}
	plan_stream_free(&s);
}

static void replies_in_order(void **state)
{
	struct event_base *base = event_base_new();
	struct kf_message m = { .type = KF_MSG_RECEIVED };
	struct kf_replies r;
	struct kf_channel *c;
	int ends[2];
	size_t len;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	c = kf_channel_fd_create(base, (struct kf_ends){ .in = ends[0], .out = ends[1] });
	r = kf_replies_on(c);
	/* The loop does not run, so nothing is ever written. */
	kf_replies_put(&r, &m);
	assert_int_equal(kf_channel_waiting(c), 0);	/* nothing before WELCOME */
	m.type = KF_MSG_WELCOME;
	kf_replies_put(&r, &m);
	assert_int_equal(kf_channel_waiting(c), 32 + 24 + 48);
	/* A sender that does not read: what will be said again is left out some time, STORED never. */
	m = (struct kf_message){ .type = KF_MSG_RECEIVED };
	for (int i = 0; i < 100000; i++)
		kf_replies_put(&r, &m);
	len = kf_channel_waiting(c);
	assert_true(len > 1000 && len < 100000);
	m = (struct kf_message){ .type = KF_MSG_STORED };
	kf_replies_put(&r, &m);
	assert_true(kf_channel_waiting(c) > len);
	len = kf_channel_waiting(c);
	m = (struct kf_message){ .type = KF_MSG_ABORT, .abort = { .code = KF_ABORT_SYSTEM } };
	kf_replies_put(&r, &m);
	assert_int_equal(kf_channel_waiting(c), len);	/* nothing behind STORED */
	kf_channel_destroy(c);
	event_base_free(base);
}

static void addresses(void **state)
{
	static const struct { int family; const char *address, *host, *url; bool loopback; } table[] = {
		{ AF_INET, "127.0.0.1", "127.0.0.1", "tcp://127.0.0.1:7612", true },
		{ AF_INET, "127.9.9.9", "127.9.9.9", "tcp://127.9.9.9:7612", true },
		{ AF_INET, "0.0.0.0", "0.0.0.0", "tcp://0.0.0.0:7612", false },
		{ AF_INET, "192.0.2.1", "192.0.2.1", "tcp://192.0.2.1:7612", false },
		{ AF_INET6, "::1", "::1", "tcp://[::1]:7612", true },
		{ AF_INET6, "::", "::", "tcp://[::]:7612", false },
		{ AF_INET6, "::ffff:127.0.0.1", "127.0.0.1", "tcp://[::ffff:127.0.0.1]:7612", true },
		{ AF_INET6, "::ffff:192.0.2.1", "192.0.2.1", "tcp://[::ffff:192.0.2.1]:7612", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(7612) };
		struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(7612) };
		bool is_six = table[i].family == AF_INET6;
		const struct sockaddr *a = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
		socklen_t len = is_six ? sizeof(six) : sizeof(four);
		char text[KF_ADDRESS_TEXT];

		assert_int_equal(inet_pton(table[i].family, table[i].address,
					   is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr), 1);
		kf_address_host(text, a, len);
		CHECK_TEXT(table[i].address, text, table[i].host);
		kf_address_url(text, "tcp", a, len);
		CHECK_TEXT(table[i].address, text, table[i].url);
		CHECK_EQ(table[i].address, kf_address_is_loopback(a), table[i].loopback);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_one),
		cmocka_unit_test(breaks_off),
		cmocka_unit_test(told_why),
		cmocka_unit_test(replies_in_order),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
