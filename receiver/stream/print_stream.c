// SPDX-License-Identifier: GPL-2.0-or-later
// Printing a whole stream from a descriptor; see print.h.
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "proto/names.h"
#include "proto/preface.h"
#include "receiver/store/journal.h"
#include "receiver/stream/feed.h"
#include "receiver/stream/print.h"

/* What is left of the beginning, which was read to see what this is, and then the rest. */
struct source {
	int fd;
	uint8_t head[KF_PREFACE_BYTES];
	size_t used, len;
};

static ssize_t read_some(int fd, void *to, size_t len)
{
	ssize_t n;

	do
		n = read(fd, to, len);
	while (n < 0 && errno == EINTR);
	return n;
}

static enum kf_status read_head(struct source *s, struct kf_error *err)
{
	while (s->len < sizeof(s->head)) {
		ssize_t n = read_some(s->fd, s->head + s->len, sizeof(s->head) - s->len);

		if (n < 0)
			return kf_fail_errno(err, "cannot read the stream");
		if (n == 0)
			return KF_OK;
		s->len += (size_t)n;
	}
	return KF_OK;
}

static ssize_t take_some(struct source *s, uint8_t *to, size_t room)
{
	size_t left = s->len - s->used;

	if (!left)
		return read_some(s->fd, to, room);
	if (left > room)
		left = room;
	memcpy(to, s->head + s->used, left);
	s->used += left;
	return (ssize_t)left;
}

/* Reads to the end of the file, also behind END: what follows there breaks the protocol. */
static enum kf_status read_all(struct kf_feed *feed, struct source *s, struct kf_error *err)
{
	uint8_t *where;
	size_t room;
	ssize_t n;

	for (;;) {
		kf_feed_space(feed, &where, &room);
		n = take_some(s, where, room);
		if (n < 0)
			return kf_fail_errno(err, "cannot read the stream");
		if (n == 0)
			return kf_feed_end(feed, err);
		if (kf_feed_advance(feed, (size_t)n, err))
			return err->status;
	}
}

static enum kf_status verdict(const struct kf_printer *p, struct kf_error *err)
{
	if (p->whole)
		return KF_OK;
	if (p->last == KF_MSG_END)
		return kf_fail(err, KF_INCOMPLETE, "the sender ended early: %s", kf_end_reason_name(p->reason));
	return kf_fail(err, KF_INCOMPLETE, p->last == KF_MSG_ABORT ? "its speaker gave up" : "the receiver stored no whole dump");
}

static enum kf_status print_frames(struct kf_printer *p, struct source *s, struct kf_error *err)
{
	struct kf_preface preface;
	enum kf_role role = KF_ROLE_SENDER;
	struct kf_feed feed;
	struct kf_error ignored;
	enum kf_status st;

	if (s->len == sizeof(s->head) && !kf_preface_decode(&preface, s->head, KF_ROLE_RECEIVER, &ignored))
		role = KF_ROLE_RECEIVER;
	else if (s->len < sizeof(s->head) || kf_preface_decode(&preface, s->head, role, &ignored))
		preface.role = 0;	/* the feed says what is wrong */
	if (preface.role)
		fprintf(p->out, "a %s's stream, version %d, optional features 0x%" PRIx32 "\n",
			role == KF_ROLE_SENDER ? "sender" : "receiver", KF_VERSION, kf_le32_at(s->head + 20));
	st = kf_feed_init(&feed, role, kf_printer_consumer(p), err);
	if (st)
		return st;
	p->at = KF_PREFACE_BYTES;
	st = read_all(&feed, s, err);
	if (!st)
		st = verdict(p, err);
	if (!st)
		fprintf(p->out, "whole: %" PRIu64 " messages, %" PRIu64 " bytes\n", p->messages, kf_parser_bytes(feed.parser));
	else if (st == KF_INVALID)
		fprintf(p->out, "not whole: at byte %" PRIu64 ": %s\n", preface.role ? p->at : 0, err->text);
	else
		fprintf(p->out, "not whole: %s\n", err->text);
	kf_feed_deinit(&feed);
	return st;
}

enum kf_status kf_print_stream(FILE *out, int fd, bool all, struct kf_error *err)
{
	struct kf_printer p = { .out = out, .all = all };
	struct source s = { .fd = fd };
	enum kf_status st = read_head(&s, err);

	if (st)
		fprintf(out, "not whole: %s\n", err->text);
	else if (s.len >= KF_JOURNAL_HEADER_BYTES && memcmp(s.head, KF_JOURNAL_MAGIC, 8) == 0)
		st = kf_print_journal(&p, fd, err);
	else
		st = print_frames(&p, &s, err);
	if (fflush(out) || ferror(out))
		return kf_fail_errno(err, "what was to be shown could not be written");
	return st;
}
