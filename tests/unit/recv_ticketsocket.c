// SPDX-License-Identifier: GPL-2.0-or-later
// The local socket for tickets: both ends of it, its file, and who may ask.
#include "tests/unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "receiver/net/ticketsocket.h"

struct rig {
	char dir[64], path[80];
	struct event_base *base;
	struct kf_ticketsocket *socket;
	struct event *stop;
	int stopper[2];
	pthread_t thread;
	unsigned int asked, refused;
	char identity[KF_IDENTITY_MAX + 1];	/* of the last that asked */
};

static void answer(void *ctx, const char *identity, struct kf_ticket_answer *a)
{
	struct rig *r = ctx;

	r->asked++;
	snprintf(r->identity, sizeof(r->identity), "%s", identity);
	*a = (struct kf_ticket_answer){ .status = KF_TICKET_GRANTED, .port = 7612, .seconds = 60, .id = { 1, 2 }, .key = { 3, 4 } };
}

static void refused(void *ctx, const struct kf_error *why)
{
	struct rig *r = ctx;

	assert_int_not_equal(why->status, KF_OK);
	r->refused++;
}

static enum kf_status try_create(struct rig *r, const char *group, struct kf_error *err)
{
	const struct kf_ticketsocket_setup setup = {
		.base = r->base, .path = r->path, .group = group, .fd = -1, .answer = answer, .refused = refused, .ctx = r,
	};

	return kf_ticketsocket_create(&r->socket, &setup, err);
}

static void on_stop(evutil_socket_t fd, short what, void *base)
{
	(void)fd, (void)what;
	event_base_loopbreak(base);
}

static void rig_init(struct rig *r)
{
	umask(0077);
	*r = (struct rig){ .dir = "/tmp/kf-ticketsocket-XXXXXX" };
	assert_non_null(mkdtemp(r->dir));
	snprintf(r->path, sizeof(r->path), "%s/tickets", r->dir);
	r->base = event_base_new();
	assert_int_equal(pipe(r->stopper), 0);
	r->stop = event_new(r->base, r->stopper[0], EV_READ, on_stop, r->base);
	event_add(r->stop, NULL);
}

static void *run(void *base)
{
	event_base_dispatch(base);
	return NULL;
}

static void rig_run(struct rig *r)
{
	assert_int_equal(pthread_create(&r->thread, NULL, run, r->base), 0);
}

static void rig_stop(struct rig *r)
{
	assert_int_equal(write(r->stopper[1], "", 1), 1);
	pthread_join(r->thread, NULL);
}

static void rig_deinit(struct rig *r)
{
	kf_ticketsocket_destroy(r->socket);
	event_free(r->stop);
	event_base_free(r->base);
	close(r->stopper[0]);
	close(r->stopper[1]);
	unlink(r->path);
	assert_int_equal(rmdir(r->dir), 0);
}

static int connect_to(const struct rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", r->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void granted(void **state)
{
	struct kf_ticket_answer a;
	struct kf_error err;
	struct rig r;
	struct stat st;

	(void)state;
	rig_init(&r);
	CHECK_OK("socket", try_create(&r, NULL, &err), &err);
	assert_int_equal(lstat(r.path, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0660);
	rig_run(&r);
	for (int i = 0; i < 3; i++) {
		kf_ticketsocket_ask(r.path, "web-7.example", &a);
		CHECK(a.why, a.status == KF_TICKET_GRANTED);
		assert_int_equal(a.port, 7612);
		assert_int_equal(a.id[1], 2);
		assert_int_equal(a.key[1], 4);
	}
	rig_stop(&r);
	assert_int_equal(r.asked, 3);
	assert_string_equal(r.identity, "web-7.example");
	kf_ticketsocket_destroy(r.socket);
	r.socket = NULL;
	assert_int_equal(lstat(r.path, &st), -1);	/* it takes its file with it */
	rig_deinit(&r);
}

static void nobody_there(void **state)
{
	struct kf_ticket_answer a;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct kf_error err;
	struct rig r;
	int fd;

	(void)state;
	rig_init(&r);
	kf_ticketsocket_ask(r.path, "web7", &a);
	assert_int_equal(a.status, KF_TICKET_NONE);
	CHECK(a.why, strstr(a.why, "the service is not running"));
	/* A socket whose process died: nobody listens, and the next service takes its place. */
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", r.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	kf_ticketsocket_ask(r.path, "web7", &a);
	CHECK(a.why, strstr(a.why, "the service is not running"));
	CHECK_OK("stale", try_create(&r, NULL, &err), &err);
	rig_run(&r);
	kf_ticketsocket_ask(r.path, "web7", &a);
	rig_stop(&r);
	CHECK(a.why, a.status == KF_TICKET_GRANTED);
	rig_deinit(&r);
}

/* It takes connections and says nothing: who asks does not wait for ever. */
static void a_silent_service(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct kf_ticket_answer a;
	struct rig r;
	int fd;

	(void)state;
	rig_init(&r);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", r.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	kf_ticketsocket_ask(r.path, "web7", &a);
	assert_int_equal(a.status, KF_TICKET_NONE);
	CHECK(a.why, strstr(a.why, "the service does not answer"));
	close(fd);
	rig_deinit(&r);
}

static void places_that_are_taken(void **state)
{
	struct kf_error err;
	struct rig r, second;
	FILE *f;

	(void)state;
	rig_init(&r);
	CHECK_OK("first", try_create(&r, NULL, &err), &err);
	second = r;
	CHECK_REFUSED("a live one", try_create(&second, NULL, &err), KF_REFUSED, &err, "another process listens there");
	assert_int_equal(access(r.path, F_OK), 0);
	kf_ticketsocket_destroy(r.socket);
	r.socket = NULL;
	f = fopen(r.path, "w");
	fclose(f);
	CHECK_REFUSED("a file", try_create(&r, NULL, &err), KF_INVALID, &err, "is no socket");
	assert_int_equal(access(r.path, F_OK), 0);
	unlink(r.path);
	CHECK_REFUSED("no group", try_create(&r, "no-such-group-here", &err), KF_INVALID, &err, "there is no group no-such-group-here");
	assert_int_equal(access(r.path, F_OK), -1);
	snprintf(r.path, sizeof(r.path), "%s/no/tickets", r.dir);
	CHECK_REFUSED("no directory", try_create(&r, NULL, &err), KF_ABSENT, &err, "there is no such directory");
	snprintf(r.path, sizeof(r.path), "relative");
	CHECK_REFUSED("relative", try_create(&r, NULL, &err), KF_INVALID, &err, "must begin with /");
	rig_deinit(&r);
}

/* Packets of every length up to one that is longer than any may be: an answer or none, never the table asked. */
static void hostile_packets(void **state)
{
	struct kf_ticket_answer a;
	struct kf_error err;
	struct rig r;
	uint8_t bytes[200], out[KF_TICKET_ANSWER_MAX];
	uint64_t seed = 1;

	(void)state;
	rig_init(&r);
	CHECK_OK("socket", try_create(&r, NULL, &err), &err);
	rig_run(&r);
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		int fd = connect_to(&r);
		ssize_t n;

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)next_random(&seed);
		if (len >= 16 && len % 2)
			memcpy(bytes, "KFTICKET\1\0\0\0\x40\0\0\0", 16);
		assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
		n = recv(fd, out, sizeof(out), 0);
		assert_true(n > 0);
		CHECK_OK("answer", kf_ticket_answer_decode(&a, out, (size_t)n, &err), &err);
		assert_int_equal(a.status, KF_TICKET_NONE);
		CHECK(a.why, strncmp(a.why, "refused: ", 9) == 0);
		close(fd);
	}
	rig_stop(&r);
	assert_int_equal(r.asked, 0);
	assert_int_equal(r.refused, sizeof(bytes));
	rig_deinit(&r);
}

/* Many that connect and say nothing: who means it is answered at once, and nobody stays longer than two seconds. */
static void idle_ones(void **state)
{
	struct kf_ticket_answer a;
	struct kf_error err;
	struct rig r;
	int fds[60];
	char byte;

	(void)state;
	rig_init(&r);
	CHECK_OK("socket", try_create(&r, NULL, &err), &err);
	rig_run(&r);
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = connect_to(&r);
	kf_ticketsocket_ask(r.path, "web7", &a);
	CHECK(a.why, a.status == KF_TICKET_GRANTED);
	for (size_t i = 0; i < COUNT(fds); i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);		/* waits for its end */
		close(fds[i]);
	}
	rig_stop(&r);
	rig_deinit(&r);
}

/* As another user, with these groups: the status that a child ends with is that of the answer. */
static int ask_as(const struct rig *r, uid_t uid, gid_t gid, gid_t also, bool *text)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct kf_ticket_answer a;

		if (setgroups(also ? 1 : 0, &also) || setgid(gid) || setuid(uid))
			_exit(99);
		kf_ticketsocket_ask(r->path, "web7", &a);
		_exit((int)a.status | (strstr(a.why, "neither root nor") || strstr(a.why, "this user may not open it") ? 0x40 : 0));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	*text = WEXITSTATUS(status) & 0x40;
	return WEXITSTATUS(status) & 0x3f;
}

static void who_may_ask(void **state)
{
	static const struct {
		const char *name;
		uid_t uid;
		gid_t gid, also;
		bool open;		/* the file's mode was changed by mistake */
		int wanted;
	} rows[] = {
		{ "root", 0, 0, 0, false, KF_TICKET_GRANTED },
		{ "a member by its first group", 12345, 23456, 0, false, KF_TICKET_GRANTED },
		{ "a member by another group", 12345, 12345, 23456, false, KF_TICKET_GRANTED },
		{ "a stranger", 12345, 12345, 0, false, KF_TICKET_NONE },
		{ "a stranger, and the file open", 12345, 12345, 0, true, KF_TICKET_NONE },
		{ "a stranger with a group, and the file open", 12345, 12345, 23457, true, KF_TICKET_NONE },
		{ "a member, and the file open", 12345, 12345, 23456, true, KF_TICKET_GRANTED },
	};
	struct kf_error err;
	struct rig r;

	(void)state;
	if (geteuid() != 0)
		skip();
	rig_init(&r);
	chmod(r.dir, 0711);
	CHECK_OK("socket", try_create(&r, "23456", &err), &err);
	rig_run(&r);
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool text;

		chmod(r.path, rows[i].open ? 0666 : 0660);
		CHECK_EQ(rows[i].name, ask_as(&r, rows[i].uid, rows[i].gid, rows[i].also, &text), rows[i].wanted);
		CHECK(rows[i].name, text == (rows[i].wanted == KF_TICKET_NONE));
	}
	rig_stop(&r);
	rig_deinit(&r);
	/* What the kernel calls so is any group that a service's user namespace does not have. */
	rig_init(&r);
	chmod(r.dir, 0711);
	CHECK_OK("nogroup", try_create(&r, "65534", &err), &err);
	rig_run(&r);
	for (int open = 0; open < 2; open++) {
		bool text;

		if (open)
			chmod(r.path, 0666);
		assert_int_equal(ask_as(&r, 12345, 65534, 65534, &text), KF_TICKET_NONE);
		assert_true(text);
	}
	rig_stop(&r);
	rig_deinit(&r);
}

/* One that a service manager made; and such that are of another kind. */
static void adopted(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct kf_ticketsocket_setup setup = { .answer = answer, .refused = refused };
	struct kf_ticket_answer a;
	struct kf_error err;
	struct rig r;

	(void)state;
	rig_init(&r);
	setup.base = r.base;
	setup.ctx = &r;
	setup.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", r.path);
	assert_int_equal(bind(setup.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(setup.fd, 8), 0);
	CHECK_OK("adopted", kf_ticketsocket_create(&r.socket, &setup, &err), &err);
	rig_run(&r);
	kf_ticketsocket_ask(r.path, "web7", &a);
	rig_stop(&r);
	CHECK(a.why, a.status == KF_TICKET_GRANTED);
	kf_ticketsocket_destroy(r.socket);
	assert_int_equal(access(r.path, F_OK), 0);	/* it is the manager's */
	setup.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_REFUSED("a stream socket", kf_ticketsocket_create(&r.socket, &setup, &err), KF_INVALID, &err, "SOCK_SEQPACKET");
	setup.fd = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_REFUSED("a TCP socket", kf_ticketsocket_create(&r.socket, &setup, &err), KF_INVALID, &err, "SOCK_SEQPACKET");
	rig_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(granted),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(a_silent_service),
		cmocka_unit_test(places_that_are_taken),
		cmocka_unit_test(hostile_packets),
		cmocka_unit_test(idle_ones),
		cmocka_unit_test(who_may_ask),
		cmocka_unit_test(adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
