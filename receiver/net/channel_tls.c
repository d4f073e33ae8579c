// SPDX-License-Identifier: GPL-2.0-or-later
// A channel by TLS; see channel_tls.h.
//
// libevent's bufferevent shakes hands, waits for the socket and writes. It would also read, but a record of 16 KiB in each turn of the loop and
// with a copy: so once it has taken the first record, the rest is read by SSL_read straight to where the caller wants it.
#include "receiver/net/channel_tls.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/tls.h"

struct tls_channel {
	struct kf_channel channel;
	struct kf_handshake handshake;
	struct bufferevent *bev;	/* owned, with the SSL and the socket */
	struct event *again;		/* owned: there is more than was read in this turn */
	SSL *ssl;
	bool open;			/* the handshake is done */
	bool wanted, deaf;		/* readable() is; the peer does not hear us any more */
	bool more;			/* the last read did not come to the end of what is there */
	bool shut;
	enum kf_got over;		/* KF_GOT_END or KF_GOT_BROKEN, for why */
	struct kf_error why;
	bool busy, dead;		/* inside readable(); which destroyed the channel */
};

/* The errors that bufferevent took out of OpenSSL's list go back there, where kf_tls_fail looks for them. */
static void restore_errors(struct bufferevent *bev)
{
	unsigned long code, taken[4];
	size_t n = 0;

	ERR_clear_error();
	while (n < 4 && (code = bufferevent_get_openssl_error(bev)) != 0)
		taken[n++] = code;
	while (n--)
		if (ERR_GET_LIB(taken[n])) {	/* the others are what SSL_get_error said */
			ERR_new();
			ERR_set_error(ERR_GET_LIB(taken[n]), ERR_GET_REASON(taken[n]), NULL);
		}
}

static void end(struct tls_channel *t, int rc)
{
	t->over = kf_tls_fail(&t->why, t->ssl, rc) == KF_ABSENT ? KF_GOT_END : KF_GOT_BROKEN;
}

/* What bufferevent has read already comes first. */
static enum kf_got read_tls(struct kf_channel *c, uint8_t *where, size_t room, size_t *n, struct kf_error *err)
{
	struct tls_channel *t = (struct tls_channel *)c;
	struct evbuffer *in = bufferevent_get_input(t->bev);
	int rc = 1;

	if (evbuffer_get_length(in)) {
		*n = (size_t)evbuffer_remove(in, where, room);
		t->more = true;
		return KF_GOT_BYTES;
	}
	if (!t->over) {
		ERR_clear_error();
		rc = SSL_read_ex(t->ssl, where, room, n);
		t->more = rc == 1;
		if (t->more)
			return KF_GOT_BYTES;
		if (SSL_get_error(t->ssl, rc) == SSL_ERROR_WANT_READ || SSL_get_error(t->ssl, rc) == SSL_ERROR_WANT_WRITE)
			return KF_GOT_NOTHING;
		end(t, rc);
	}
	*err = t->why;
	return t->over;
}

/* In the next turn of the loop, so that others have theirs. */
static void come_again(struct tls_channel *t)
{
	static const struct timeval now;

	event_add(t->again, &now);
}

static void tell_readable(struct tls_channel *t)
{
	if (!t->wanted)
		return;
	t->busy = true;
	t->channel.readable(t->channel.ctx);
	t->busy = false;
	if (t->dead)
		free(t);
	else if (t->wanted && t->more)
		come_again(t);
}

static void want(struct kf_channel *c, bool on)
{
	struct tls_channel *t = (struct tls_channel *)c;

	t->wanted = on;
	if (on) {
		if (!t->over)
			bufferevent_enable(t->bev, EV_READ);
		come_again(t);
	} else {
		bufferevent_disable(t->bev, EV_READ);
		event_del(t->again);
	}
}

static void put(struct kf_channel *c, const void *bytes, size_t n)
{
	struct tls_channel *t = (struct tls_channel *)c;

	if (!t->deaf)
		bufferevent_write(t->bev, bytes, n);
}

static size_t waiting(const struct kf_channel *c)
{
	const struct tls_channel *t = (const struct tls_channel *)c;

	return t->deaf ? 0 : evbuffer_get_length(bufferevent_get_output(t->bev));
}

static void shut(struct kf_channel *c)
{
	struct tls_channel *t = (struct tls_channel *)c;

	if (!t->shut && !t->deaf)
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	t->shut = true;
}

static void destroy(struct kf_channel *c)
{
	struct tls_channel *t = (struct tls_channel *)c;

	if (t->again)
		event_free(t->again);
	bufferevent_setcb(t->bev, NULL, NULL, NULL, NULL);
	bufferevent_free(t->bev);
	t->dead = true;
	if (!t->busy)
		free(t);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	tell_readable(ctx);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	tell_readable(ctx);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct tls_channel *t = ctx;

	(void)bev;
	if (t->open)
		t->channel.written(t->channel.ctx);
}

/* Four records with one read, and not two reads for each. Only now: before the peer is known it costs us as little as can be. */
static void read_ahead(SSL *ssl)
{
	SSL_set_read_ahead(ssl, 1);
	SSL_set_default_read_buffer_len(ssl, 64 << 10);
	(void)SSL_free_buffers(ssl);		/* for a new one of that size; if there is something in it, it stays small */
}

static void shaken(struct tls_channel *t)
{
	t->open = true;
	read_ahead(t->ssl);
	BIO_set_callback_ex(SSL_get_rbio(t->ssl), NULL);
	bufferevent_disable(t->bev, EV_READ);
	t->handshake.done(t->handshake.ctx);
}

/* bufferevent stops both directions, whichever broke. */
static void broken(struct tls_channel *t, short what)
{
	if (what & BEV_EVENT_WRITING) {
		t->deaf = true;
		if (t->wanted && !t->over)
			bufferevent_enable(t->bev, EV_READ);
		t->channel.written(t->channel.ctx);
		return;
	}
	end(t, -1);
	bufferevent_enable(t->bev, EV_WRITE);
	tell_readable(t);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct tls_channel *t = ctx;

	if (what & BEV_EVENT_CONNECTED) {
		shaken(t);
		return;
	}
	restore_errors(bev);
	if (t->open) {
		broken(t, what);
		return;
	}
	kf_tls_fail(&t->why, t->ssl, -1);
	t->handshake.failed(t->handshake.ctx, &t->why);
}

/* Before the peer is known it may send so much and no more: for OpenSSL the connection then ends. */
static long count_bytes(BIO *bio, int what, const char *bytes, size_t len, int i, long l, int rc, size_t *done)
{
	(void)bytes, (void)len, (void)i, (void)l, (void)done;
	return what == BIO_CB_READ && BIO_number_read(bio) > KF_HANDSHAKE_BYTES ? 0 : rc;
}

static const struct kf_channel_ops ops = {
	.read = read_tls,
	.want = want,
	.put = put,
	.waiting = waiting,
	.shut = shut,
	.destroy = destroy,
};

static struct bufferevent *make_bev(struct event_base *base, SSL *ssl, int fd)
{
	struct bufferevent *bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);

	if (bev)
		return bev;
	SSL_free(ssl);
	close(fd);
	return NULL;
}

struct kf_channel *kf_channel_tls_create(struct event_base *base, SSL *ssl, int fd, const struct kf_handshake *handshake)
{
	struct bufferevent *bev = make_bev(base, ssl, fd);
	struct tls_channel *t = bev ? calloc(1, sizeof(*t)) : NULL;

	if (!t) {
		if (bev)
			bufferevent_free(bev);
		return NULL;
	}
	t->channel = (struct kf_channel){ .ops = &ops, .hears = true };
	t->handshake = *handshake;
	t->bev = bev;
	t->ssl = ssl;
	t->again = evtimer_new(base, on_again, t);
	BIO_set_callback_ex(SSL_get_rbio(ssl), count_bytes);
	bufferevent_setcb(bev, on_read, on_written, on_event, t);
	if (t->again)
		return &t->channel;
	destroy(&t->channel);
	return NULL;
}
