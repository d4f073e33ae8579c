// SPDX-License-Identifier: GPL-2.0-or-later
// A scripted receiver; see peer.h.
#include "tests/unit/stream/peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/parser.h"
#include "tests/unit/unit.h"

/* Times in END: the last 24 bytes of its payload. */
#define END_TIMES 24

struct connection {
	struct peer *p;
	const struct peer_step *step;
	int fd;
	uint64_t number;
	unsigned int windows;
	bool over, drains;
};

static void say(struct connection *c, const struct kf_message *m)
{
	uint8_t bytes[1024];
	struct kf_writer w = kf_writer_on(bytes, sizeof(bytes));

	if (c->number == 0)
		kf_preface_encode(kf_put_space(&w, KF_PREFACE_BYTES), KF_ROLE_RECEIVER);
	kf_encode_frame(&w, m, c->number++);
	assert_false(w.failed);
	(void)!send(c->fd, bytes, kf_written(&w), MSG_NOSIGNAL);
}

static void say_abort(struct connection *c, enum kf_abort_code code, const char *text)
{
	struct kf_message m = { .type = KF_MSG_ABORT };

	m.abort = (struct kf_abort){ code, kf_string_of(text) };
	say(c, &m);
	c->over = true;
}

static void forget_all(struct peer *p)
{
	p->len = 0;
	p->mark = (struct peer_mark){ 0 };
}

static void begin_dump(struct connection *c)
{
	struct kf_message m = { .type = KF_MSG_WELCOME };

	forget_all(c->p);
	c->p->session[0]++;
	memcpy(m.welcome.session, c->p->session, sizeof(m.welcome.session));
	memset(m.welcome.token, 7, sizeof(m.welcome.token));
	say(c, &m);
}

static void resume(struct connection *c)
{
	struct peer *p = c->p;
	struct kf_message m = { .type = KF_MSG_WELCOME };

	if (c->step->end == PEER_REFUSES) {
		say_abort(c, KF_ABORT_REFUSED, "there is no such dump");
		return;
	}
	memcpy(m.welcome.session, p->session, sizeof(m.welcome.session));
	memset(m.welcome.token, 7, sizeof(m.welcome.token));
	say(c, &m);
	p->len = p->mark.len;
	m = (struct kf_message){ .type = KF_MSG_RESUME };
	m.resume = p->mark.at;
	if (c->step->end == PEER_MISLEADS)
		m.resume.carry = (struct kf_carry){ m.resume.pfn + 5, KF_USER };
	say(c, &m);
}

static void keep(struct peer *p, const struct kf_frame *f)
{
	if (p->len + 5 + f->len > p->room) {
		p->room = 2 * (p->len + 5 + f->len);
		p->frames = realloc(p->frames, p->room);
	}
	p->frames[p->len] = f->type;
	memcpy(p->frames + p->len + 1, &f->len, 4);
	if (f->len)
		memcpy(p->frames + p->len + 5, f->payload, f->len);
	p->len += 5 + f->len;
}

static void take_window(struct connection *c, const struct kf_window *w)
{
	struct kf_message m = { .type = KF_MSG_DURABLE };
	struct peer_mark mark = { .at = { .pfn = w->end, .carry = w->out, .flags = KF_RESUME_INTRO | KF_RESUME_VITAL }, .len = c->p->len };

	c->p->came[c->p->connections].windows++;
	c->windows++;
	if (c->step->end != PEER_FORGETS) {
		c->p->mark = mark;
		m.resume = (struct kf_resume){ .pfn = w->end, .flags = mark.at.flags };
		say(c, &m);
	}
	if (c->windows < c->step->windows)
		return;
	if (c->step->end == PEER_ABORTS)
		say_abort(c, c->step->code, "as the script says");
	else if (c->step->end == PEER_BREAKS || c->step->end == PEER_FORGETS)
		c->over = true;
}

static void take_end(struct connection *c)
{
	struct kf_message m = { .type = KF_MSG_STORED };

	c->over = true;
	if (c->step->end == PEER_STORES) {
		m.stored = (struct kf_stored){ KF_STORED_WHOLE, kf_string_of("a dump") };
		say(c, &m);
	}
}

static void take(struct connection *c, const struct kf_frame *f)
{
	struct peer *p = c->p;
	struct kf_message m;
	struct kf_error err;

	CHECK_OK("peer", kf_decode(&m, f->type, f->payload, f->len, &err), &err);
	switch (m.type) {
	case KF_MSG_HELLO:
		p->came[p->connections].resumes = m.hello.flags & KF_HELLO_RESUME;
		kf_string_text(p->came[p->connections].program, sizeof(p->came[0].program), &m.hello.program);
		return;
	case KF_MSG_DUMP:
		if (c->step->end == PEER_SAYS_NOTHING)
			c->over = true;
		else if (p->came[p->connections].resumes)
			resume(c);
		else
			begin_dump(c);
		return;
	case KF_MSG_ABORT:
		p->came[p->connections].aborted = true;
		p->came[p->connections].abort_code = m.abort.code;
		c->over = true;
		return;
	case KF_MSG_KEEPALIVE:
		return;
	default:
		keep(p, f);
		if (m.type == KF_MSG_WINDOW)
			take_window(c, &m.window);
		if (m.type == KF_MSG_END)
			take_end(c);
	}
}

/* Until the connection is over. */
static void converse(struct connection *c)
{
	struct kf_parser *parser = kf_parser_create(KF_ROLE_SENDER);

	while (!c->over) {
		struct kf_frame frame;
		struct kf_error err;
		uint8_t *where;
		size_t room;
		ssize_t n;
		bool got;

		kf_parser_space(parser, &where, &room);
		n = read(c->fd, where, room);
		if (n <= 0)
			break;
		CHECK_OK("peer", kf_parser_advance(parser, (size_t)n, &frame, &got, &err), &err);
		if (!got)
			continue;
		take(c, &frame);
		free(frame.payload);
	}
	kf_parser_destroy(parser);
}

/* Its direction ends first, so that a reset does not take its last words away. */
static void hang_up(int fd)
{
	static uint8_t nowhere[65536];

	shutdown(fd, SHUT_WR);
	while (read(fd, nowhere, sizeof(nowhere)) > 0)
		;
	close(fd);
}

static void *run(void *arg)
{
	struct peer *p = arg;

	for (size_t i = 0; i < p->step_count; i++) {
		struct connection c = { .p = p, .step = &p->steps[i], .fd = accept(p->listener, NULL, NULL) };

		if (c.fd < 0)
			break;
		converse(&c);
		hang_up(c.fd);
		p->connections++;
	}
	close(p->listener);
	return NULL;
}

void peer_start(struct peer *p, const struct peer_step *steps, size_t count)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	assert_true(count <= PEER_CONNECTIONS);
	*p = (struct peer){ .listener = socket(AF_INET, SOCK_STREAM, 0), .steps = steps, .step_count = count };
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(p->listener, 1), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &len), 0);
	p->target = (struct kf_target){ .scheme = KF_SCHEME_TCP, .host = "127.0.0.1" };
	snprintf(p->target.port, sizeof(p->target.port), "%u", ntohs(a.sin_port));
	pthread_create(&p->thread, NULL, run, p);
}

void peer_end(struct peer *p)
{
	shutdown(p->listener, SHUT_RDWR);
	pthread_join(p->thread, NULL);
}

void peer_free(struct peer *p)
{
	free(p->frames);
}

void peer_load(struct peer *p, const char *path)
{
	struct peer_step step = { .end = PEER_SAYS_NOTHING };
	struct kf_parser *parser = kf_parser_create(KF_ROLE_SENDER);
	int fd = open(path, O_RDONLY);
	ssize_t n;

	*p = (struct peer){ .listener = -1, .steps = &step };
	for (;;) {
		struct kf_frame frame;
		struct kf_error err;
		uint8_t *where;
		size_t room;
		bool got;

		kf_parser_space(parser, &where, &room);
		n = read(fd, where, room);
		if (n <= 0)
			break;
		CHECK_OK(path, kf_parser_advance(parser, (size_t)n, &frame, &got, &err), &err);
		if (!got)
			continue;
		if (frame.type != KF_MSG_HELLO && frame.type != KF_MSG_DUMP)
			keep(p, &frame);
		free(frame.payload);
	}
	assert_int_equal(n, 0);
	close(fd);
	p->steps = NULL;
	kf_parser_destroy(parser);
}

void peer_compare(const char *name, const struct peer *a, const struct peer *b)
{
	size_t at = 0, len = a->len - END_TIMES;

	CHECK_EQ(name, a->len, b->len);
	while (at < len && a->frames[at] == b->frames[at])
		at++;
	if (at < len)
		fail_msg("%s: byte %zu of %zu is another", name, at, len);
}
