// SPDX-License-Identifier: GPL-2.0-or-later
// Printing a whole stream from a descriptor; see print.h.
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "proto/names.h"
#include "receiver/stream/feed.h"
#include "receiver/stream/print.h"

/* Reads to the end of the file, also behind END: what follows there breaks the protocol. */
static enum kf_status read_all(struct kf_feed *feed, int fd, struct kf_error *err)
{
	uint8_t *where;
	size_t room;
	ssize_t n;

	for (;;) {
		kf_feed_space(feed, &where, &room);
		n = read(fd, where, room);
		if (n < 0 && errno == EINTR)
			continue;
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
	if (p->last != KF_MSG_END)
		return kf_fail(err, KF_INCOMPLETE, "the sender gave up");
	if (p->reason != KF_END_COMPLETE)
		return kf_fail(err, KF_INCOMPLETE, "the sender ended early: %s", kf_end_reason_name(p->reason));
	return KF_OK;
}

enum kf_status kf_print_stream(FILE *out, int fd, struct kf_error *err)
{
	struct kf_printer p = { .out = out };
	struct kf_feed feed;
	enum kf_status st = kf_feed_init(&feed, KF_ROLE_SENDER, kf_printer_consumer(&p), err);

	if (st)
		return st;
	st = read_all(&feed, fd, err);
	if (!st)
		st = verdict(&p, err);
	if (st)
		fprintf(out, "not whole: %s\n", err->text);
	else
		fprintf(out, "whole: %" PRIu64 " messages, %" PRIu64 " bytes\n", p.messages, kf_parser_bytes(feed.parser));
	kf_feed_deinit(&feed);
	if (fflush(out) || ferror(out))
		return kf_fail_errno(err, "what was to be shown could not be written");
	return st;
}
