// SPDX-License-Identifier: GPL-2.0-or-later
// A channel of plain bytes on descriptors; see channel.h.
#include "receiver/net/channel.h"

#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRITE_AT_ONCE 4096	/* a pipe that is ready takes this much without blocking */

struct fd_channel {
	struct kf_channel channel;
	struct kf_ends ends;		/* owned */
	struct event *readable, *writable;	/* owned; the second is NULL if nobody listens */
	struct evbuffer *out;		/* owned; bytes not yet written */
	bool broken, shut;		/* our direction */
	bool now;			/* what is shared is read with RWF_NOWAIT */
};

/* Whether a read would not block: bytes, the end or an error are there. */
static bool is_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* Whether the kernel can be told for one read that it must not block: then nobody need ask before each. Of a file, which never blocks for long, it would
 * read what is in memory only. */
static bool reads_now(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static ssize_t read_shared(struct fd_channel *f, uint8_t *where, size_t room)
{
	struct iovec piece = { .iov_base = where, .iov_len = room };
	ssize_t got;

	if (f->now) {
		got = preadv2(f->ends.in, &piece, 1, -1, RWF_NOWAIT);
		if (got >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS))
			return got;
		f->now = false;		/* an old kernel */
	}
	if (!is_ready(f->ends.in)) {
		errno = EAGAIN;
		return -1;
	}
	return read(f->ends.in, where, room);
}

static enum kf_got read_fd(struct kf_channel *c, uint8_t *where, size_t room, size_t *n, struct kf_error *err)
{
	struct fd_channel *f = (struct fd_channel *)c;
	ssize_t got = f->ends.shared ? read_shared(f, where, room) : read(f->ends.in, where, room);

	if (got > 0) {
		*n = (size_t)got;
		return KF_GOT_BYTES;
	}
	if (got == 0)
		return KF_GOT_END;
	if (errno == EAGAIN || errno == EINTR)
		return KF_GOT_NOTHING;
	kf_fail_errno(err, c->hears ? "the connection broke" : "the stream cannot be read");
	return KF_GOT_BROKEN;
}

static void want(struct kf_channel *c, bool on)
{
	struct fd_channel *f = (struct fd_channel *)c;

	if (on)
		event_add(f->readable, NULL);
	else
		event_del(f->readable);
}

static size_t waiting(const struct kf_channel *c)
{
	const struct fd_channel *f = (const struct fd_channel *)c;

	return f->broken ? 0 : evbuffer_get_length(f->out);
}

static void put(struct kf_channel *c, const void *bytes, size_t n)
{
	struct fd_channel *f = (struct fd_channel *)c;

	if (!c->hears || f->broken)
		return;
	evbuffer_add(f->out, bytes, n);
	event_add(f->writable, NULL);
}

static void shut(struct kf_channel *c)
{
	struct fd_channel *f = (struct fd_channel *)c;

	if (c->hears && !f->shut)
		shutdown(f->ends.out, SHUT_WR);	/* fails on a pipe, which needs none */
	f->shut = true;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct fd_channel *f = ctx;

	(void)fd, (void)what;
	f->channel.readable(f->channel.ctx);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct fd_channel *f = ctx;
	int n = evbuffer_write_atmost(f->out, fd, WRITE_AT_ONCE);

	(void)what;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		f->broken = true;
	if (waiting(&f->channel))
		event_add(f->writable, NULL);
	f->channel.written(f->channel.ctx);
}

static void destroy(struct kf_channel *c)
{
	struct fd_channel *f = (struct fd_channel *)c;

	if (f->readable)
		event_free(f->readable);
	if (f->writable)
		event_free(f->writable);
	if (f->out)
		evbuffer_free(f->out);
	close(f->ends.in);
	if (f->ends.out >= 0 && f->ends.out != f->ends.in)
		close(f->ends.out);
	free(f);
}

static const struct kf_channel_ops ops = {
	.read = read_fd,
	.want = want,
	.put = put,
	.waiting = waiting,
	.shut = shut,
	.destroy = destroy,
};

struct kf_channel *kf_channel_fd_create(struct event_base *base, struct kf_ends ends)
{
	struct fd_channel *f = calloc(1, sizeof(*f));

	if (!f) {
		close(ends.in);
		if (ends.out >= 0 && ends.out != ends.in)
			close(ends.out);
		return NULL;
	}
	f->channel = (struct kf_channel){ .ops = &ops, .hears = ends.out >= 0 };
	f->ends = ends;
	f->now = ends.shared && reads_now(ends.in);
	f->readable = event_new(base, ends.in, EV_READ | EV_PERSIST, on_readable, f);
	f->writable = f->channel.hears ? event_new(base, ends.out, EV_WRITE, on_writable, f) : NULL;
	f->out = evbuffer_new();
	if (f->readable && f->out && (f->writable || !f->channel.hears))
		return &f->channel;
	destroy(&f->channel);
	return NULL;
}
