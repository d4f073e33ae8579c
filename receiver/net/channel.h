/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A channel: one connection's bytes, both ways, whatever carries them. */
#ifndef KF_CHANNEL_H
#define KF_CHANNEL_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/status.h"

/*
 * All in the loop thread. Reading is pulled: while it is wanted, readable() is called as long as there may be bytes, and
 * kf_channel_read puts them where the caller needs them. What is not read stays with the peer. Writing is buffered: the caller
 * looks at kf_channel_waiting before it adds what can be left out.
 */
struct kf_channel;

enum kf_got {
	KF_GOT_BYTES,
	KF_GOT_NOTHING,		/* now; readable() will be called */
	KF_GOT_END,		/* the peer closed its direction */
	KF_GOT_BROKEN,
};

struct kf_channel_ops {
	enum kf_got (*read)(struct kf_channel *c, uint8_t *where, size_t room, size_t *n, struct kf_error *err);
	void (*want)(struct kf_channel *c, bool on);
	void (*put)(struct kf_channel *c, const void *bytes, size_t n);
	size_t (*waiting)(const struct kf_channel *c);
	void (*shut)(struct kf_channel *c);
	void (*destroy)(struct kf_channel *c);
};

#define KF_UNREAD_MAX 16	/* bytes */

/* The first member of each kind's own struct. */
struct kf_channel {
	const struct kf_channel_ops *ops;
	uint8_t unread[KF_UNREAD_MAX];	/* what was given back */
	size_t unread_bytes;
	bool hears;		/* somebody is there for what is put; of a replay nobody is */
	void (*readable)(void *ctx);
	void (*written)(void *ctx);
	void *ctx;
};

/* Who uses it from now on. Either function may destroy the channel; written() comes after each write, also one that failed. */
static inline void kf_channel_use(struct kf_channel *c, void (*readable)(void *ctx), void (*written)(void *ctx), void *ctx)
{
	c->readable = readable;
	c->written = written;
	c->ctx = ctx;
}

/* Reads up to ROOM bytes; N is set with KF_GOT_BYTES, ERR with KF_GOT_BROKEN. After KF_GOT_END and KF_GOT_BROKEN it must
 * not be wanted or read again. */
static inline enum kf_got kf_channel_read(struct kf_channel *c, uint8_t *where, size_t room, size_t *n, struct kf_error *err)
{
	if (!c->unread_bytes)
		return c->ops->read(c, where, room, n, err);
	*n = room < c->unread_bytes ? room : c->unread_bytes;
	memcpy(where, c->unread, *n);
	c->unread_bytes -= *n;
	memmove(c->unread, c->unread + *n, c->unread_bytes);
	return KF_GOT_BYTES;
}

/* Gives back the last N bytes read, at most KF_UNREAD_MAX, for whoever uses the channel next. They are read as soon as more comes, or the end. */
static inline void kf_channel_unread(struct kf_channel *c, const void *bytes, size_t n)
{
	memcpy(c->unread, bytes, n);
	c->unread_bytes = n;
}

/* Whether readable() is to be called; at first it is not. */
static inline void kf_channel_want(struct kf_channel *c, bool on)
{
	c->ops->want(c, on);
}

/* Bytes for the peer, copied. Thrown away where nobody hears or where the direction broke: a peer that closed its ear may still
 * speak, so that is no end of the channel. */
static inline void kf_channel_put(struct kf_channel *c, const void *bytes, size_t n)
{
	c->ops->put(c, bytes, n);
}

/* Bytes put that are not yet written. */
static inline size_t kf_channel_waiting(const struct kf_channel *c)
{
	return c->ops->waiting(c);
}

/* Ends our direction, so that the peer sees its end; for when nothing waits. Again is allowed. */
static inline void kf_channel_shut(struct kf_channel *c)
{
	c->ops->shut(c);
}

/* Closes the connection. NULL is allowed. */
static inline void kf_channel_destroy(struct kf_channel *c)
{
	if (c)
		c->ops->destroy(c);
}

/* Descriptors: a socket, two pipes, a file. */
struct kf_ends {
	int in;		/* not blocking, or a file; else see SHARED */
	int out;	/* may be IN; -1: nobody listens, as in a replay */
	bool shared;	/* with other processes, and so are their flags: they may block, and no read does */
};

/* A channel of plain bytes. Takes the descriptors in any case. NULL if there is no memory. */
struct kf_channel *kf_channel_fd_create(struct event_base *base, struct kf_ends ends);

#endif
