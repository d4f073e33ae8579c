// SPDX-License-Identifier: GPL-2.0-or-later
// The receiver's direction of a connection; see replies.h.
#include "receiver/net/replies.h"

#include <errno.h>
#include <sys/socket.h>

#define WAITING_MAX (64u << 10)				/* bytes */
#define WRITE_AT_ONCE 4096				/* a pipe that is ready takes this much without blocking */
#define FRAME_MAX (KF_HEADER_BYTES + 64 + KF_STRING_MAX)	/* of the largest reply */

static void want_write(struct kf_replies *r)
{
	if (!kf_replies_flushed(r))
		event_add(r->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct kf_replies *r = ctx;
	int n = evbuffer_write_atmost(r->out, fd, WRITE_AT_ONCE);

	(void)what;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		r->broken = true;
	want_write(r);
	r->written(r->ctx);
}

bool kf_replies_init(struct kf_replies *r, struct event_base *base, int fd, void (*written)(void *ctx), void *ctx)
{
	*r = (struct kf_replies){
		.fd = fd, .out = evbuffer_new(), .order = kf_order_of(KF_ROLE_RECEIVER), .written = written, .ctx = ctx,
	};
	r->writable = event_new(base, fd, EV_WRITE, on_writable, r);
	return r->out && r->writable;
}

void kf_replies_deinit(struct kf_replies *r)
{
	if (r->writable)
		event_free(r->writable);
	if (r->out)
		evbuffer_free(r->out);
	*r = (struct kf_replies){ .fd = -1 };
}

static bool said_again(enum kf_type type)
{
	return type == KF_MSG_RECEIVED || type == KF_MSG_DURABLE;
}

void kf_replies_put(struct kf_replies *r, const struct kf_message *m)
{
	uint8_t preface[KF_PREFACE_BYTES], frame[FRAME_MAX];
	struct kf_writer w = kf_writer_on(frame, sizeof(frame));
	struct kf_error ignored;

	if (r->fd < 0 || r->broken || (said_again(m->type) && evbuffer_get_length(r->out) > WAITING_MAX))
		return;
	if (kf_order_take(&r->order, m, &ignored))
		return;
	if (r->number == 0) {
		kf_preface_encode(preface, KF_ROLE_RECEIVER);
		evbuffer_add(r->out, preface, sizeof(preface));
	}
	kf_encode_frame(&w, m, r->number++);
	if (!w.failed)
		evbuffer_add(r->out, frame, kf_written(&w));
	want_write(r);
}

bool kf_replies_flushed(const struct kf_replies *r)
{
	return r->fd < 0 || r->broken || evbuffer_get_length(r->out) == 0;
}

void kf_replies_shut(struct kf_replies *r)
{
	if (r->fd >= 0 && !r->shut)
		shutdown(r->fd, SHUT_WR);	/* fails on a pipe, which needs none */
	r->shut = true;
}
